import { DeleteMessageCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { onTestFinished } from 'vitest';
import type { LogRecord } from '../../local/logs/log-record.ts';
import { type LocalWorld, type LocalWorldOptions, startLocalWorld } from '../../local/world.ts';
import { LOCAL_ACCESS } from '../support/local-access.ts';
import { tellFake } from '../support/tell-fake.ts';
import { tempDir } from '../support/temp-dir.ts';

/** Faster than in production, by configuration alone. */
const QUICK = { POLL_TICK_MS: '500', RATE_LIMIT_PER_SECOND: '1000', REQUEUE_AFTER_MS: '5000' };

type OnEnd = (end: () => Promise<void>) => void;

/** A world of its own for one test, stopped at its end, or when `onEnd` says. */
export async function startTestWorld(
  options: LocalWorldOptions = {},
  onEnd: OnEnd = onTestFinished,
): Promise<TestWorld> {
  const logs: LogRecord[] = [];
  const local = await startLocalWorld({
    port: 0,
    ...options,
    dataDir: options.dataDir ?? (await tempDir(onEnd)),
    env: { ...QUICK, ...options.env },
    onLog: (record) => logs.push(record),
  });
  onEnd(() => local.stop());
  const sqs = new SQSClient({ ...LOCAL_ACCESS, endpoint: local.description.sqs });
  onEnd(async () => sqs.destroy());
  return new TestWorld(local, logs, sqs);
}

/** Waits until the condition holds, looking often; throws with what was seen last when it never does. */
export async function until<Value>(
  look: () => Value | Promise<Value>,
  holds: (value: Value) => boolean,
  boundMs = 30_000,
): Promise<Value> {
  const giveUpAt = Date.now() + boundMs;
  for (;;) {
    const value = await look();
    if (holds(value)) return value;
    if (Date.now() > giveUpAt)
      throw new Error(`never held; last seen: ${JSON.stringify(value)?.slice(0, 2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export type Answer = { status: number; body: Record<string, unknown>; headers: Headers };

export async function call(url: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  const body = v.parse(v.record(v.string(), v.unknown()), await response.json());
  return { status: response.status, body, headers: response.headers };
}

const activationsBody = v.object({ activations: v.array(v.object({ activationId: v.string() })) });

export function activationIdsOf(body: unknown): string[] {
  return v.parse(activationsBody, body).activations.map(({ activationId }) => activationId);
}

const batchBody = v.object({
  total: v.number(),
  done: v.boolean(),
  counts: v.object({ queued: v.number(), pending: v.number(), completed: v.number(), failed: v.number() }),
});
type SeenBatch = v.InferOutput<typeof batchBody>;

const readBatch = async (apiUrl: string, batchId: unknown) =>
  v.parse(batchBody, (await call(`${apiUrl}/batches/${batchId}`)).body);

/** Waits until the last activation of the batch has ended. */
export function untilDone(apiUrl: string, batchId: unknown, boundMs?: number): Promise<SeenBatch> {
  return until(
    () => readBatch(apiUrl, batchId),
    ({ done }) => done,
    boundMs,
  );
}

const activationBody = v.looseObject({
  status: v.string(),
  generation: v.number(),
  attempts: v.number(),
  lastError: v.optional(v.looseObject({ code: v.string() })),
});
type SeenActivation = v.InferOutput<typeof activationBody>;

const callsBody = v.object({
  calls: v.array(
    v.looseObject({
      seq: v.number(),
      at: v.number(),
      action: v.string(),
      flowLogIds: v.array(v.string()),
      clientToken: v.optional(v.string()),
      account: v.optional(v.string()),
      region: v.optional(v.string()),
      accessKey: v.optional(v.string()),
      userAgent: v.string(),
      httpStatus: v.nullable(v.number()),
    }),
  ),
});

const eventMessage = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ detail: v.looseObject({ id: v.string(), type: v.string() }) }),
);
export type SeenEvent = v.InferOutput<typeof eventMessage>['detail'];

/** A local world as its callers, its subscribers and the fake Volcengine see it. */
export class TestWorld {
  readonly local: LocalWorld;
  readonly logs: LogRecord[];
  readonly sqs: SQSClient;

  constructor(local: LocalWorld, logs: LogRecord[], sqs: SQSClient) {
    this.local = local;
    this.logs = logs;
    this.sqs = sqs;
  }

  get apiUrl() {
    return this.local.apiUrl;
  }

  get description() {
    return this.local.description;
  }

  /** POSTs it to the API as JSON; nothing at all when it is undefined. */
  postTo(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const json = { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
    return call(this.apiUrl + path, { method: 'POST', ...(body !== undefined && json) });
  }

  post(body: unknown): Promise<Answer> {
    return this.postTo('/activations', body);
  }

  /** Asks for all at once, and gives their ids. */
  async request(...flowLogIds: string[]): Promise<string[]> {
    return activationIdsOf((await this.post({ flowLogIds })).body);
  }

  redrive(activationId: string, body?: unknown): Promise<Answer> {
    return this.postTo(`/activations/${activationId}/redrive`, body);
  }

  /** Redrives once what has ended is told; until then it is refused with 503. */
  redriveWhenTold(activationId: string): Promise<Answer> {
    return until(
      () => this.redrive(activationId),
      ({ status }) => status !== 503,
    );
  }

  checkDrift(): Promise<Response> {
    const url = `${this.apiUrl}/2015-03-31/functions/check-drift/invocations`;
    return fetch(url, { method: 'POST', body: '{}' });
  }

  batch(batchId: unknown): Promise<SeenBatch> {
    return readBatch(this.apiUrl, batchId);
  }

  untilBatch(batchId: unknown, holds: (seen: SeenBatch) => boolean, boundMs?: number): Promise<SeenBatch> {
    return until(() => this.batch(batchId), holds, boundMs);
  }

  untilDone(batchId: unknown, boundMs?: number): Promise<SeenBatch> {
    return untilDone(this.apiUrl, batchId, boundMs);
  }

  /** Returns the first line with this message. */
  untilLogged(
    message: string,
    holds: (line: LogRecord) => boolean = () => true,
  ): Promise<LogRecord | undefined> {
    const find = () => this.logs.find((line) => line.message === message && holds(line));
    return until(find, (line) => line !== undefined);
  }

  async activation(activationId: string): Promise<SeenActivation> {
    return v.parse(activationBody, (await call(`${this.apiUrl}/activations/${activationId}`)).body);
  }

  untilActivation(activationId: string, holds: (seen: SeenActivation) => boolean): Promise<SeenActivation> {
    return until(() => this.activation(activationId), holds);
  }

  /** Every call that the fake Volcengine got, of any action or of one, from its own log. */
  async volcengineCalls(action?: 'ActiveFlowLog' | 'DeactiveFlowLog' | 'DescribeFlowLogs') {
    const { body } = await call(`${this.description.volcengine}/_fake/calls`);
    const { calls } = v.parse(callsBody, body);
    return action === undefined ? calls : calls.filter((one) => one.action === action);
  }

  addFaults(faults: unknown): Promise<void> {
    return tellFake(this.description.volcengine, 'faults', faults);
  }

  changeSettings(change: unknown): Promise<void> {
    return tellFake(this.description.volcengine, 'settings', change);
  }

  seed(flowLogId: string, change: Record<string, unknown> = {}): Promise<void> {
    const flowLog = { region: 'cn-beijing', flowLogId, pendingMs: 100, ...change };
    return tellFake(this.description.volcengine, 'flow-logs', flowLog);
  }

  /** Takes up to ten messages from a queue. */
  async #take(QueueUrl: string | undefined, most: number): Promise<Message[]> {
    const { Messages = [] } = await this.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: most,
        WaitTimeSeconds: 1,
        MessageAttributeNames: ['All'],
      }),
    );
    for (const { ReceiptHandle } of Messages) {
      await this.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
    return Messages;
  }

  /** Takes one message from a queue, waiting for it. */
  async receive(queueUrl: string | undefined): Promise<Message | undefined> {
    const [message] = await until(
      () => this.#take(queueUrl, 1),
      ({ length }) => length > 0,
    );
    return message;
  }

  /** Every event that the bus delivers from now on, in order; `look` takes what has come. */
  watchEvents() {
    const seen: SeenEvent[] = [];
    const look = async () => {
      const messages = await this.#take(this.description.queues.events, 10);
      seen.push(...messages.map(({ Body }) => v.parse(eventMessage, Body).detail));
      return seen;
    };
    return { seen, look };
  }
}

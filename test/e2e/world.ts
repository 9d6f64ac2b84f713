import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { onTestFinished } from 'vitest';
import type { LogRecord } from '../../local/logs/log-record.ts';
import { type LocalWorld, type LocalWorldOptions, startLocalWorld } from '../../local/world.ts';
import { LOCAL_ACCESS } from '../support/local-access.ts';
import { tempDir } from '../support/temp-dir.ts';

export type TestWorld = LocalWorld & { logs: LogRecord[]; dataDir: string; sqs: SQSClient };

/** Faster than in production, by configuration alone. */
const QUICK = { POLL_TICK_MS: '500', RATE_LIMIT_PER_SECOND: '1000', REQUEUE_AFTER_MS: '5000' };

type OnEnd = (end: () => Promise<void>) => void;

/** A world of its own for one test, stopped at its end, or when `onEnd` says. */
export async function startTestWorld(
  options: LocalWorldOptions = {},
  onEnd: OnEnd = onTestFinished,
): Promise<TestWorld> {
  const dataDir = options.dataDir ?? (await tempDir(onEnd));
  const logs: LogRecord[] = [];
  const world = await startLocalWorld({
    port: 0,
    ...options,
    dataDir,
    env: { ...QUICK, ...options.env },
    onLog: (record) => logs.push(record),
  });
  onEnd(() => world.stop());
  const sqs = new SQSClient({ ...LOCAL_ACCESS, endpoint: world.description.sqs });
  onEnd(async () => sqs.destroy());
  return Object.assign(Object.create(world), { logs, dataDir, sqs });
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

/** POSTs it to the API as JSON; nothing at all when it is undefined. */
export function postTo(
  world: LocalWorld,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const json = { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
  return call(world.apiUrl + path, { method: 'POST', ...(body !== undefined && json) });
}

export const post = (world: LocalWorld, body: unknown) => postTo(world, '/activations', body);

const activationsBody = v.object({ activations: v.array(v.object({ activationId: v.string() })) });

/** Asks for all at once, and gives their ids. */
export async function request(world: LocalWorld, ...flowLogIds: string[]): Promise<string[]> {
  return activationIdsOf((await post(world, { flowLogIds })).body);
}

export function activationIdsOf(body: unknown): string[] {
  return v.parse(activationsBody, body).activations.map(({ activationId }) => activationId);
}

export const redrive = (world: LocalWorld, activationId: string, body?: unknown) =>
  postTo(world, `/activations/${activationId}/redrive`, body);

export const checkDrift = (world: LocalWorld) =>
  fetch(`${world.apiUrl}/2015-03-31/functions/check-drift/invocations`, { method: 'POST', body: '{}' });

const batchBody = v.object({
  total: v.number(),
  done: v.boolean(),
  counts: v.object({ queued: v.number(), pending: v.number(), completed: v.number(), failed: v.number() }),
});

export async function batch(world: LocalWorld, batchId: unknown) {
  return v.parse(batchBody, (await call(`${world.apiUrl}/batches/${batchId}`)).body);
}

type SeenBatch = v.InferOutput<typeof batchBody>;

/** Waits until it is so with the batch: if not said otherwise, until its last activation has ended. */
export function untilBatch(
  world: LocalWorld,
  batchId: unknown,
  holds: (seen: SeenBatch) => boolean = ({ done }) => done,
  boundMs?: number,
): Promise<SeenBatch> {
  return until(() => batch(world, batchId), holds, boundMs);
}

const activationBody = v.looseObject({
  status: v.string(),
  generation: v.number(),
  attempts: v.number(),
  lastError: v.optional(v.looseObject({ code: v.string() })),
});

export async function activationOf(world: LocalWorld, activationId: string) {
  return v.parse(activationBody, (await call(`${world.apiUrl}/activations/${activationId}`)).body);
}

type SeenActivation = v.InferOutput<typeof activationBody>;

export function untilActivation(
  world: LocalWorld,
  activationId: string,
  holds: (seen: SeenActivation) => boolean,
): Promise<SeenActivation> {
  return until(() => activationOf(world, activationId), holds);
}

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

/** Every call that the fake Volcengine got, of any action or of one, from its own log. */
export async function volcengineCalls(world: LocalWorld, action?: 'ActiveFlowLog' | 'DescribeFlowLogs') {
  const { body } = await call(`${world.description.volcengine}/_fake/calls`);
  const { calls } = v.parse(callsBody, body);
  return action === undefined ? calls : calls.filter((one) => one.action === action);
}

/** Tells the fake Volcengine something. Throws when it refuses that. */
async function tellFake(world: LocalWorld, path: string, value: unknown): Promise<void> {
  const init = { method: 'POST', body: JSON.stringify(value) };
  const { status, body } = await call(`${world.description.volcengine}/_fake/${path}`, init);
  if (status !== 200) throw new Error(JSON.stringify(body));
}

export const addFaults = (world: LocalWorld, faults: unknown) => tellFake(world, 'faults', faults);

export const changeSettings = (world: LocalWorld, change: unknown) => tellFake(world, 'settings', change);

export const seedFlowLog = (world: LocalWorld, flowLogId: string, change: Record<string, unknown> = {}) =>
  tellFake(world, 'flow-logs', { region: 'cn-beijing', flowLogId, pendingMs: 100, ...change });

/** Takes one message from a queue, waiting for it. */
export async function receive(world: TestWorld, queueUrl: string | undefined) {
  const take = async () => {
    const { Messages = [] } = await world.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 1, MessageAttributeNames: ['All'] }),
    );
    return Messages[0];
  };
  const message = await until(take, (received) => received !== undefined);
  await world.sqs.send(
    new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: message?.ReceiptHandle }),
  );
  return message;
}

const eventMessage = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ detail: v.looseObject({ id: v.string(), type: v.string() }) }),
);
export type SeenEvent = v.InferOutput<typeof eventMessage>['detail'];

/** Every event that the bus delivers from now on, in order; `look` takes what has come. */
export function watchEvents(world: TestWorld) {
  const seen: SeenEvent[] = [];
  const QueueUrl = world.description.queues.events;
  return {
    seen,
    async look(): Promise<SeenEvent[]> {
      const { Messages = [] } = await world.sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      );
      for (const { Body, ReceiptHandle } of Messages) {
        seen.push(v.parse(eventMessage, Body).detail);
        await world.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
      return seen;
    },
  };
}

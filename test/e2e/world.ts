import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { onTestFinished } from 'vitest';
import type { LogRecord } from '../../local/logs/log-record.ts';
import { type LocalWorld, type LocalWorldOptions, startLocalWorld } from '../../local/world.ts';

export type TestWorld = LocalWorld & { logs: LogRecord[]; dataDir: string; sqs: SQSClient };

/** Faster than in production, by configuration alone. */
export const QUICK = { POLL_TICK_MS: '500', RATE_LIMIT_PER_SECOND: '1000', REQUEUE_AFTER_MS: '5000' };

export async function tempDir(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'flow-log-activator-e2e-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  return dataDir;
}

/** A world of its own for one test, stopped at its end. */
export async function startTestWorld(options: LocalWorldOptions = {}): Promise<TestWorld> {
  const dataDir = options.dataDir ?? (await tempDir());
  const logs: LogRecord[] = [];
  const world = await startLocalWorld({
    port: 0,
    ...options,
    dataDir,
    env: { ...QUICK, ...options.env },
    onLog: (record) => logs.push(record),
  });
  onTestFinished(() => world.stop());
  const sqs = new SQSClient({
    endpoint: world.description.sqs,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  onTestFinished(() => sqs.destroy());
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

export function post(
  world: LocalWorld,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return call(`${world.apiUrl}/activations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

const batchBody = v.object({
  total: v.number(),
  done: v.boolean(),
  counts: v.object({ queued: v.number(), pending: v.number(), completed: v.number(), failed: v.number() }),
});

export async function batch(world: LocalWorld, batchId: unknown) {
  return v.parse(batchBody, (await call(`${world.apiUrl}/batches/${batchId}`)).body);
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

const callsBody = v.object({
  calls: v.array(
    v.looseObject({
      seq: v.number(),
      at: v.number(),
      action: v.string(),
      flowLogIds: v.array(v.string()),
      clientToken: v.optional(v.string()),
    }),
  ),
});

/** Every call that the fake Volcengine got, from its own log. */
export async function volcengineCalls(world: LocalWorld) {
  const { body } = await call(`${world.description.volcengine}/_fake/calls`);
  return v.parse(callsBody, body).calls;
}

export async function addFaults(world: LocalWorld, faults: unknown): Promise<void> {
  const { status, body } = await call(`${world.description.volcengine}/_fake/faults`, {
    method: 'POST',
    body: JSON.stringify(faults),
  });
  if (status !== 200) throw new Error(JSON.stringify(body));
}

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

import { type SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeEach, expect, test } from 'vitest';
import type { DelayedJob } from '../../../lib/activation/model/message-ports.ts';
import { createSqsActivationQueue } from '../../../lib/aws/sqs-activation-queue.ts';
import { anActivation } from '../../support/fakes/activations.ts';
import { RecordingLog } from '../../support/fakes/ports.ts';

type Entry = { body: unknown; delaySeconds: number };

let requests: Entry[][];
let log: RecordingLog;
let isRefused: (body: string) => boolean;

const client: SQSClient = Object.assign(Object.create(SQSClient.prototype), {
  async send(command: SendMessageBatchCommand) {
    const { Entries = [] } = command.input;
    requests.push(
      Entries.map(({ MessageBody = '', DelaySeconds = 0 }) => ({
        body: JSON.parse(MessageBody),
        delaySeconds: DelaySeconds,
      })),
    );
    const refused = Entries.filter(({ MessageBody = '' }) => isRefused(MessageBody));
    const stored = Entries.filter((entry) => !refused.includes(entry));
    return {
      Successful: stored.map(({ Id }) => ({ Id })),
      Failed: refused.map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false })),
    };
  },
});

beforeEach(() => {
  requests = [];
  log = new RecordingLog();
  isRefused = () => false;
});

const queue = () => createSqsActivationQueue(client, 'work', log);
const jobOf = (flowLogId: string, account = 'default') => ({
  activationId: anActivation({ flowLogId, account }).activationId,
  generation: 1,
});
const delayed = (flowLogId: string, delayMs: number, account?: string): DelayedJob => ({
  job: jobOf(flowLogId, account),
  delayMs,
});

test('the jobs of one account for the same second go in one message', async () => {
  const jobs = [delayed('fl-1', 0), delayed('fl-2', 700), delayed('fl-3', 900), delayed('fl-4', 1_001)];
  expect(await queue().enqueue(jobs)).toEqual({ failed: 0 });
  expect(requests).toEqual([
    [
      { body: jobOf('fl-1'), delaySeconds: 0 },
      { body: { ...jobOf('fl-2'), others: [jobOf('fl-3')] }, delaySeconds: 1 },
      { body: jobOf('fl-4'), delaySeconds: 2 },
    ],
  ]);
});

test('jobs of two accounts are never in one message', async () => {
  await queue().enqueue([delayed('fl-1', 0), delayed('fl-1', 0, 'second'), delayed('fl-2', 0)]);
  expect(requests.flat().map(({ body }) => body)).toEqual([
    { ...jobOf('fl-1'), others: [jobOf('fl-2')] },
    jobOf('fl-1', 'second'),
  ]);
});

test('more than ten jobs for one second are several messages, and more than ten messages several requests', async () => {
  const jobs = Array.from({ length: 101 }, (_, index) => delayed(`fl-${index}`, 0));
  await queue().enqueue(jobs);
  expect(requests.map(({ length }) => length).sort()).toEqual([1, 10]);
  const bodies = requests.flat().map(({ body }) => body as { others?: unknown[] });
  expect(bodies.map(({ others = [] }) => others.length + 1).sort()).toEqual([1, ...Array(10).fill(10)]);
});

test.each([
  ['one that is to be alone', { ...delayed('fl-2', 0), isAlone: true } as const],
  ['one that waits longer than SQS can delay', { job: { ...jobOf('fl-2'), turnAt: 1 }, delayMs: 0 }],
  ['a redrive', { job: { ...jobOf('fl-2'), redrive: true }, delayMs: 0 } as const],
])('%s has a message of its own', async (_what, single: DelayedJob) => {
  await queue().enqueue([delayed('fl-1', 0), single, delayed('fl-3', 0)]);
  expect(requests.flat().map(({ body }) => body)).toEqual([
    { ...jobOf('fl-1'), others: [jobOf('fl-3')] },
    single.job,
  ]);
});

test('what is enqueued at the same time goes in one request; each caller hears of its own jobs', async () => {
  isRefused = (body) => body.includes('fl-3');
  const work = queue();
  const outcomes = await Promise.all([
    work.enqueue([delayed('fl-1', 0), delayed('fl-2', 5_000)]),
    work.enqueue([delayed('fl-3', 9_000), delayed('fl-4', 9_000)]),
    work.enqueue([]),
  ]);
  expect(outcomes).toEqual([{ failed: 0 }, { failed: 2 }, { failed: 0 }]);
  expect(requests).toHaveLength(1);
  expect(log.lines).toMatchObject([{ message: 'jobs could not be sent', fields: { jobs: 2 } }]);
});

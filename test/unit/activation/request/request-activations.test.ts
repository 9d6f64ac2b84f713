import { beforeEach, expect, test } from 'vitest';
import { JOINERS_LIMIT } from '../../../../lib/activation/model/activation.ts';
import { complete } from '../../../../lib/activation/model/endings.ts';
import { IdempotencyKeyReused, RequestUnfinished } from '../../../../lib/activation/model/errors.ts';
import {
  type ActivationRequest,
  requestActivations,
} from '../../../../lib/activation/request/request-activations.ts';
import { aRequest } from '../../../support/builders/activations.ts';
import { inMemoryDeps } from '../../../support/builders/in-memory-deps.ts';
import { batchIdOf, flowLogOf, policy, START } from '../../../support/fakes/activations.ts';
import { beforeCall } from '../../../support/fakes/before-call.ts';

let deps = inMemoryDeps();
let { store, queue } = deps;

beforeEach(() => {
  let drawn = 100;
  deps = { ...inMemoryDeps(), newBatchId: () => batchIdOf(++drawn) };
  ({ store, queue } = deps);
});

/** With a key if one is given. */
const ask = (
  idempotencyKey?: string,
  flowLogIds = ['fl-1', 'fl-2'],
  change: Partial<ActivationRequest> = {},
) =>
  requestActivations(
    deps,
    aRequest(flowLogIds, {
      metadata: { ticket: 'OPS-1' },
      ...(idempotencyKey && { idempotencyKey }),
      ...change,
    }),
  );

test('opens each flow log once, in the order of the request, and enqueues a job for each', async () => {
  const response = await ask(undefined, ['fl-2', 'fl-1', 'fl-2']);
  expect(response.activations).toEqual([
    {
      activationId: `default.cn-beijing.fl-2.${response.batchId}`,
      flowLogId: 'fl-2',
      region: 'cn-beijing',
      account: 'default',
      status: 'queued',
      joined: false,
    },
    expect.objectContaining({ flowLogId: 'fl-1', joined: false }),
  ]);
  expect(queue.enqueued.map(({ job, delayMs }) => [job.activationId, job.generation, delayMs])).toEqual(
    response.activations.map(({ activationId }) => [activationId, 1, 0]),
  );
});

test('writes the batch before any activation', async () => {
  await ask();
  expect(store.writes).toEqual(['createBatch', 'open', 'open']);
});

test('the same key and content return the same ids with the current status; only activations without an attempt get a job again', async () => {
  const first = await ask('k');
  await store.change('fl-1', (opened) => complete(opened, false, START));
  queue.enqueued.length = 0;
  const again = await ask('k', ['fl-2', 'fl-1']);
  expect(again.batchId).toBe(first.batchId);
  expect(again.activations).toEqual([{ ...first.activations[0], status: 'completed' }, first.activations[1]]);
  expect(queue.enqueued.map(({ job }) => job.activationId)).toEqual([first.activations[1]?.activationId]);
});

test.each([
  ['other flow logs', { flowLogs: [flowLogOf('fl-3')] }],
  ['another region', { flowLogs: [{ ...flowLogOf('fl-1'), region: 'cn-shanghai' }] }],
  ['other metadata', { metadata: {} }],
])('the same key with %s is refused, and nothing is written', async (_what, other) => {
  await ask('k');
  const writes = store.writes.length;
  await expect(ask('k', undefined, other)).rejects.toThrow(IdempotencyKeyReused);
  expect(store.writes).toHaveLength(writes);
});

test('the same key of another caller makes another request', async () => {
  const mine = await ask('k');
  const theirs = await ask('k', undefined, { callerScope: 'iam:1:AROA', metadata: {} });
  expect(theirs.batchId).not.toBe(mine.batchId);
});

test('a second request joins the open activation once, and its response says so', async () => {
  const first = await ask();
  const second = await ask('second');
  const replayed = await ask('second');
  expect(second.activations).toEqual(
    first.activations.map((activation) => ({ ...activation, joined: true })),
  );
  expect(replayed).toEqual(second);
  expect((await store.currentOf('fl-1')).joiners).toEqual([second.batchId]);
  expect(queue.enqueued).toHaveLength(2);
});

test('after a final activation a new one is opened, and a replay of the old request still finds its own', async () => {
  const first = await ask('first', ['fl-1']);
  const joined = await ask('joined', ['fl-1']);
  await store.change('fl-1', (opened) => complete(opened, false, START));
  const second = await ask('second', ['fl-1']);
  expect(second.activations[0]).toMatchObject({ status: 'queued', joined: false });

  const replays = [await ask('first', ['fl-1']), await ask('joined', ['fl-1'])];
  expect(replays.map(({ activations }) => activations[0])).toEqual([
    { ...first.activations[0], status: 'completed' },
    { ...joined.activations[0], status: 'completed' },
  ]);
});

test('many requests for one flow log at once: one opens, all others join', async () => {
  const responses = await Promise.all(Array.from({ length: 25 }, (_, index) => ask(`k${index}`, ['fl-1'])));
  const activations = responses.map((response) => response.activations[0]);
  expect(new Set(activations.map((activation) => activation?.activationId)).size).toBe(1);
  expect(activations.filter((activation) => activation?.joined)).toHaveLength(24);
  expect((await store.currentOf('fl-1')).joiners).toHaveLength(24);
});

test('activations that were opened before a failure have their jobs, and a replay opens the rest', async () => {
  const recover = beforeCall(store, 'open', ({ flowLogId }) => {
    if (flowLogId === 'fl-2') throw new Error('table down');
  });
  await expect(ask('k')).rejects.toThrow('table down');
  expect(queue.enqueued).toHaveLength(1);
  recover();
  const response = await ask('k');
  expect(response.activations.map(({ status, joined }) => [status, joined])).toEqual([
    ['queued', false],
    ['queued', false],
  ]);
  expect(new Set(queue.enqueued.map(({ job }) => job.activationId)).size).toBe(2);
});

test('a job that cannot be sent does not fail the request, because the item is due', async () => {
  queue.broken = true;
  await ask();
  expect((await store.currentOf('fl-1')).dueAt).toBe(START + policy.requeueAfterMs);
  expect(deps.log.lines).toContainEqual(
    expect.objectContaining({ fields: expect.objectContaining({ jobsNotSent: 2 }) }),
  );
});

test('an activation with the maximum of joiners leaves the request unfinished, and the other flow logs are opened', async () => {
  await ask(undefined, ['fl-1']);
  const joiners = Array.from({ length: JOINERS_LIMIT }, (_, index) => batchIdOf(1000 + index));
  await store.change('fl-1', (open) => ({ ...open, joiners }));
  await expect(ask('k', ['fl-1', 'fl-2', 'fl-3'])).rejects.toThrow(RequestUnfinished);
  expect([...store.current.keys()]).toHaveLength(3);
  expect(queue.enqueued).toHaveLength(3);
});

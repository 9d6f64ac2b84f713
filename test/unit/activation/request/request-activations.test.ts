import { expect, test } from 'vitest';
import { JOINERS_LIMIT } from '../../../../lib/activation/model/activation.ts';
import { complete } from '../../../../lib/activation/model/endings.ts';
import { IdempotencyKeyReused, RequestUnfinished } from '../../../../lib/activation/model/errors.ts';
import {
  type ActivationRequest,
  requestActivations,
} from '../../../../lib/activation/request/request-activations.ts';
import { inMemoryDeps } from '../../../support/builders/in-memory-deps.ts';
import { batchIdOf, flowLogOf, policy, START } from '../../../support/fakes/activations.ts';

function world() {
  let drawn = 100;
  return { ...inMemoryDeps(), newBatchId: () => batchIdOf(++drawn) };
}

const asks = (change: Partial<ActivationRequest> = {}): ActivationRequest => ({
  callerScope: 'api',
  flowLogs: [flowLogOf('fl-1'), flowLogOf('fl-2')],
  metadata: { ticket: 'OPS-1' },
  source: 'api',
  requestedBy: 'someone',
  ...change,
});

test('opens each flow log once, in the order of the request, and enqueues a job for each', async () => {
  const deps = world();
  const answer = await requestActivations(deps, asks({ flowLogs: ['fl-2', 'fl-1', 'fl-2'].map(flowLogOf) }));
  expect(answer.activations).toEqual([
    {
      activationId: `default.cn-beijing.fl-2.${answer.batchId}`,
      flowLogId: 'fl-2',
      region: 'cn-beijing',
      account: 'default',
      status: 'queued',
      joined: false,
    },
    expect.objectContaining({ flowLogId: 'fl-1', joined: false }),
  ]);
  expect(deps.queue.enqueued.map(({ job, delayMs }) => [job.activationId, job.generation, delayMs])).toEqual(
    answer.activations.map(({ activationId }) => [activationId, 1, 0]),
  );
});

test('writes the batch before any activation', async () => {
  const deps = world();
  await requestActivations(deps, asks());
  expect(deps.store.writes).toEqual(['createBatch', 'open', 'open']);
});

test('the same key and content return the same ids with the current status; only activations without an attempt get a job again', async () => {
  const deps = world();
  const first = await requestActivations(deps, asks({ idempotencyKey: 'k' }));
  const opened = await deps.store.readCurrent(flowLogOf('fl-1'));
  if (opened) await deps.store.transition(opened, complete(opened, false, START));
  deps.queue.enqueued.length = 0;
  const again = await requestActivations(
    deps,
    asks({ idempotencyKey: 'k', flowLogs: [flowLogOf('fl-2'), flowLogOf('fl-1')] }),
  );
  expect(again.batchId).toBe(first.batchId);
  expect(again.activations).toEqual([{ ...first.activations[0], status: 'completed' }, first.activations[1]]);
  expect(deps.queue.enqueued.map(({ job }) => job.activationId)).toEqual([
    first.activations[1]?.activationId,
  ]);
});

test.each([
  ['other flow logs', asks({ idempotencyKey: 'k', flowLogs: [flowLogOf('fl-3')] })],
  [
    'another region',
    asks({ idempotencyKey: 'k', flowLogs: [{ ...flowLogOf('fl-1'), region: 'cn-shanghai' }] }),
  ],
  ['other metadata', asks({ idempotencyKey: 'k', metadata: {} })],
])('the same key with %s is refused, and nothing is written', async (_what, other) => {
  const deps = world();
  await requestActivations(deps, asks({ idempotencyKey: 'k' }));
  const writes = deps.store.writes.length;
  await expect(requestActivations(deps, other)).rejects.toThrow(IdempotencyKeyReused);
  expect(deps.store.writes).toHaveLength(writes);
});

test('the same key of another caller makes another request', async () => {
  const deps = world();
  const mine = await requestActivations(deps, asks({ idempotencyKey: 'k' }));
  const theirs = await requestActivations(
    deps,
    asks({ idempotencyKey: 'k', callerScope: 'iam:1:AROA', metadata: {} }),
  );
  expect(theirs.batchId).not.toBe(mine.batchId);
});

test('a second request joins the open activation once, and its response says so', async () => {
  const deps = world();
  const first = await requestActivations(deps, asks());
  const second = await requestActivations(deps, asks({ idempotencyKey: 'second' }));
  const replayed = await requestActivations(deps, asks({ idempotencyKey: 'second' }));
  expect(second.activations).toEqual(
    first.activations.map((activation) => ({ ...activation, joined: true })),
  );
  expect(replayed).toEqual(second);
  expect((await deps.store.readCurrent(flowLogOf('fl-1')))?.joiners).toEqual([second.batchId]);
  expect(deps.queue.enqueued).toHaveLength(2);
});

test('after a final activation a new one is opened, and a replay of the old request still finds its own', async () => {
  const deps = world();
  const flowLogs = [flowLogOf('fl-1')];
  const first = await requestActivations(deps, asks({ idempotencyKey: 'first', flowLogs }));
  const joined = await requestActivations(deps, asks({ idempotencyKey: 'joined', flowLogs }));
  const opened = await deps.store.readCurrent(flowLogOf('fl-1'));
  if (opened) await deps.store.transition(opened, complete(opened, false, START));
  const second = await requestActivations(deps, asks({ idempotencyKey: 'second', flowLogs }));
  expect(second.activations[0]).toMatchObject({ status: 'queued', joined: false });

  const replays = [
    await requestActivations(deps, asks({ idempotencyKey: 'first', flowLogs })),
    await requestActivations(deps, asks({ idempotencyKey: 'joined', flowLogs })),
  ];
  expect(replays.map(({ activations }) => activations[0])).toEqual([
    { ...first.activations[0], status: 'completed' },
    { ...joined.activations[0], status: 'completed' },
  ]);
});

test('many requests for one flow log at once: one opens, all others join', async () => {
  const deps = world();
  const answers = await Promise.all(
    Array.from({ length: 25 }, (_, index) =>
      requestActivations(deps, asks({ idempotencyKey: `k${index}`, flowLogs: [flowLogOf('fl-1')] })),
    ),
  );
  const activations = answers.map((answer) => answer.activations[0]);
  expect(new Set(activations.map((activation) => activation?.activationId)).size).toBe(1);
  expect(activations.filter((activation) => activation?.joined)).toHaveLength(24);
  expect((await deps.store.readCurrent(flowLogOf('fl-1')))?.joiners).toHaveLength(24);
});

test('activations that were opened before a failure have their jobs, and a replay opens the rest', async () => {
  const deps = world();
  const { open } = deps.store;
  deps.store.open = async (activation) => {
    if (activation.flowLogId === 'fl-2') throw new Error('table down');
    return open.call(deps.store, activation);
  };
  await expect(requestActivations(deps, asks({ idempotencyKey: 'k' }))).rejects.toThrow('table down');
  expect(deps.queue.enqueued).toHaveLength(1);
  deps.store.open = open;
  const answer = await requestActivations(deps, asks({ idempotencyKey: 'k' }));
  expect(answer.activations.map(({ status, joined }) => [status, joined])).toEqual([
    ['queued', false],
    ['queued', false],
  ]);
  expect(new Set(deps.queue.enqueued.map(({ job }) => job.activationId)).size).toBe(2);
});

test('a job that cannot be sent does not fail the request, because the item is due', async () => {
  const deps = world();
  deps.queue.broken = true;
  await requestActivations(deps, asks());
  expect((await deps.store.readCurrent(flowLogOf('fl-1')))?.dueAt).toBe(START + policy.requeueAfterMs);
  expect(deps.log.lines).toContainEqual(
    expect.objectContaining({ fields: expect.objectContaining({ jobsNotSent: 2 }) }),
  );
});

test('an activation with the maximum of joiners leaves the request unfinished, and the other flow logs are opened', async () => {
  const deps = world();
  await requestActivations(deps, asks({ flowLogs: [flowLogOf('fl-1')] }));
  const open = await deps.store.readCurrent(flowLogOf('fl-1'));
  if (!open) throw new Error('unreachable');
  const joiners = Array.from({ length: JOINERS_LIMIT }, (_, index) => batchIdOf(1000 + index));
  await deps.store.transition(open, { ...open, joiners });
  const many = asks({ idempotencyKey: 'k', flowLogs: ['fl-1', 'fl-2', 'fl-3'].map(flowLogOf) });
  await expect(requestActivations(deps, many)).rejects.toThrow(RequestUnfinished);
  expect([...deps.store.current.keys()]).toHaveLength(3);
  expect(deps.queue.enqueued).toHaveLength(3);
});

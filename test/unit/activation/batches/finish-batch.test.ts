import { parse } from 'valibot';
import { beforeEach, expect, test } from 'vitest';
import { batchCompletedSchema } from '../../../../events/batch-completed-v1.ts';
import { finishBatch, summarizeBatch } from '../../../../lib/activation/batches/finish-batch.ts';
import type { Batch } from '../../../../lib/activation/model/batch.ts';
import { complete, fail } from '../../../../lib/activation/model/endings.ts';
import { flowLogKey } from '../../../../lib/activation/model/ids.ts';
import { reopen } from '../../../../lib/activation/model/queueing.ts';
import { accept } from '../../../../lib/activation/model/transitions.ts';
import { createPoller } from '../../../../lib/activation/poller/poll-activations.ts';
import { cancelActivation } from '../../../../lib/activation/request/cancel-activation.ts';
import { requestActivations, storeBatch } from '../../../../lib/activation/request/request-activations.ts';
import { aRequest, numberedIds } from '../../../support/builders/activations.ts';
import { inMemoryDeps } from '../../../support/builders/in-memory-deps.ts';
import { batchIdOf, flowLogOf, policy, START } from '../../../support/fakes/activations.ts';
import { beforeCall, sendTwice } from '../../../support/fakes/before-call.ts';

const BATCH_COMPLETED = 'flow-log-batch.completed.v1';

let deps = inMemoryDeps();
let { clock, store, api, publisher } = deps;
let poller = createPoller(deps);

beforeEach(() => {
  deps = inMemoryDeps();
  ({ clock, store, api, publisher } = deps);
  poller = createPoller(deps);
});

const tick = (afterMs = policy.tickMs) => {
  clock.now += afterMs;
  return poller.tick(clock.now + 60_000);
};
const request = (number: number, flowLogIds: string[]) =>
  requestActivations(
    { ...deps, newBatchId: () => batchIdOf(number) },
    aRequest(flowLogIds, { metadata: { b: '2', a: '1' } }),
  );
const batch = async (number: number): Promise<Batch> => {
  const found = await store.readBatch(batchIdOf(number));
  if (found === undefined) throw new Error('the batch is gone');
  return found;
};
const becomePending = async (...flowLogIds: string[]) => {
  for (const flowLogId of flowLogIds) {
    await store.change(flowLogId, (queued) => accept(queued, 'req-1', clock.now, policy));
  }
};
const becomeCompleted = async (...flowLogIds: string[]) => {
  for (const flowLogId of flowLogIds) {
    await store.change(flowLogId, (open) => complete(open, true, clock.now));
  }
};
const becomeFailed = (flowLogId: string) =>
  store.change(flowLogId, (open) => fail(open, 'frozen', clock.now));
const redrive = (flowLogId: string) =>
  store.change(flowLogId, (failed) => reopen(failed, 'someone', clock.now, policy));
const batchEvents = () => publisher.published.filter(({ type }) => type === BATCH_COMPLETED);

test('is published once, in the tick in which its last activation ends, after that end', async () => {
  await request(1, ['fl-1', 'fl-2']);
  await becomePending('fl-1');
  api.show('Active', ['fl-1']);
  await tick();
  expect(batchEvents()).toEqual([]);
  await store.change('fl-2', (open) => fail(open, 'frozen', clock.now + 1_000));
  await tick();
  expect(publisher.published.map(({ id }) => id).slice(-2)).toEqual([
    `default.cn-beijing.fl-2.${batchIdOf(1)}.1.failed`,
    `${batchIdOf(1)}.completed`,
  ]);
  const [event] = batchEvents();
  expect(parse(batchCompletedSchema, JSON.parse(event?.body ?? ''))).toMatchObject({
    id: `${batchIdOf(1)}.completed`,
    subject: batchIdOf(1),
    time: new Date(START + 6_000).toISOString(),
    data: {
      batchId: batchIdOf(1),
      source: 'api',
      metadata: { a: '1', b: '2' },
      total: 2,
      counts: { completed: 1, failed: 1 },
      adopted: 0,
      reasons: { frozen: 1 },
      durations: { totalMs: 6_000 },
    },
  });
  expect((await batch(1)).dueAt).toBeUndefined();
  await tick();
  await tick(3_600_000);
  expect(batchEvents()).toHaveLength(1);
});

test('reads each activation of a batch of 1,000 once, in any order of their ends', async () => {
  await tick();
  const flowLogIds = numberedIds(1_000);
  await request(1, flowLogIds);
  await becomePending(...flowLogIds);
  let itemsRead = 0;
  let batchesRead = 0;
  beforeCall(store, 'readManyCurrent', (flowLogs) => {
    itemsRead += flowLogs.length;
  });
  beforeCall(store, 'readBatch', () => {
    batchesRead += 1;
  });
  store.writes.length = 0;
  api.show('Pending', flowLogIds);
  for (let round = 1; round <= 10; round += 1) {
    api.show('Active', numberedIds(round * 100));
    await tick();
  }
  expect(batchEvents()).toHaveLength(1);
  expect({ itemsRead, batchesRead }).toEqual({ itemsRead: 1_000, batchesRead: 2 });
  expect(store.writes.filter((write) => write === 'transitionBatch')).toHaveLength(2);
});

test('an activation that expired after the end is not queued, and does not prevent done', async () => {
  await request(1, ['fl-1', 'fl-2']);
  await becomePending('fl-1', 'fl-2');
  api.show('Active', ['fl-1', 'fl-2']);
  await tick();
  const ended = await batch(1);
  store.current.delete(flowLogKey(flowLogOf('fl-2')));
  expect(await summarizeBatch(store, ended)).toMatchObject({
    total: 2,
    counts: { queued: 0, pending: 0, completed: 1, failed: 0 },
    done: true,
  });
});

test('a poller that starts in the middle finds the end too', async () => {
  await request(1, ['fl-1', 'fl-2', 'fl-3']);
  await becomePending('fl-1', 'fl-2', 'fl-3');
  api.show('Active', ['fl-1']);
  await tick();
  poller = createPoller(deps);
  api.show('Active', ['fl-2']);
  await tick();
  api.show('Active', ['fl-3']);
  await tick();
  expect(batchEvents()).toHaveLength(1);
});

test('publishes the end of a batch that only joined, and of one whose last activation is cancelled', async () => {
  await request(1, ['fl-1', 'fl-2']);
  await request(2, ['fl-1']);
  await becomePending('fl-1');
  api.show('Active', ['fl-1']);
  await tick();
  expect(batchEvents().map(({ id }) => id)).toEqual([`${batchIdOf(2)}.completed`]);
  await cancelActivation(deps, (await store.currentOf('fl-2')).activationId, 'someone');
  await tick();
  expect(JSON.parse(batchEvents()[1]?.body ?? '{}').data).toMatchObject({
    batchId: batchIdOf(1),
    counts: { completed: 1, failed: 1 },
    reasons: { cancelled: 1 },
  });
});

test('all adopted at once: published in the first tick', async () => {
  await request(1, ['fl-1']);
  await becomeCompleted('fl-1');
  await tick();
  expect(JSON.parse(batchEvents()[0]?.body ?? '{}').data).toMatchObject({ adopted: 1 });
});

test('an event that the bus refuses permanently is retried with growing delays, and delays no other batch', async () => {
  publisher.refuseForGood = ({ id }) => id.startsWith(batchIdOf(1));
  for (const number of [1, 2]) {
    await request(number, [`fl-${number}`]);
    await becomeCompleted(`fl-${number}`);
  }
  await tick(60_000);
  expect(batchEvents()).toHaveLength(1);
  expect(await batch(1)).toMatchObject({ refusals: 1, dueAt: expect.any(Number) });
  const { calls } = publisher;
  await tick(1_000);
  expect(publisher.calls).toBe(calls);
  publisher.refuseForGood = () => false;
  await tick(3_600_000);
  expect(batchEvents()).toHaveLength(2);
  expect((await batch(1)).dueAt).toBeUndefined();
});

test('an event that the bus refuses is published again with the same bytes, after any change', async () => {
  await request(1, ['fl-1']);
  await becomeFailed('fl-1');
  const bodies: string[] = [];
  publisher.refuse = ({ type, body }) => type === BATCH_COMPLETED && bodies.push(body) > 0;
  await tick();
  await redrive('fl-1');
  await tick();
  publisher.refuse = () => false;
  await tick();
  expect(bodies).toHaveLength(2);
  expect(new Set([...bodies, ...batchEvents().map(({ body }) => body)]).size).toBe(1);
  expect((await batch(1)).dueAt).toBeUndefined();
});

test('a redrive opens the batch again, and its second end publishes no event', async () => {
  await request(1, ['fl-1', 'fl-2']);
  await becomeCompleted('fl-1');
  await becomeFailed('fl-2');
  await tick();
  expect(await summarizeBatch(store, await batch(1))).toMatchObject({ done: true });
  await redrive('fl-2');
  expect(await summarizeBatch(store, await batch(1))).toMatchObject({ done: false });
  await becomeCompleted('fl-2');
  await tick();
  await tick(3_600_000);
  expect(await summarizeBatch(store, await batch(1))).toMatchObject({ done: true });
  expect(batchEvents()).toHaveLength(1);
});

test('a lost response to the write of the completion does not change the event', async () => {
  await request(1, ['fl-1']);
  await becomeCompleted('fl-1');
  const recover = sendTwice(store, 'transitionBatch');
  await tick();
  expect(batchEvents()).toEqual([]);
  recover();
  await tick();
  expect(batchEvents()).toHaveLength(1);
});

test('two pollers at once publish one id and one content', async () => {
  await request(1, ['fl-1', 'fl-2']);
  await becomePending('fl-1', 'fl-2');
  api.show('Active', ['fl-1', 'fl-2']);
  clock.now += policy.tickMs;
  const other = createPoller(deps);
  await Promise.all([poller.tick(clock.now + 60_000), other.tick(clock.now + 60_000)]);
  await tick();
  await tick(60_000);
  expect(new Set(batchEvents().map(({ id, body }) => `${id} ${body}`)).size).toBe(1);
});

test('an activation that is redriven during the check prevents the completion', async () => {
  await request(1, ['fl-1', 'fl-2']);
  await becomeFailed('fl-1');
  await becomeCompleted('fl-2');
  const { readManyCurrent } = store;
  store.readManyCurrent = async (flowLogs) => {
    const read = await readManyCurrent.call(store, flowLogs);
    store.readManyCurrent = readManyCurrent;
    await redrive('fl-1');
    return read;
  };
  expect(await finishBatch(deps, await batch(1))).toMatchObject({ open: 1 });
  expect((await batch(1)).completed).toBeUndefined();
});

test('an unreadable activation keeps the batch open until it can be read', async () => {
  await request(1, ['fl-1', 'fl-2']);
  await becomeCompleted('fl-1', 'fl-2');
  store.unreadable.add(flowLogKey(flowLogOf('fl-2')));
  expect(await summarizeBatch(store, await batch(1))).toEqual({
    batchId: batchIdOf(1),
    requestedBy: 'someone',
    total: 2,
    counts: { queued: 0, pending: 0, completed: 1, failed: 0 },
    unreadable: [flowLogOf('fl-2')],
    done: false,
  });
  await tick();
  await tick(3_600_000);
  expect((await batch(1)).completed).toBeUndefined();
  expect(batchEvents()).toEqual([]);

  store.unreadable.clear();
  await tick(3_600_000);
  expect(batchEvents()).toHaveLength(1);
});

test('a batch whose request is still running is not opened by the poller', async () => {
  const goOn = beforeCall(store, 'open', ({ flowLogId }) => flowLogId === 'fl-2' && new Promise(() => {}));
  void request(1, ['fl-1', 'fl-2']);
  await expect.poll(() => store.readCurrent(flowLogOf('fl-1'))).toBeDefined();
  await becomePending('fl-1');
  api.show('Active', ['fl-1']);
  goOn();
  await tick();
  expect(await store.readCurrent(flowLogOf('fl-2'))).toBeUndefined();
  expect(batchEvents()).toEqual([]);
});

test('is checked again after half its age, but not sooner than a minute after its last call', async () => {
  await request(1, numberedIds(400));
  clock.now += 60_000;
  await finishBatch(deps, await batch(1));
  const callsMs = (400 / policy.ratePerSecond) * 1_000;
  expect((await batch(1)).dueAt).toBe(clock.now + callsMs + 60_000);

  await becomePending(...numberedIds(400));
  clock.now = START + 400_000;
  await finishBatch(deps, await batch(1));
  expect((await batch(1)).dueAt).toBe(clock.now + 200_000);
});

test('a large batch is opened until the end of the tick, and stays due for the rest', async () => {
  const stored = await storeBatch(deps, aRequest(numberedIds(500)));
  const opened = async () => (await store.readManyCurrent(numberedIds(500).map(flowLogOf))).activations;
  clock.now += 60_000;
  beforeCall(store, 'open', () => {
    clock.now += 50;
  });
  expect(await finishBatch(deps, stored.batch, clock.now + 5_000)).toMatchObject({ open: 500 });
  expect(await opened()).toHaveLength(200);
  expect((await store.readBatch(stored.batch.batchId))?.dueAt).toBe(stored.batch.dueAt);

  await finishBatch(deps, stored.batch, clock.now + 60_000);
  expect(await opened()).toHaveLength(500);
  expect((await store.readBatch(stored.batch.batchId))?.dueAt).toBeGreaterThan(clock.now);
});

test('a batch that an earlier version completed publishes nothing', async () => {
  await request(1, ['fl-1']);
  await store.transitionBatch(await batch(1), { ...(await batch(1)), dueAt: undefined });
  await becomeCompleted('fl-1');
  await tick();
  await tick(3_600_000);
  expect(batchEvents()).toEqual([]);
});

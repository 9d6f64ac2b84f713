import { beforeEach, expect, test } from 'vitest';
import { finishBatch } from '../../../lib/activation/batches/finish-batch.ts';
import { startScheduled } from '../../../lib/activation/batches/scheduled-batch.ts';
import { executePlan, planBatch, startBatch } from '../../../lib/activation/batches/start-batch.ts';
import { complete, fail } from '../../../lib/activation/model/endings.ts';
import { batchCompletedEventOf, eventOf } from '../../../lib/activation/model/outbox-events.ts';
import { reopen } from '../../../lib/activation/model/queueing.ts';
import { idsOf, idsOfJob } from '../../../lib/activation/model/tracing.ts';
import { requestActivations } from '../../../lib/activation/request/request-activations.ts';
import { fromActivationItem, toActivationItem } from '../../../lib/aws/activation-item.ts';
import { fromBatchItem, toBatchItem } from '../../../lib/aws/batch-item.ts';
import { aRequest } from '../../support/builders/activations.ts';
import { inMemoryDeps } from '../../support/builders/in-memory-deps.ts';
import { START } from '../../support/fakes/activations.ts';
import { aFlowLog, aSelector } from '../../support/fakes/in-memory-flow-log-finder.ts';

const FIRST = {
  callerRequestId: 'OPS-1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};
const LATER = { callerRequestId: 'OPS-2' };
const LIMIT = { flowLogs: 100, selectBy: START + 60_000, openUntil: START + 60_000 };

let deps = inMemoryDeps();
beforeEach(() => {
  deps = inMemoryDeps([aFlowLog('fl-1')]);
});

const ask = (ids: object, idempotencyKey = 'k') =>
  requestActivations(deps, { ...aRequest(['fl-1'], { idempotencyKey }), ...ids });
const current = () => deps.store.currentOf('fl-1');
const logged = (message: string) =>
  deps.log.lines.filter((line) => line.message === message).map(({ fields }) => fields);

test('a request is named by its batch, by what it opens, and by the lines about both', async () => {
  const { batchId } = await ask(FIRST);
  expect(await deps.store.readBatch(batchId)).toMatchObject(FIRST);
  const opened = await current();
  expect(opened).toMatchObject(FIRST);
  const { activationId } = opened;
  expect(logged('activations requested')).toMatchObject([
    { ...FIRST, batchId, activationIds: [activationId] },
  ]);
  expect(idsOf(opened)).toEqual({ activationId, flowLogId: 'fl-1', batchId, ...FIRST });
});

test('a repetition keeps the ids of the first, and says which batch it repeats', async () => {
  const { batchId } = await ask(FIRST);
  await ask(LATER);
  expect(await deps.store.readBatch(batchId)).toMatchObject(FIRST);
  expect(await current()).toMatchObject(FIRST);
  expect(logged('request repeated')).toEqual([{ batchId }]);
});

test('a batch that joins has its own ids, and its line names the activation', async () => {
  await ask(FIRST);
  const { batchId } = await ask(LATER, 'another');
  expect(await deps.store.readBatch(batchId)).toMatchObject(LATER);
  const { activationId, callerRequestId } = await current();
  expect(callerRequestId).toBe('OPS-1');
  expect(logged('activations requested')[1]).toMatchObject({ ...LATER, activationIds: [activationId] });
});

test('a selector, a plan that is executed and a schedule name their requests too', async () => {
  const by = { callerScope: 'c', metadata: {}, source: 'api', requestedBy: 'arn' };
  const batchOf = async ({ batches: [batch] }: Awaited<ReturnType<typeof startBatch>>) =>
    deps.store.readBatch(batch?.batchId ?? '');
  const request = { ...by, selector: aSelector() };
  expect(await batchOf(await startBatch(deps, { ...request, ...FIRST }, LIMIT))).toMatchObject(FIRST);

  deps = inMemoryDeps([aFlowLog('fl-1')]);
  const { planId } = await planBatch(deps, { ...request, ...LATER }, LIMIT);
  const executed = await executePlan(deps, { planId, source: 'api', requestedBy: 'arn', ...FIRST }, LIMIT);
  expect(await batchOf(executed)).toMatchObject(FIRST);

  deps = inMemoryDeps([aFlowLog('fl-1')]);
  const run = { schedule: 'nightly', scheduledAt: START, selector: aSelector(), metadata: {} };
  expect(await batchOf(await startScheduled(deps, { ...run, ...LATER }, LIMIT))).toMatchObject(LATER);
});

test('what the poller opens for a crashed request has the ids of the batch', async () => {
  const { batchId } = await ask(FIRST);
  const batch = await deps.store.readBatch(batchId);
  deps = inMemoryDeps();
  deps.clock.now = START + 90_000;
  if (batch) await finishBatch(deps, batch);
  expect(await current()).toMatchObject(FIRST);
  expect(logged('activations requested')).toMatchObject([FIRST]);
});

test('its events name it, in every generation, with equal bytes; those of a record without ids are as before', async () => {
  await ask(FIRST);
  const opened = await current();
  const failed = fail(opened, 'frozen', START + 1);
  const { callerRequestId, traceparent } = FIRST;
  for (const [activation, entry] of [
    [complete(opened, true, START + 1), 'completed#1'],
    [failed, 'failed#1'],
    [fail(reopen(failed, 'somebody', START + 2, deps.policy), 'frozen', START + 3), 'failed#2'],
  ] as const) {
    const event = eventOf(activation, entry);
    expect(JSON.parse(event.body)).toMatchObject({ traceparent, data: { callerRequestId } });
    expect(eventOf(structuredClone(activation), entry)).toEqual(event);
    const { callerRequestId: _id, traceparent: _trace, ...without } = activation;
    expect(eventOf(without, entry).body).not.toMatch(/traceparent|callerRequestId/);
  }
  const batch = {
    batchId: 'b',
    bodyHash: 'h',
    flowLogs: [],
    metadata: {},
    source: 'api',
    createdAt: START,
    version: 1,
  };
  const completion = { at: START + 1, counts: { completed: 1, failed: 0 }, adopted: 0, reasons: {} };
  const end = batchCompletedEventOf({ ...batch, ...FIRST }, completion);
  expect(JSON.parse(end.body)).toMatchObject({ traceparent, data: { callerRequestId } });
  expect(end.ids).toEqual({ batchId: 'b', ...FIRST });
  expect(batchCompletedEventOf(batch, completion).body).not.toMatch(/traceparent|callerRequestId/);
});

test('they are stored and read again; an item without them is read as before', async () => {
  const { batchId } = await ask(FIRST);
  const [activation, batch] = [await current(), await deps.store.readBatch(batchId)];
  expect(fromActivationItem(toActivationItem(activation))).toMatchObject(FIRST);
  expect(batch && fromBatchItem(toBatchItem(batch))).toMatchObject(FIRST);
  const { callerRequestId: _id, traceparent: _trace, ...earlier } = toActivationItem(activation);
  expect(idsOf(fromActivationItem(earlier))).toEqual({
    activationId: activation.activationId,
    flowLogId: 'fl-1',
    batchId,
  });
});

test('a job names its flow log and batch before the record is read', () => {
  const activationId = `default.cn-beijing.fl-1.b-${'0'.repeat(32)}`;
  expect(idsOfJob({ activationId })).toEqual({
    activationId,
    flowLogId: 'fl-1',
    batchId: `b-${'0'.repeat(32)}`,
  });
});

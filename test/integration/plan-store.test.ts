import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { derivePlanId, eachCategory, PLAN_LIFE_MS, type Plan } from '../../lib/activation/batches/plan.ts';
import type { PlanStore } from '../../lib/activation/batches/ports.ts';
import { RecordUnreadable } from '../../lib/activation/model/errors.ts';
import { createDynamoDbPlanStore } from '../../lib/aws/dynamodb-plan-store.ts';
import { toAttributes } from '../../lib/aws/item-update.ts';
import { toPlanItems } from '../../lib/aws/plan-item.ts';
import { endAfterAll } from '../support/end-after-all.ts';
import { START } from '../support/fakes/activations.ts';
import { aSelector, flowLogIds } from '../support/fakes/in-memory-flow-log-finder.ts';
import { InMemoryPlanStore } from '../support/fakes/in-memory-plan-store.ts';
import { RecordingLog, RecordingMetrics } from '../support/fakes/ports.ts';
import { startTable } from './start-table.ts';

const endWith = endAfterAll();
const telemetry = { log: new RecordingLog(), metrics: new RecordingMetrics() };

/** `put` writes past the store. */
async function startOnTable() {
  const { client, tableName } = await startTable(endWith);
  let nonces = 0;
  return {
    store: createDynamoDbPlanStore(client, tableName, () => `nonce-${++nonces}`, telemetry),
    put: (item: Record<string, unknown>) =>
      client.send(new PutItemCommand({ TableName: tableName, Item: toAttributes(item) })),
  };
}

const startStore = async (): Promise<PlanStore> => (await startOnTable()).store;
const onlyToActivate = (flowLogs: string[]) => ({ ...eachCategory(() => []), wouldActivate: flowLogs });

let unique = 0;
const aPlan = (change: Partial<Plan> = {}): Plan => ({
  planId: derivePlanId('test', String(++unique)),
  requestHash: 'hash',
  requestedBy: 'planner',
  selector: aSelector({ project: 'network', tags: { env: ['prod'], owner: true }, resourceType: 'eni' }),
  metadata: { ticket: 'OPS-1' },
  flowLogs: { ...onlyToActivate(['fl-1', 'fl-2']), frozen: ['fl-3'] },
  createdAt: START,
  ...change,
});
const execution = { at: START + 1, source: 'api', requestedBy: 'executor', metadata: { ticket: 'OPS-2' } };

describe.each([
  ['the in-memory fake', async () => new InMemoryPlanStore()],
  ['DynamoDB', startStore],
] as const)('the plan store: %s', (_name, start) => {
  let store: PlanStore;
  beforeAll(async () => {
    store = await start();
  });

  test('reads back what was created, and knows no other', async () => {
    const plan = aPlan();
    expect(await store.create(plan)).toBeUndefined();
    expect(await store.read(plan.planId, START)).toEqual(plan);
    expect(await store.read(derivePlanId('test', 'none'), START)).toBeUndefined();
    expect(await store.read('nonsense', START)).toBeUndefined();
  });

  test('keeps plans of thousands of flow logs whole and in order, and empty ones', async () => {
    const ids = flowLogIds(5_001);
    const flowLogs = { ...onlyToActivate(ids.slice(0, 2_001)), alreadyActive: ids.slice(2_001) };
    const large = aPlan({ flowLogs, execution });
    await store.create(large);
    expect(await store.read(large.planId, START)).toEqual(large);
    const empty = aPlan({ flowLogs: eachCategory(() => []), metadata: {} });
    await store.create(empty);
    expect(await store.read(empty.planId, START)).toEqual(empty);
  });

  test('the first plan under an id wins, whole, also when another is longer', async () => {
    const plan = aPlan();
    const flowLogs = { ...eachCategory(() => []), deleting: flowLogIds(1_500) };
    const other = { ...plan, flowLogs, requestHash: 'other' };
    await store.create(plan);
    expect(await store.create(other)).toEqual(plan);
    expect(await store.read(plan.planId, START)).toEqual(plan);
  });

  test('of many at once one wins, and all are told which', async () => {
    const { planId } = aPlan();
    const plans = Array.from({ length: 8 }, (_, index) =>
      aPlan({ planId, flowLogs: onlyToActivate([`fl-${index}`]) }),
    );
    const answers = await Promise.all(plans.map((plan) => store.create(plan)));
    const winners = plans.filter((_, index) => answers[index] === undefined);
    expect(winners).toHaveLength(1);
    for (const answer of answers.filter((known) => known !== undefined)) expect(answer).toEqual(winners[0]);
    expect(await store.read(planId, START)).toEqual(winners[0]);
  });

  test('is marked as carried out once', async () => {
    const plan = aPlan();
    await store.create(plan);
    expect(await store.markExecuted(plan, execution)).toBe(true);
    expect(await store.markExecuted(plan, { ...execution, source: 'other' })).toBe(false);
    expect(await store.read(plan.planId, START)).toEqual({ ...plan, execution });
  });

  test('what was never created, or has been replaced, cannot be marked', async () => {
    const plan = aPlan();
    expect(await store.markExecuted(plan, execution)).toBe(false);
    expect(await store.read(plan.planId, START)).toBeUndefined();
    await store.create(plan);
    await store.create({ ...plan, createdAt: START + PLAN_LIFE_MS });
    expect(await store.markExecuted(plan, execution)).toBe(false);
  });

  test('is gone when its life is over, and then makes room', async () => {
    const plan = aPlan({ execution });
    await store.create(plan);
    const end = START + PLAN_LIFE_MS;
    expect(await store.read(plan.planId, end - 1)).toEqual(plan);
    expect(await store.read(plan.planId, end)).toBeUndefined();
    expect(await store.create({ ...plan, createdAt: end - 1 })).toEqual(plan);
    const { execution: _, ...next } = { ...plan, createdAt: end };
    expect(await store.create(next)).toBeUndefined();
    expect(await store.read(plan.planId, end)).toEqual(next);
  });
});

test('DynamoDB: chunks that a crash left without a header are no plan, and nobody reads them', async () => {
  const { store, put } = await startOnTable();
  const plan = aPlan();
  for (const chunk of toPlanItems(plan, 'first').chunks) await put(chunk);
  expect(await store.read(plan.planId, START)).toBeUndefined();
  const next = { ...plan, flowLogs: onlyToActivate(['fl-9']) };
  expect(await store.create(next)).toBeUndefined();
  expect(await store.read(plan.planId, START)).toEqual(next);
});

test('DynamoDB: header and chunks expire together, 90 days after the plan was made', () => {
  const { header, chunks } = toPlanItems(aPlan(), 'nonce');
  const expiresAt = Math.floor(START / 1000) + 90 * 86_400;
  expect([header, ...chunks].map((item) => item.expiresAt)).toEqual([expiresAt, expiresAt, expiresAt]);
});

test.each([
  ['a header of another version', 'header', { selector: { account: 7 } }],
  ['a chunk of another version', 'chunk', { flowLogIds: 'fl-1 fl-2' }],
] as const)(
  'DynamoDB: %s is said to be unreadable, and no plan is made beside it',
  async (_what, part, change) => {
    const { store, put } = await startOnTable();
    const plan = aPlan();
    await store.create(plan);
    const { header, chunks } = toPlanItems(plan, 'nonce-1');
    await put({ ...(part === 'header' ? header : chunks[0]), ...change });
    await expect(store.read(plan.planId, START)).rejects.toThrow(RecordUnreadable);
    await expect(store.create({ ...plan, metadata: {} })).rejects.toThrow(
      `the record of ${plan.planId} cannot be read by this version of the service`,
    );
  },
);

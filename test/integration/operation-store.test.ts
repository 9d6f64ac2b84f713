import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { RecordUnreadable } from '../../lib/activation/model/errors.ts';
import type { Operation } from '../../lib/activation/model/operation.ts';
import {
  deriveOperationId,
  newOperation,
  OPERATION_LIFE_MS,
} from '../../lib/activation/operations/operation.ts';
import type { OperationStore } from '../../lib/activation/operations/ports.ts';
import { createDynamoDbActivationStore } from '../../lib/aws/dynamodb-activation-store.ts';
import { createDynamoDbOperationStore } from '../../lib/aws/dynamodb-operation-store.ts';
import { toAttributes } from '../../lib/aws/item-update.ts';
import { operationKey, toOperationItem } from '../../lib/aws/operation-item.ts';
import { endAfterAll } from '../support/end-after-all.ts';
import { START } from '../support/fakes/activations.ts';
import { InMemoryOperationStore } from '../support/fakes/in-memory-operation-store.ts';
import { RecordingLog, RecordingMetrics } from '../support/fakes/ports.ts';
import { startTable } from './start-table.ts';

const endWith = endAfterAll();

async function startOnTable() {
  const { client, tableName } = await startTable(endWith);
  const telemetry = { log: new RecordingLog(), metrics: new RecordingMetrics() };
  return {
    metrics: telemetry.metrics,
    store: createDynamoDbOperationStore(client, tableName, telemetry),
    activations: createDynamoDbActivationStore(client, tableName, telemetry),
    put: (item: Record<string, unknown>) =>
      client.send(new PutItemCommand({ TableName: tableName, Item: toAttributes(item) })),
  };
}

const startStore = async (): Promise<OperationStore> => (await startOnTable()).store;

let unique = 0;
const anOperation = (change: Partial<Operation> = {}): Operation => ({
  ...newOperation(
    deriveOperationId('test', String(++unique)),
    {
      action: 'redrive',
      filter: { reason: 'frozen', flowLogIds: ['fl-1'], account: 'a', region: 'cn-beijing', createdFrom: 1 },
      limit: 7,
      requestedBy: 'someone',
    },
    START + unique,
  ),
  ...change,
});
const target = { activationId: 'a', generation: 1 };

describe.each([
  ['the in-memory fake', async () => new InMemoryOperationStore()],
  ['DynamoDB', startStore],
] as const)('the operation store: %s', (_name, start) => {
  let store: OperationStore;
  beforeAll(async () => {
    store = await start();
  });

  test('reads back what was created, and knows no other', async () => {
    const operation = anOperation();
    expect(await store.create(operation)).toBeUndefined();
    expect(await store.read(operation.operationId)).toEqual(operation);
    expect(await store.read(deriveOperationId('test', 'none'))).toBeUndefined();
    expect(await store.read('nonsense')).toBeUndefined();
  });

  test('the first one under an id wins until its life is over', async () => {
    const own = await start();
    const operation = anOperation();
    await own.create(operation);
    const other = { ...operation, requestHash: 'other', createdAt: operation.createdAt + 1 };
    expect(await own.create(other)).toEqual(operation);
    const later = { ...other, createdAt: operation.createdAt + OPERATION_LIFE_MS };
    expect(await own.create(later)).toBeUndefined();
    expect(await own.read(operation.operationId)).toEqual(later);
  });

  test('of two that write at once one is refused', async () => {
    const operation = anOperation();
    await store.create(operation);
    const begun = { ...operation, hand: [target], cursor: 'c', sliceId: 's', tries: 1, looked: 9 };
    expect(await store.transition(operation, begun)).toBe(true);
    expect(await store.transition(operation, { ...operation, done: 1 })).toBe(false);
    expect(await store.read(operation.operationId)).toEqual({ ...begun, version: 2 });
    const { dueAt: _, cursor: _cursor, ...rest } = begun;
    const ended: Operation = { ...rest, version: 2, status: 'completed', hand: [], finishedAt: START };
    expect(await store.transition({ ...begun, version: 2 }, ended)).toBe(true);
    expect(await store.read(operation.operationId)).toEqual({ ...ended, version: 3 });
  });

  test('lists the newest first', async () => {
    const made = [anOperation(), anOperation(), anOperation()];
    for (const one of made) await store.create(one);
    const newest = (await store.newest(2)).map(({ operationId }) => operationId);
    expect(newest).toEqual([made[2]?.operationId, made[1]?.operationId]);
  });

  test('keeps pages of refusals, and a slice of an earlier version overwrites none', async () => {
    const operation = anOperation();
    const { operationId } = operation;
    const page = (why: string) => [{ activationId: 'a', why }];
    expect(await store.readRefusals(operationId, [1, 2])).toEqual([]);
    await store.writeRefusals({ ...operation, version: 3 }, 1, page('first'));
    await store.writeRefusals({ ...operation, version: 5 }, 1, page('later'));
    await store.writeRefusals({ ...operation, version: 4 }, 1, page('too late'));
    await store.writeRefusals({ ...operation, version: 6 }, 2, page('second'));
    expect(await store.readRefusals(operationId, [1, 2])).toEqual([...page('later'), ...page('second')]);
    expect(await store.readRefusals(operationId, [2])).toEqual(page('second'));
  });
});

describe('DynamoDB', () => {
  test('an operation is due until it ends, and expires only then', async () => {
    const { store, activations } = await startOnTable();
    const operation = anOperation();
    await store.create(operation);
    const due = async () => {
      const found: Operation[] = [];
      for await (const page of activations.due({ from: 0, until: START + 1_000_000 }, 0))
        found.push(...page.operations);
      return found;
    };
    expect(await due()).toEqual([operation]);
    const { dueAt: _, ...ended } = operation;
    await store.transition(operation, { ...ended, status: 'completed', finishedAt: START });
    expect(await due()).toEqual([]);
    expect(toOperationItem(operation)).not.toHaveProperty('expiresAt');
    const expiresAt = Math.floor((operation.createdAt + OPERATION_LIFE_MS) / 1_000);
    expect(toOperationItem(ended)).toMatchObject({ expiresAt });
  });

  test.each([
    ['an action', { action: 'delete' }],
    ['a part of a filter', { filter: { account: 'a', vpcId: 'vpc-1' } }],
  ])('one with %s of another version is not read, and hides no other', async (_what, change) => {
    const { store, activations, put, metrics } = await startOnTable();
    const [readable, other] = [anOperation(), anOperation()];
    await store.create(readable);
    await put({ ...toOperationItem(other), ...change, ...operationKey(other.operationId) });
    await expect(store.read(other.operationId)).rejects.toThrow(RecordUnreadable);
    expect(await store.newest(10)).toEqual([readable]);
    for await (const page of activations.due({ from: 0, until: START + 1_000_000 }, 0))
      expect(page.operations.map(({ operationId }) => operationId)).not.toContain(other.operationId);
    expect(metrics.counts.get('UnreadableItems')).toBe(3);
  });
});

import {
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { decideDrift } from '../../lib/activation/drift/drift.ts';
import type { Activation } from '../../lib/activation/model/activation.ts';
import { complete, fail } from '../../lib/activation/model/endings.ts';
import { FAILURE_REASONS } from '../../lib/activation/model/outcome.ts';
import type { ActivationStore } from '../../lib/activation/model/ports.ts';
import { retryLater } from '../../lib/activation/model/queueing.ts';
import { accept, leaseForCall } from '../../lib/activation/model/transitions.ts';
import type { TableSampler } from '../../lib/activation/status/ports.ts';
import { readStatus } from '../../lib/activation/status/read-status.ts';
import { createDynamoDbActivationStore } from '../../lib/aws/dynamodb-activation-store.ts';
import { createDynamoDbCheckpointStore } from '../../lib/aws/dynamodb-checkpoint-store.ts';
import { createDynamoDbQuotaStore } from '../../lib/aws/dynamodb-quota-store.ts';
import { createTableSampler } from '../../lib/aws/dynamodb-table-sampler.ts';
import { createItemReader } from '../../lib/aws/item-reader.ts';
import { mapConcurrently } from '../../lib/runtime/concurrency.ts';
import { published } from '../support/builders/activations.ts';
import { inMemoryDeps } from '../support/builders/in-memory-deps.ts';
import { endAfterAll } from '../support/end-after-all.ts';
import { anActivation, batchIdOf, policy, START } from '../support/fakes/activations.ts';
import { InMemoryActivationStore } from '../support/fakes/in-memory-activation-store.ts';
import { InMemoryTableSampler } from '../support/fakes/in-memory-table-sampler.ts';
import { RecordingLog, RecordingMetrics } from '../support/fakes/ports.ts';
import { startTable } from './start-table.ts';

const endWith = endAfterAll();
const telemetry = { log: new RecordingLog(), metrics: new RecordingMetrics() };

/** Counts the read units that DynamoDB reports. */
function countUnits(client: DynamoDBClient): { client: DynamoDBClient; units: () => number } {
  let units = 0;
  const counting = new Proxy(client, {
    get(target, property) {
      if (property !== 'send') return Reflect.get(target, property);
      return async (command: QueryCommand | BatchGetItemCommand | GetItemCommand) => {
        if (command instanceof QueryCommand || command instanceof GetItemCommand)
          command.input.ReturnConsumedCapacity = 'TOTAL';
        if (command instanceof BatchGetItemCommand) command.input.ReturnConsumedCapacity = 'TOTAL';
        const reply = (await target.send(command as QueryCommand)) as QueryCommandOutput &
          BatchGetItemCommandOutput;
        for (const { CapacityUnits = 0 } of [reply.ConsumedCapacity ?? []].flat()) units += CapacityUnits;
        return reply;
      };
    },
  });
  return { client: counting, units: () => units };
}

async function startDynamoDb() {
  const { client, tableName } = await startTable(endWith);
  const store = createDynamoDbActivationStore(client, tableName, telemetry);
  const sampler = createTableSampler(client, tableName, createItemReader(telemetry));
  return { store, sampler, client, tableName };
}

function startInMemory() {
  const store = new InMemoryActivationStore();
  return { store, sampler: new InMemoryTableSampler(store) };
}

let unique = 0;
function activationOf(account: string, next: (queued: Activation) => Activation = (queued) => queued) {
  const flowLogId = `fl-${++unique}`;
  const activationId = `${account}.cn-beijing.${flowLogId}.${batchIdOf(1)}`;
  return next(anActivation({ account, flowLogId, activationId, createdAt: START + unique }));
}

const held = (queued: Activation) =>
  retryLater(
    leaseForCall(queued, 'lease-1', START, policy),
    'hold',
    { code: 'AccessDenied', message: 'm' },
    policy.holdMs,
    START,
    policy,
  );
const pending = (queued: Activation) => accept(queued, 'req-1', START, policy);
const drifted = (queued: Activation) =>
  published(decideDrift(published(complete(queued, true, START)), undefined, START));

const idsOf = ({ flowLogs }: { flowLogs: { flowLogId: string }[] }) =>
  flowLogs.map(({ flowLogId }) => flowLogId).sort();

describe.each([
  ['the in-memory fake', async () => startInMemory()],
  ['DynamoDB', startDynamoDb],
] as const)('the table sampler: %s', (_name, start) => {
  let store: ActivationStore;
  let sampler: TableSampler;
  beforeAll(async () => {
    ({ store, sampler } = await start());
  });

  test('shows each activation where it belongs, and reads one on hold of each account', async () => {
    expect(await sampler.sample(START)).toMatchObject({
      open: { flowLogs: [], isCut: false },
      oldestHeld: [],
    });
    const put = async (account: string, next?: (queued: Activation) => Activation) => {
      const activation = activationOf(account, next);
      await store.open(activation);
      return activation.flowLogId;
    };
    const queued = await put('one');
    const waiting = await put('one', pending);
    const onHold = [await put('one', held), await put('one', held), await put('two', held)];
    const [first = '', , other = ''] = onHold;
    const frozen = await put('two', (open) => published(fail(open, 'frozen', START)));
    const unpublished = await put('two', (open) => fail(open, 'deleting', START));
    const refused = await put('two', (open) => ({
      ...fail(open, 'deleting', START),
      dueAt: START + 1_800_000,
    }));
    const off = await put('two', drifted);
    await put('two', (open) => published(complete(open, true, START)));

    const sample = await sampler.sample(START);
    expect(idsOf(sample.open)).toEqual([queued, waiting, ...onHold].sort());
    expect(idsOf(sample.due)).toEqual([waiting, unpublished].sort());
    expect(idsOf(sample.dueLater)).toEqual([queued, ...onHold, refused].sort());
    expect(idsOf(sample.held)).toEqual([...onHold].sort());
    expect(idsOf(sample.drifted)).toEqual([off]);
    expect(
      [...sample.failed]
        .filter(([, { flowLogs }]) => flowLogs.length > 0)
        .map(([reason, of]) => [reason, idsOf(of)]),
    ).toEqual([
      ['frozen', [frozen]],
      ['deleting', [unpublished, refused].sort()],
    ]);
    expect([...sample.failed.keys()]).toEqual([...FAILURE_REASONS]);
    expect(sample.oldestDueAt).toBe(START);
    expect(idsOf({ flowLogs: sample.oldestHeld })).toEqual([first, other].sort());
    expect(sample.oldestHeld).toMatchObject([{ lastError: { code: 'AccessDenied' } }, {}]);
  });
});

describe('what a status costs', () => {
  const statusOf = async (put: Activation[]) => {
    const { store, client, tableName } = await startDynamoDb();
    await mapConcurrently(put, 32, (activation) => store.open(activation));
    const counted = countUnits(client);
    const status = await readStatus({
      ...inMemoryDeps().statusDeps(),
      table: createTableSampler(counted.client, tableName, createItemReader(telemetry)),
      quotas: createDynamoDbQuotaStore(counted.client, tableName, telemetry),
      checkpoints: createDynamoDbCheckpointStore(counted.client, tableName, telemetry),
      accounts: new Map([['default', undefined]]),
    });
    return { status, units: counted.units(), account: status.accounts[0] };
  };
  const many = (count: number, next?: (queued: Activation) => Activation) =>
    Array.from({ length: count }, () => activationOf('default', next));

  test('an empty table', async () => {
    const { units, status } = await statusOf([]);
    expect(units).toBeLessThanOrEqual(14);
    expect(status.outbox).toEqual({ waiting: { count: 0 } });
  });

  test('many of everything: at most 60 read units, and nothing hides anything else', async () => {
    const { units, account, status } = await statusOf([
      ...many(600, pending),
      ...many(300, held),
      ...FAILURE_REASONS.flatMap((reason) => many(150, (open) => fail(open, reason, START))),
      ...many(150, drifted),
    ]);
    expect(units).toBeLessThanOrEqual(60);
    expect(units).toBeGreaterThan(25);
    const atLeast = { count: expect.toSatisfy((count: number) => count >= 20), atLeast: true };
    expect(account).toMatchObject({ open: atLeast, held: atLeast, drifted: atLeast, state: 'held' });
    expect(account?.failed).toEqual(FAILURE_REASONS.map((reason) => ({ reason, count: atLeast })));
    expect(status.outbox.waiting.atLeast).toBe(true);
  }, 60_000);

  test('a thousand failed for one reason, and nothing else: all are counted', async () => {
    const { units, account } = await statusOf(many(1_000, (open) => published(fail(open, 'frozen', START))));
    expect(account?.failed).toEqual([{ reason: 'frozen', count: { count: 1_000 } }]);
    expect(units).toBeLessThanOrEqual(60);
  }, 60_000);
});

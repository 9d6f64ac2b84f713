import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Activation } from '../../lib/activation/model/activation.ts';
import { clearOutbox, complete, fail } from '../../lib/activation/model/endings.ts';
import { FAILURE_REASONS } from '../../lib/activation/model/outcome.ts';
import { openActivation, retryLater } from '../../lib/activation/model/queueing.ts';
import { accept, leaseForCall } from '../../lib/activation/model/transitions.ts';
import { readStatus } from '../../lib/activation/status/read-status.ts';
import { toActivationItem } from '../../lib/aws/activation-item.ts';
import { createDynamoDbCheckpointStore } from '../../lib/aws/dynamodb-checkpoint-store.ts';
import { createDynamoDbQuotaStore } from '../../lib/aws/dynamodb-quota-store.ts';
import { createTableSampler } from '../../lib/aws/dynamodb-table-sampler.ts';
import { createItemReader } from '../../lib/aws/item-reader.ts';
import { toAttributes } from '../../lib/aws/item-update.ts';
import { SeededRandom } from '../../test/support/fakes/seeded-random.ts';
import { NO_FAULTS } from '../../test/support/virtual/faults.ts';
import { SimulatedDynamoDb } from '../../test/support/virtual/simulated-dynamodb.ts';
import { VirtualTime } from '../../test/support/virtual/virtual-time.ts';
import { figure, type Table } from '../harness/table.ts';
import { flowLogIdOf } from '../signing/requests.ts';
import { policyFor } from '../virtual/environment.ts';
import { createCapacityMeter } from './capacity.ts';

const EACH = 1_000;
const policy = policyFor(4);
const error = { code: 'InvalidAccessKey', message: 'The access key does not exist.' };

type Next = (queued: Activation, now: number) => Activation;
const leased: Next = (queued, now) => leaseForCall(queued, 'lease-1', now, policy);
const drift = (now: number) =>
  ({ ordinal: 1, kind: 'inactive', status: 'Inactive', detectedAt: now }) as const;

const published: Next = (final, now) =>
  clearOutbox(final, new Map(final.outbox.map((entry) => [entry, now])));

const NEXT: Record<string, Next> = {
  queued: (queued) => queued,
  pending: (queued, now) => accept(leased(queued, now), 'request-1', now, policy),
  held: (queued, now) => retryLater(leased(queued, now), 'hold', error, policy.holdMs, now, policy),
  drifted: (queued, now) => ({ ...published(complete(queued, true, now), now), drift: drift(now) }),
  ...Object.fromEntries(
    FAILURE_REASONS.map((reason): [string, Next] => [
      reason,
      (queued, now) => published(fail(queued, reason, now), now),
    ]),
  ),
};

const FILLINGS = [
  { name: 'empty', what: 'an empty table', states: [] },
  { name: 'failed', what: `${EACH} failed for one reason`, states: ['frozen'] },
  { name: 'full', what: `${EACH} in each state and of each reason`, states: Object.keys(NEXT) },
] as const;

export type StatusCost = { name: string; what: string; units: number; unread: number };

/** The read units of one GET /status, with the real adapters on the table in memory. */
export function statusCost(): Promise<StatusCost[]> {
  return Promise.all(FILLINGS.map(async ({ states, ...named }) => ({ ...named, ...(await costOf(states)) })));
}

async function costOf(states: readonly string[]) {
  const time = new VirtualTime();
  const dynamodb = new SimulatedDynamoDb(time, new SeededRandom(1), NO_FAULTS);
  const { meter, capacity } = createCapacityMeter();
  const now = () => time.now;
  for (const [position, state] of states.entries()) {
    for (let index = 0; index < EACH; index += 1) {
      const flowLogId = flowLogIdOf(position * EACH + index);
      const flowLog = { account: 'default', region: 'cn-beijing', flowLogId };
      const batchId = 'b-0123456789abcdef0123456789abcdef';
      const queued = openActivation(
        { flowLog, batchId, source: 'api', metadata: {}, turnAt: now() },
        now(),
        policy,
      );
      dynamodb.put(toAttributes(toActivationItem(NEXT[state]?.(queued, now()) ?? queued)));
    }
  }
  dynamodb.observer = meter;
  const caller = { name: 'status', now, beganAt: now(), sentAt: now() };
  const client = {
    send: async (command: unknown) => dynamodb.execute(command, caller),
  } as unknown as DynamoDBClient;
  const quiet = { log: { info() {}, warn() {}, error() {} }, metrics: { count() {} } };
  const status = await readStatus({
    table: createTableSampler(client, 'table', createItemReader(quiet)),
    quotas: createDynamoDbQuotaStore(client, 'table', quiet),
    checkpoints: createDynamoDbCheckpointStore(client, 'table', quiet),
    queues: { read: async () => new Map() },
    bus: { state: async () => 'ok' },
    configuration: { refresh: async () => {}, state: () => ({ disabled: [] }) },
    accounts: new Map([['default', undefined]]),
    policy,
    allowsDeactivation: false,
    now,
  });
  const [account] = status.accounts;
  const failed = account?.failed.reduce((sum, { count }) => sum + count.count, 0) ?? 0;
  const counted = failed + (account?.open.count ?? 0) + (account?.drifted.count ?? 0);
  return { units: capacity().readUnits, unread: states.length * EACH - counted };
}

export function statusTable(costs: StatusCost[]): Table {
  return {
    title: 'GET /status: what it reads, with one account',
    columns: ['table', 'read units', 'activations beyond its counts'],
    rows: costs.map(({ what, units, unread }) => [what, figure(units), String(unread)]),
  };
}

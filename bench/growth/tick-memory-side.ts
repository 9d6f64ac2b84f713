import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { createPoller } from '../../lib/activation/poll-activations.ts';
import { createDynamoDbActivationStore } from '../../lib/aws/dynamodb-activation-store.ts';
import { asSide } from '../harness/side.ts';
import { adaptersOf, policyFor } from '../virtual/adapters.ts';
import { VirtualClock } from '../virtual/virtual-clock.ts';
import { pendingItem } from './stored-items.ts';

const Config = v.object({ pending: v.number() });

const SHARDS = 4;
const PAGE_SIZE = 200;
/** A collection takes its time, and memory rises slowly. */
const SAMPLE_EVERY = 5;

/** Every shard is so long; a page is made when it is asked for, so that none lies in this process's memory. */
function pageOf(command: unknown, itemsAShard: number, itemAt: (index: number) => unknown) {
  if (!(command instanceof QueryCommand)) throw new Error('a tick that finds none Active writes nothing');
  const { ExclusiveStartKey, ExpressionAttributeValues } = command.input;
  const shard = Number(ExpressionAttributeValues?.[':shard']?.S);
  const start = Number(ExclusiveStartKey?.position?.N ?? 0);
  const length = Math.min(PAGE_SIZE, itemsAShard - start);
  const Items = Array.from({ length }, (_, offset) => itemAt((start + offset) * SHARDS + shard));
  const end = start + length;
  return { Items, ...(end < itemsAShard && { LastEvaluatedKey: { position: { N: String(end) } } }) };
}

const Gc = v.object({ gc: v.custom<() => void>((value) => typeof value === 'function') });

asSide(Config, async ({ pending }) => {
  const { gc } = v.parse(Gc, globalThis);
  const clock = new VirtualClock();
  const policy = policyFor(100_000);
  const since = clock.now() - 30_000;
  const state = { pages: 0, described: 0, samples: 0, peakBytes: 0 };
  const liveBytes = () => {
    gc();
    return process.memoryUsage().heapUsed;
  };
  const sample = () => {
    state.samples += 1;
    if (state.samples % SAMPLE_EVERY === 0) state.peakBytes = Math.max(state.peakBytes, liveBytes());
  };
  const nothing = { tableName: '', execute: () => ({}) };
  const services = {
    dynamodb: nothing,
    queue: nothing,
    bus: nothing,
    volcengineUrl: 'http://127.0.0.1:1',
    workers: 1,
  };
  const { deps } = adaptersOf(clock, services, policy, 'poller');
  const client = {
    send: async (command: unknown) => {
      sample();
      state.pages += 1;
      return pageOf(command, Math.ceil(pending / SHARDS), (index) => pendingItem(index, since, policy));
    },
  };
  const poller = createPoller({
    ...deps,
    store: createDynamoDbActivationStore(
      Object.assign(Object.create(DynamoDBClient.prototype), client),
      'activations',
    ),
    api: {
      ...deps.api,
      async describeFlowLogs(_scope, flowLogIds) {
        sample();
        state.described += flowLogIds.length;
        const views = flowLogIds.map((flowLogId) => ({
          flowLogId,
          status: 'Pending',
          locked: false as const,
        }));
        return { kind: 'described', flowLogs: new Map(views.map((view) => [view.flowLogId, view])) };
      },
    },
  });
  const before = liveBytes();
  await poller.tick(clock.now() + 50_000);
  return { peakMb: (state.peakBytes - before) / 1e6, pages: state.pages, described: state.described };
});

import { type AttributeValue, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { createPoller } from '../../lib/activation/poller/poll-activations.ts';
import { createDynamoDbActivationStore } from '../../lib/aws/dynamodb-activation-store.ts';
import { mapConcurrently } from '../../lib/runtime/concurrency.ts';
import { finishedItem, pendingItem, queuedItem } from '../growth/stored-items.ts';
import { asContender } from '../harness/contender.ts';
import { median } from '../harness/statistics.ts';
import { adaptersOf, NO_SERVICES, policyFor } from '../virtual/adapters.ts';
import { startDynaliteTable } from '../virtual/dynalite-table.ts';
import { MemoryDynamoDb } from '../virtual/memory-dynamodb.ts';
import { VirtualClock } from '../virtual/virtual-clock.ts';

const Config = v.object({
  table: v.picklist(['memory', 'dynalite']),
  kind: v.picklist(['queued', 'pending']),
  waiting: v.number(),
  finished: v.number(),
  ticks: v.number(),
});

/** Asked about each tick for so long, and then each half minute. */
const LONG_AGO_MS = 400_000;
const TICK_MS = 5_000;
const HALF_MINUTE_MS = 30_000;
const PUTS_AT_ONCE = 16;

async function openTable(table: v.InferOutput<typeof Config>['table']) {
  if (table === 'memory') {
    const memory = new MemoryDynamoDb();
    const put = async (item: Record<string, AttributeValue>) => memory.put(item);
    return { table: memory, put, counts: () => memory.counts.copy(), close: async () => {} };
  }
  const dynalite = await startDynaliteTable();
  const put = async (Item: Record<string, AttributeValue>) => {
    await dynalite.table.execute(new PutItemCommand({ TableName: dynalite.table.tableName, Item }));
  };
  return { ...dynalite, put };
}

/** Ticks within half a minute, beginning just after its first, so that none of what is old is to be asked about. */
function quietTimes(now: number, ticks: number): number[] {
  const begins = Math.ceil(now / HALF_MINUTE_MS) * HALF_MINUTE_MS + 1;
  const perHalfMinute = Math.floor((HALF_MINUTE_MS - 1) / TICK_MS);
  return Array.from({ length: ticks }, (_, tick) => begins + (tick % perHalfMinute) * TICK_MS);
}

asContender(Config, async ({ table: tableKind, kind, waiting, finished, ticks }) => {
  const { table, put, counts, close } = await openTable(tableKind);
  // No tick is kept waiting for a token.
  const policy = policyFor(100_000);
  let now = new VirtualClock().now();
  const since = kind === 'queued' ? now : now - LONG_AGO_MS;
  const itemAt = (index: number) => {
    if (index >= waiting) return finishedItem(index, now - LONG_AGO_MS, policy);
    return (kind === 'queued' ? queuedItem : pendingItem)(index, since, policy);
  };
  const indexes = Array.from({ length: waiting + finished }, (_, index) => index);
  await mapConcurrently(indexes, PUTS_AT_ONCE, (index) => put(itemAt(index)));

  let volcengineCalls = 0;
  const { deps } = adaptersOf(new VirtualClock(), NO_SERVICES, policy, 'poller');
  const client: DynamoDBClient = Object.assign(Object.create(DynamoDBClient.prototype), {
    send: async (command: unknown) => table.execute(command),
  });
  const poller = createPoller({
    ...deps,
    now: () => now,
    store: createDynamoDbActivationStore(client, table.tableName, deps),
    api: {
      ...deps.api,
      async describeFlowLogs(_scope, flowLogIds) {
        volcengineCalls += 1;
        const views = flowLogIds.map((flowLogId) => ({ flowLogId, status: 'Pending', locked: false }));
        return { kind: 'described', flowLogs: new Map(views.map((view) => [view.flowLogId, view])) };
      },
    },
  });
  const [first = now, ...others] = quietTimes(now, ticks + 1);
  // The first tick of a container asks about everything.
  now = first;
  await poller.tick(now + TICK_MS);
  volcengineCalls = 0;
  const before = counts();
  const times = [];
  for (const at of others) {
    now = at;
    const startedAt = performance.now();
    await poller.tick(now + TICK_MS);
    times.push(performance.now() - startedAt);
  }
  const after = counts();
  await close();
  return {
    requests: (after.total - before.total) / ticks,
    itemsRead: (after.itemsRead - before.itemsRead) / ticks,
    volcengineCalls: volcengineCalls / ticks,
    ms: median(times),
  };
});

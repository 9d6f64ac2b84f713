import { type AttributeValue, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { createPoller } from '../../lib/activation/poller/poll-activations.ts';
import { createDynamoDbActivationStore } from '../../lib/aws/dynamodb-activation-store.ts';
import { mapConcurrently } from '../../lib/runtime/concurrency.ts';
import { inMemoryQuota } from '../../test/support/fakes/in-memory-quota-store.ts';
import { Container } from '../../test/support/virtual/container.ts';
import { pollerDepsOf } from '../../test/support/virtual/container-deps.ts';
import { TABLE_NAME } from '../../test/support/virtual/deployed.ts';
import { finishedItem, pendingItem, queuedItem } from '../growth/stored-items.ts';
import { asContender } from '../harness/contender.ts';
import { median } from '../harness/statistics.ts';
import { startDynaliteTable } from '../virtual/dynalite-table.ts';
import { type Environment, startWorld } from '../virtual/environment.ts';
import { RequestCounts } from '../virtual/request-counts.ts';

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

/** Without a wire: no time passes in a tick. */
async function openTable(table: v.InferOutput<typeof Config>['table'], { dynamodb, time }: Environment) {
  if (table === 'memory') {
    const { caller } = new Container('poller', time);
    const counts = new RequestCounts();
    const execute = (command: object) => {
      const answer = dynamodb.execute(command, caller);
      counts.addCommand(command, answer);
      return answer;
    };
    const put = async (item: Record<string, AttributeValue>) => dynamodb.put(item);
    return { table: { execute }, put, counts: () => counts.copy(), close: async () => {} };
  }
  const dynalite = await startDynaliteTable();
  const put = async (Item: Record<string, AttributeValue>) => {
    await dynalite.table.execute(new PutItemCommand({ TableName: TABLE_NAME, Item }));
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
  // No tick is kept waiting for a token.
  const world = startWorld({ flowLogs: [], ratePerSecond: 100_000 });
  const { table, put, counts, close } = await openTable(tableKind, world);
  const deps = pollerDepsOf(world.outside());
  const { policy } = deps;
  let now = world.time.now;
  const since = kind === 'queued' ? now : now - LONG_AGO_MS;
  const itemAt = (index: number) => {
    if (index >= waiting) return finishedItem(index, now - LONG_AGO_MS, policy);
    return (kind === 'queued' ? queuedItem : pendingItem)(index, since, policy);
  };
  const indexes = Array.from({ length: waiting + finished }, (_, index) => index);
  await mapConcurrently(indexes, PUTS_AT_ONCE, (index) => put(itemAt(index)));

  let volcengineCalls = 0;
  const client: DynamoDBClient = Object.assign(Object.create(DynamoDBClient.prototype), {
    send: async (command: object) => table.execute(command),
  });
  const { ratePerSecond } = policy;
  const quota = inMemoryQuota({ ratePerSecond, now: () => now, sleep: async () => {} });
  const poller = createPoller({
    ...deps,
    now: () => now,
    limiter: quota,
    turns: quota,
    store: createDynamoDbActivationStore(client, TABLE_NAME, deps),
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

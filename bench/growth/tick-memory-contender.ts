import {
  type AttributeValue,
  BatchGetItemCommand,
  DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { createPoller } from '../../lib/activation/poller/poll-activations.ts';
import { createDynamoDbActivationStore } from '../../lib/aws/dynamodb-activation-store.ts';
import { inMemoryQuota } from '../../test/support/fakes/in-memory-quota-store.ts';
import { pollerDepsOf } from '../../test/support/virtual/container-deps.ts';
import { asContender } from '../harness/contender.ts';
import { startWorld } from '../virtual/environment.ts';
import { pendingItem } from './stored-items.ts';

type Item = Record<string, AttributeValue>;

const Config = v.object({ pending: v.number() });

const SHARDS = 4;
/** A collection takes its time, and memory rises slowly. */
const SAMPLE_EVERY = 5;

/**
 * Every shard is so long; a page is made when it is asked for, so that no more than that lies in this process's
 * memory.
 */
function createTable(itemsAShard: number, itemAt: (index: number) => Item) {
  let page = new Map<string | undefined, Item>();
  const query = ({ ExclusiveStartKey, ExpressionAttributeValues, Limit = 1 }: QueryCommandInput) => {
    const shard = Number(ExpressionAttributeValues?.[':shard']?.S);
    const start = Number(ExclusiveStartKey?.position?.N ?? 0);
    const length = Math.min(Limit, itemsAShard - start);
    const items = Array.from({ length }, (_, offset) => itemAt((start + offset) * SHARDS + shard));
    page = new Map(items.map((item) => [item.pk?.S, item]));
    const end = start + length;
    const Items = items.map(({ pk, sk, dueShard, dueAt }) => ({ pk, sk, dueShard, dueAt }));
    return { Items, ...(end < itemsAShard && { LastEvaluatedKey: { position: { N: String(end) } } }) };
  };
  return (command: unknown) => {
    if (command instanceof QueryCommand) return query(command.input);
    if (!(command instanceof BatchGetItemCommand))
      throw new Error('a tick that finds none Active writes nothing');
    const asked = Object.entries(command.input.RequestItems ?? {});
    return {
      Responses: Object.fromEntries(
        asked.map(([table, { Keys = [] }]) => [table, Keys.map(({ pk }) => page.get(pk?.S))]),
      ),
    };
  };
}

const Gc = v.object({ gc: v.custom<() => void>((value) => typeof value === 'function') });

asContender(Config, async ({ pending }) => {
  const { gc } = v.parse(Gc, globalThis);
  const deps = pollerDepsOf(startWorld({ flowLogs: [], ratePerSecond: 100_000 }).outside());
  const { now, policy } = deps;
  // No time passes, so that nothing may wait for a token.
  const limiter = inMemoryQuota({ ratePerSecond: policy.ratePerSecond, now, sleep: async () => {} });
  const since = now() - 30_000;
  const state = { pages: 0, described: 0, samples: 0, peakBytes: 0 };
  const liveBytes = () => {
    gc();
    return process.memoryUsage().heapUsed;
  };
  const sample = () => {
    state.samples += 1;
    if (state.samples % SAMPLE_EVERY === 0) state.peakBytes = Math.max(state.peakBytes, liveBytes());
  };
  const table = createTable(Math.ceil(pending / SHARDS), (index) => pendingItem(index, since, policy));
  const client = {
    send: async (command: unknown) => {
      sample();
      state.pages += 1;
      return table(command);
    },
  };
  const poller = createPoller({
    ...deps,
    limiter,
    turns: limiter,
    store: createDynamoDbActivationStore(
      Object.assign(Object.create(DynamoDBClient.prototype), client),
      'activations',
      deps,
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
  await poller.tick(now() + 50_000);
  return { peakMb: (state.peakBytes - before) / 1e6, pages: state.pages, described: state.described };
});

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvalidCursor } from '../activation/model/errors.ts';
import type { Clock, Log, Metrics } from '../activation/model/ports.ts';
import { POLICY_NAME } from '../activation/policies/policy.ts';
import type { RunStore } from '../activation/policies/ports.ts';
import { RUN_ID } from '../activation/policies/run.ts';
import { anyOf, ITEM_IS_ABSENT, VERSION_IS_UNCHANGED } from './conditional-write.ts';
import { batchGet, queryPages, type Sleep } from './dynamodb-reads.ts';
import { createItemReader } from './item-reader.ts';
import { toAttributes } from './item-update.ts';
import {
  AFTER_RUNS,
  fromRowsItem,
  fromRunItem,
  fromStateItem,
  rowsKey,
  runKey,
  runsOf,
  STATES,
  toRowsItem,
  toRunItem,
  toStateItem,
} from './run-item.ts';
import { createTable } from './table.ts';

/** RunStore on the table of the activations. Throws RecordUnreadable, and the errors of the SDK. */
export function createDynamoDbRunStore(
  client: DynamoDBClient,
  tableName: string,
  telemetry: { log: Log; metrics: Metrics; now: Clock },
  sleep?: Sleep,
): RunStore {
  const reader = createItemReader(telemetry);
  const table = createTable(client, tableName);

  const readRun: RunStore['readRun'] = async (policy, runId) => {
    if (!POLICY_NAME.test(policy) || !RUN_ID.test(runId)) return undefined;
    const item = await table.get(runKey(policy, runId));
    return item && reader.one(item, fromRunItem);
  };

  return {
    readRun,

    async states() {
      const found = [];
      const pages = queryPages(client, {
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: toAttributes({ ':pk': STATES }),
        ConsistentRead: true,
      });
      for await (const items of pages) found.push(...reader.many(items, fromStateItem).readable);
      return found;
    },

    saveState(next) {
      const condition = next.version === 1 ? ITEM_IS_ABSENT : VERSION_IS_UNCHANGED;
      const values = next.version === 1 ? undefined : { ':version': next.version - 1 };
      return table.put(toStateItem(next, telemetry.now()), condition, values);
    },

    async createRun(run) {
      if (await table.put(toRunItem(run), anyOf(ITEM_IS_ABSENT))) return undefined;
      return readRun(run.policy, run.runId);
    },

    async listRuns(policy, limit, cursor) {
      if (cursor !== undefined && !RUN_ID.test(cursor)) throw new InvalidCursor();
      const items = [];
      const pages = queryPages(client, {
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk AND sk < :before',
        ExpressionAttributeValues: toAttributes({ ':pk': runsOf(policy), ':before': cursor ?? AFTER_RUNS }),
        ScanIndexForward: false,
        ConsistentRead: true,
        Limit: limit + 1,
      });
      for await (const page of pages) {
        items.push(...page);
        if (items.length > limit) break;
      }
      const { readable: runs } = reader.many(items.slice(0, limit), fromRunItem);
      const last = items[limit - 1];
      return { runs, ...(items.length > limit && last && { nextCursor: String(last.sk) }) };
    },

    async putRows(policy, page, rows) {
      await table.put(toRowsItem(policy, page, rows));
    },

    async readRows(policy, pages) {
      const keys = pages.map(({ id }) => rowsKey(policy, id));
      const items = await batchGet(client, tableName, keys, { sleep });
      const bySk = new Map(items.map((item) => [item.sk, item]));
      return keys.map(({ sk }) => {
        const item = bySk.get(sk);
        return item ? (reader.many([item], fromRowsItem).readable[0] ?? []) : [];
      });
    },
  };
}

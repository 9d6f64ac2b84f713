import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { Log, Metrics } from '../activation/model/ports.ts';
import type { QuotaReader, QuotaStore } from '../activation/quota/account-quota.ts';
import { FRESH, LOWEST_SPEED, type QuotaState } from '../activation/quota/quota-state.ts';
import { VERSION_IS_UNCHANGED } from './conditional-write.ts';
import { batchGet } from './dynamodb-reads.ts';
import { createItemReader } from './item-reader.ts';
import type { Item } from './item-update.ts';
import { createTable } from './table.ts';

/* The item of a quota: pk Q#account, sk 0. It is in no index and never expires. */
const KEY_PREFIX = 'Q#';
const keyOf = (account: string) => ({ pk: `${KEY_PREFIX}${account}`, sk: '0' });

const time = v.pipe(v.number(), v.finite());
const quotaSchema = v.object({
  usedUntil: time,
  plannedUntil: time,
  repeatedUntil: time,
  slowedTo: v.pipe(v.number(), v.minValue(LOWEST_SPEED), v.maxValue(1)),
  slowedAt: time,
  writtenAt: time,
});
const pauseSchema = v.object({
  pausedAt: time,
  pausedBy: v.string(),
  pausedWhy: v.optional(v.string()),
});
const refusalsSchema = v.object({
  refusals: v.record(v.string(), v.object({ since: time, at: time, code: v.string() })),
});
const skippedRunsSchema = v.object({ skippedRuns: v.record(v.string(), time) });

/**
 * QuotaStore on the table of the activations. An unreadable quota is counted and logged, and counts as a fresh one with
 * the same pause: the next `write` replaces it. Throws the errors of the SDK.
 */
export function createDynamoDbQuotaStore(
  client: DynamoDBClient,
  tableName: string,
  telemetry: { log: Log; metrics: Metrics },
): QuotaStore & QuotaReader {
  const reader = createItemReader(telemetry);
  const table = createTable(client, tableName);

  const stateOf = (item: Item): QuotaState => {
    const { readable } = reader.many([item], (each): QuotaState => v.parse(quotaSchema, each));
    const pause = v.safeParse(pauseSchema, item);
    const refusals = v.safeParse(refusalsSchema, item);
    const skippedRuns = v.safeParse(skippedRunsSchema, item);
    return {
      ...(readable[0] ?? FRESH),
      ...(pause.success && pause.output),
      ...(refusals.success && refusals.output),
      ...(skippedRuns.success && skippedRuns.output),
    };
  };

  return {
    async read(account) {
      const item = await table.get(keyOf(account));
      return item === undefined
        ? { state: FRESH, revision: undefined }
        : { state: stateOf(item), revision: item.version };
    },

    async readMany(accounts) {
      const items = await batchGet(client, tableName, accounts.map(keyOf), { isConsistent: false });
      return new Map(items.map((item) => [String(item.pk).slice(KEY_PREFIX.length), stateOf(item)]));
    },

    write(account, state, revision) {
      const version = Number.isSafeInteger(revision) ? Number(revision) + 1 : 1;
      const item = { ...keyOf(account), ...state, version };
      return revision === undefined
        ? table.put(item, 'attribute_not_exists(version)')
        : table.put(item, VERSION_IS_UNCHANGED, { ':version': revision });
    },
  };
}

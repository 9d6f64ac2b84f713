import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { Log, Metrics } from '../activation/model/ports.ts';
import type { QuotaStore } from '../activation/quota/account-quota.ts';
import { FRESH, LOWEST_SPEED, type QuotaState } from '../activation/quota/quota-state.ts';
import { VERSION_IS_UNCHANGED } from './conditional-write.ts';
import { createItemReader } from './item-reader.ts';
import { createTable } from './table.ts';

/* The item of a quota: pk Q#account, sk 0. It is in no index and never expires. */
const keyOf = (account: string) => ({ pk: `Q#${account}`, sk: '0' });

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

/**
 * QuotaStore on the table of the activations. An unreadable quota is counted and logged, and counts as a fresh one with
 * the same pause: the next `write` replaces it. Throws the errors of the SDK.
 */
export function createDynamoDbQuotaStore(
  client: DynamoDBClient,
  tableName: string,
  telemetry: { log: Log; metrics: Metrics },
): QuotaStore {
  const reader = createItemReader(telemetry);
  const table = createTable(client, tableName);

  return {
    async read(account) {
      const item = await table.get(keyOf(account));
      if (item === undefined) return { state: FRESH, revision: undefined };
      const { readable } = reader.many([item], (each): QuotaState => v.parse(quotaSchema, each));
      const pause = v.safeParse(pauseSchema, item);
      return {
        state: { ...(readable[0] ?? FRESH), ...(pause.success && pause.output) },
        revision: item.version,
      };
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

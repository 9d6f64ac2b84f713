import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PLAN_ID, PLAN_LIFE_MS, type Plan } from '../activation/batches/plan.ts';
import type { PlanStore } from '../activation/batches/ports.ts';
import type { Log, Metrics } from '../activation/model/ports.ts';
import { allOf, anyOf, ITEM_IS_ABSENT, LIFE_IS_OVER } from './conditional-write.ts';
import { batchGet, type Sleep } from './dynamodb-reads.ts';
import { createItemReader } from './item-reader.ts';
import { toAttributes } from './item-update.ts';
import { chunkKeysOf, fromPlanHeader, planKey, toPlan, toPlanItems } from './plan-item.ts';
import { createTable } from './table.ts';

const PLAN_IS_THE_SAME = 'createdAt = :createdAt';
const PLAN_IS_NOT_EXECUTED = 'attribute_not_exists(#execution)';

/**
 * PlanStore on the table of the activations. A header is written after its chunks, so every plan that can be read is
 * complete. Each writer has a nonce of its own, so the chunks of two writers do not mix:
 *
 *   writer A                       writer B
 *   chunks with nonce a
 *                                  chunks with nonce b
 *                                  header with nonce b: the plan
 *   header with nonce a: refused; returns the plan of B
 *
 * Throws RecordUnreadable, and the errors of the SDK.
 */
export function createDynamoDbPlanStore(
  client: DynamoDBClient,
  tableName: string,
  newNonce: () => string,
  telemetry: { log: Log; metrics: Metrics },
  sleep?: Sleep,
): PlanStore {
  const reader = createItemReader(telemetry);
  const table = createTable(client, tableName);

  /** A plan whose life is over is not read: DynamoDB may have deleted any part of it. */
  const readLive = async (planId: string, now: number): Promise<Plan | undefined> => {
    const item = await table.get(planKey(planId));
    if (item === undefined) return undefined;
    const header = reader.one(item, fromPlanHeader);
    if (header.createdAt <= now - PLAN_LIFE_MS) return undefined;
    const chunks = await batchGet(client, tableName, chunkKeysOf(header), { sleep });
    return reader.one(item, () => toPlan(header, chunks));
  };

  return {
    async create(plan) {
      const { chunks, header } = toPlanItems(plan, newNonce());
      // One after the other: they share a partition, which accepts about 1,000 kB a second.
      for (const chunk of chunks) await table.put(chunk);
      const ended = { ':ended': plan.createdAt - PLAN_LIFE_MS };
      if (await table.put(header, anyOf(ITEM_IS_ABSENT, LIFE_IS_OVER), ended)) return undefined;
      const existing = await readLive(plan.planId, plan.createdAt);
      if (existing === undefined) throw new Error(`plan ${plan.planId} vanished while it was read`);
      return existing;
    },

    read: async (planId, now) => (PLAN_ID.test(planId) ? readLive(planId, now) : undefined),

    markExecuted: (plan, execution) =>
      table.update(planKey(plan.planId), {
        UpdateExpression: 'SET #execution = :execution',
        ConditionExpression: allOf(PLAN_IS_THE_SAME, PLAN_IS_NOT_EXECUTED),
        ExpressionAttributeNames: { '#execution': 'execution' },
        ExpressionAttributeValues: toAttributes({ ':execution': execution, ':createdAt': plan.createdAt }),
      }),
  };
}

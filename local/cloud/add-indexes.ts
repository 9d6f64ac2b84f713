import type { Level } from 'level';
import * as v from 'valibot';
import type { TableDefinition } from './create-tables.ts';

const named = v.looseObject({ IndexName: v.string() });
const storedTable = v.looseObject({
  TableArn: v.string(),
  GlobalSecondaryIndexes: v.optional(v.array(named), []),
});

/**
 * Gives tables of an earlier version the global indexes that they lack: dynalite cannot add one to a table. A new index
 * is empty. The items of before have no attribute for it; those that get one are in it from then on.
 */
export async function addIndexes(
  store: Level<string, unknown>,
  definitions: readonly TableDefinition[],
): Promise<void> {
  for (const { TableName, AttributeDefinitions, GlobalSecondaryIndexes = [] } of definitions) {
    const key = `table~${TableName}`;
    const stored = v.safeParse(storedTable, await store.get(key));
    if (!stored.success) continue;
    const table = stored.output;
    const known = new Set(table.GlobalSecondaryIndexes.map(({ IndexName }) => IndexName));
    const missing = GlobalSecondaryIndexes.filter(({ IndexName }) => !known.has(IndexName));
    if (missing.length === 0) continue;
    const added = missing.map((index) => ({
      ...index,
      IndexArn: `${table.TableArn}/index/${index.IndexName}`,
      IndexSizeBytes: 0,
      ItemCount: 0,
      IndexStatus: 'ACTIVE',
      ProvisionedThroughput: { ReadCapacityUnits: 0, WriteCapacityUnits: 0, NumberOfDecreasesToday: 0 },
    }));
    const indexes = [...table.GlobalSecondaryIndexes, ...added];
    await store.put(key, { ...table, AttributeDefinitions, GlobalSecondaryIndexes: indexes });
  }
}

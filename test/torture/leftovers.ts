import { DynamoDBClient, paginateScan, type ScanCommandInput } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import type { LocalWorld } from '../../local/world.ts';
import { LOCAL_ACCESS } from '../support/local-access.ts';
import type { Leftovers } from './observations.ts';

const Item = v.object({
  pk: v.string(),
  sk: v.string(),
  dueShard: v.optional(v.string()),
  dueAt: v.optional(v.number()),
  outbox: v.optional(v.array(v.string()), []),
});
type Item = v.InferOutput<typeof Item>;

const keyOf = ({ pk, sk }: Item) => `${pk} ${sk}`;
const isBatch = ({ pk }: Item) => pk.startsWith('B#');

/** Reads the whole table and the index `due`, past the API. `graceMs`: how late the poller may be with a batch. */
export async function readLeftovers({ description }: LocalWorld, graceMs: number): Promise<Leftovers> {
  const client = new DynamoDBClient({ ...LOCAL_ACCESS, endpoint: description.dynamodb });
  try {
    const TableName = description.table;
    const items = await scan(client, { TableName, ConsistentRead: true });
    const indexed = await scan(client, { TableName, IndexName: 'due' });
    const due = items.filter(({ dueAt }) => dueAt !== undefined);
    const [batches, activations] = [due.filter(isBatch), due.filter((item) => !isBatch(item))];
    const indexedActivations = indexed.filter((item) => !isBatch(item));
    return {
      due: activations.map(keyOf),
      untold: items.filter(({ outbox }) => outbox.length > 0).map(keyOf),
      overdueBatches: batches.filter(({ dueAt = 0 }) => dueAt + graceMs < Date.now()).map(keyOf),
      misindexed: [
        ...new Set(activations.map(identity)).symmetricDifference(new Set(indexedActivations.map(identity))),
      ],
    };
  } finally {
    client.destroy();
  }
}

const identity = (item: Item) => `${keyOf(item)} dueAt ${item.dueAt}`;

async function scan(client: DynamoDBClient, input: ScanCommandInput): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of paginateScan({ client }, input)) {
    for (const item of page.Items ?? []) items.push(v.parse(Item, unmarshall(item)));
  }
  return items;
}

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Activation } from '../activation/model/activation.ts';
import type { ActivationStore, CheckpointStore, Log } from '../activation/model/ports.ts';
import { mapConcurrently } from '../runtime/concurrency.ts';
import { attentionOf } from './attention.ts';
import { allOf, VERSION_IS_UNCHANGED } from './conditional-write.ts';
import { keyOf } from './item-key.ts';
import { toAttributes } from './item-update.ts';
import { createTable } from './table.ts';

const NAME = 'attention';
const FAILED_AT_ONCE = 200;
const WRITES_AT_ONCE = 16;
const NOT_IN_INDEX = 'attribute_not_exists(attention)';

/** The two walks, one after the other. A checkpoint's cursor is the name of the walk and the cursor in it. */
type Walk = 'failed' | 'completed' | 'done';

/**
 * Brings the items that versions up to 0.5 have written into index `attention`: the failed ones, then those that have
 * drifted. Each call looks at one page; after the last one it costs nothing. A write changes no version, and is refused
 * if anybody else has written the item since. Throws the errors of the SDK.
 */
export function createAttentionBackfill(deps: {
  client: DynamoDBClient;
  tableName: string;
  store: Pick<ActivationStore, 'list' | 'completed'>;
  checkpoints: CheckpointStore;
  log: Log;
}): () => Promise<void> {
  const { store, checkpoints, log } = deps;
  const table = createTable(deps.client, deps.tableName);
  let isDone = false;

  const addToIndex = (activation: Activation) => {
    const attention = attentionOf(activation);
    if (attention === undefined) return false;
    return table.update(keyOf(activation), {
      UpdateExpression: 'SET attention = :attention',
      ConditionExpression: allOf(VERSION_IS_UNCHANGED, NOT_IN_INDEX),
      ExpressionAttributeValues: toAttributes({ ':attention': attention, ':version': activation.version }),
    });
  };

  return async () => {
    if (isDone) return;
    const checkpoint = await checkpoints.read(NAME);
    const [walk, at] = positionOf(checkpoint.cursor);
    isDone = walk === 'done';
    if (isDone) return;
    const cursor = at === '' ? {} : { cursor: at };
    const page =
      walk === 'failed'
        ? await store.list({ status: 'failed', limit: FAILED_AT_ONCE, ...cursor })
        : await store.completed(cursor.cursor);
    const added = await mapConcurrently(page.activations, WRITES_AT_ONCE, async (one) => addToIndex(one));
    const next: Walk = walk === 'failed' ? 'completed' : 'done';
    const { nextCursor } = page;
    await checkpoints.save(NAME, checkpoint, nextCursor === undefined ? `${next} ` : `${walk} ${nextCursor}`);
    const number = added.filter(Boolean).length;
    if (number > 0) log.info('earlier activations are in index attention', { number });
  };
}

function positionOf(cursor = 'failed '): [walk: Walk, at: string] {
  const separator = cursor.indexOf(' ');
  return [cursor.slice(0, separator) as Walk, cursor.slice(separator + 1)];
}

import type { Activation, ActivationStatus, FlowLogRef } from '../activation/model/activation.ts';
import { flowLogKey, sha256 } from '../activation/model/ids.ts';
import type { Item } from './item-update.ts';

/*
 * The records of the table:
 *   current   pk F#account#region#flowLogId   sk 0            never deleted, never expired
 *   archive   pk F#account#region#flowLogId   sk A#batchId    expires after 400 days, once its outbox is empty
 *   joiner    pk F#account#region#flowLogId   sk J#batchId    names the archived activation that the batch joined
 *   batch     pk B#batchId                    sk 0            expires after 90 days, once its end is published
 * For the records of plans and checkpoints see plan-item.ts and dynamodb-checkpoint-store.ts.
 * The indexes are sparse and hold keys only: an item is in an index while it has both of its keys. A write costs once
 * more for each index whose keys it changes.
 *   due        dueShard, dueAt         every item with work left
 *   list       listBucket, listKey     every activation, by state and time of creation
 *   attention  attention, listKey      current activations that a person may have to do something about, see attention.ts
 *   flow-log   pk, pastListKey         the archived activations of a flow log, by time of creation
 */

/** One shard accepts about 1,000 writes a second. Each shard costs the poller one Query per tick. */
export const DUE_SHARDS = 4;

/** The partitions of index `list` per state. Each accepts about 1,000 writes a second. */
const LIST_SHARDS = 4;

export type ItemKey = { pk: string; sk: string };

const flowLogItemKey = (flowLog: FlowLogRef, sk: string): ItemKey => ({ pk: `F#${flowLogKey(flowLog)}`, sk });
export const currentKey = (flowLog: FlowLogRef) => flowLogItemKey(flowLog, '0');
export const archiveKey = (flowLog: FlowLogRef, batchId: string) => flowLogItemKey(flowLog, `A#${batchId}`);
export const joinerKey = (flowLog: FlowLogRef, batchId: string) => flowLogItemKey(flowLog, `J#${batchId}`);
export const batchKey = (batchId: string): ItemKey => ({ pk: `B#${batchId}`, sk: '0' });

export function isBatchItem(item: Item): boolean {
  return typeof item.pk === 'string' && item.pk.startsWith('B#');
}

/** A current or an archived activation; not a batch, and not a joiner. */
export function isActivationItem({ pk, sk }: Item): boolean {
  return String(pk).startsWith('F#') && !String(sk).startsWith('J#');
}

/** The flow log of a current item, an archived item or a joiner, read from the key alone. */
export function flowLogOfKey({ pk }: { pk?: unknown }): FlowLogRef {
  const [, account = '', region = '', flowLogId = ''] = String(pk).split('#');
  return { account, region, flowLogId };
}

export function keyOf(activation: Activation): ItemKey {
  return activation.archived ? archiveKey(activation, activation.batchId) : currentKey(activation);
}

/** Sorts by time of creation, then by id. It is unique, so it also serves as a cursor. */
export function listKeyOf(activation: Pick<Activation, 'createdAt' | 'activationId'>): string {
  return `${listTimeOf(activation.createdAt)}#${activation.activationId}`;
}

/** Sorts before each listKey of this time. */
export function listTimeOf(createdAt: number): string {
  return String(Math.max(0, createdAt)).padStart(15, '0');
}

/** Seconds since the epoch: the format of DynamoDB's time to live. */
export const expiry = (timeMs: number) => Math.floor(timeMs / 1000);

export const dueAttributes = (pk: string, dueAt: number | undefined) =>
  dueAt === undefined ? {} : { dueAt, dueShard: String(shardOf(pk, DUE_SHARDS)) };

function shardOf(key: string, shards: number): number {
  return Number.parseInt(sha256(key, 'hex').slice(0, 8), 16) % shards;
}

/** Queued and pending activations share buckets: at any time there are few, and most pass through both states. */
const LIST_STATES = { queued: 'open', pending: 'open', completed: 'completed', failed: 'failed' } as const;

/** The partition of index `list` for an activation. */
export function listBucketOf({ activationId, status }: Pick<Activation, 'activationId' | 'status'>): string {
  return `${LIST_STATES[status]}#${shardOf(activationId, LIST_SHARDS)}`;
}

/** The partitions of index `list` with the activations of a status, perhaps beside other statuses. No status: all. */
export function listBucketsOf(status?: ActivationStatus): string[] {
  const states = status ? [LIST_STATES[status]] : new Set(Object.values(LIST_STATES));
  return [...states].flatMap((state) =>
    Array.from({ length: LIST_SHARDS }, (_, shard) => `${state}#${shard}`),
  );
}

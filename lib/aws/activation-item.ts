import * as v from 'valibot';
import {
  ACTIVATION_STATUSES,
  type Activation,
  type ActivationStatus,
  DRIFT_KINDS,
  type FlowLogRef,
  type OutboxEntry,
} from '../activation/model/activation.ts';
import { flowLogKey, sha256 } from '../activation/model/ids.ts';
import { FAILURE_REASONS } from '../activation/model/outcome.ts';

/*
 * The records of the table:
 *   current   pk F#account#region#flowLogId   sk 0            never deleted, never expired
 *   archive   pk F#account#region#flowLogId   sk A#batchId    expires after 400 days, once its outbox is empty
 *   joiner    pk F#account#region#flowLogId   sk J#batchId    names the archived activation that the batch joined
 *   batch     pk B#batchId                    sk 0            expires after 90 days, once its end is published
 * The indexes are sparse and hold keys only: an item is in an index while it has both of its keys. A write costs once
 * more for each index whose keys it changes.
 *   due        dueShard, dueAt         every item with work left
 *   list       listBucket, listKey     every activation, by state and time of creation
 *   flow-log   pk, pastListKey         the archived activations of a flow log, by time of creation
 */

/** One shard accepts about 1,000 writes a second. Each shard costs the poller one Query per tick. */
export const DUE_SHARDS = 4;

/** The partitions of index `list` per state. Each accepts about 1,000 writes a second. */
const LIST_SHARDS = 4;

export const DAY_MS = 86_400_000;
const ARCHIVE_DAYS = 400;

export type ItemKey = { pk: string; sk: string };

export const currentKey = (flowLog: FlowLogRef): ItemKey => ({ pk: `F#${flowLogKey(flowLog)}`, sk: '0' });
export const archiveKey = (flowLog: FlowLogRef, batchId: string): ItemKey => ({
  pk: `F#${flowLogKey(flowLog)}`,
  sk: `A#${batchId}`,
});
export const joinerKey = (flowLog: FlowLogRef, batchId: string): ItemKey => ({
  pk: `F#${flowLogKey(flowLog)}`,
  sk: `J#${batchId}`,
});

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
  return `${String(activation.createdAt).padStart(15, '0')}#${activation.activationId}`;
}

/** Seconds since the epoch: the format of DynamoDB's time to live. */
export const expiry = (fromMs: number, days: number) => Math.floor((fromMs + days * DAY_MS) / 1000);

export const dueAttributes = (pk: string, dueAt: number | undefined) =>
  dueAt === undefined ? {} : { dueAt, dueShard: String(shardOf(pk, DUE_SHARDS)) };

function shardOf(key: string, shards: number): number {
  return Number.parseInt(sha256(key, 'hex').slice(0, 8), 16) % shards;
}

/** Queued and pending activations share buckets: at any time there are few, and most pass through both states. */
const LIST_STATES = { queued: 'open', pending: 'open', completed: 'completed', failed: 'failed' } as const;

/** The partitions of index `list` with the activations of a status, perhaps beside other statuses. No status: all. */
export function listBucketsOf(status?: ActivationStatus): string[] {
  const states = status ? [LIST_STATES[status]] : new Set(Object.values(LIST_STATES));
  return [...states].flatMap((state) =>
    Array.from({ length: LIST_SHARDS }, (_, shard) => `${state}#${shard}`),
  );
}

/** One item per joiner. Most activations have none. */
export function toJoinerItems(archived: Activation): Record<string, unknown>[] {
  return archived.joiners.map((batchId) => ({
    ...joinerKey(archived, batchId),
    batchId: archived.batchId,
    expiresAt: expiry(archived.finishedAt ?? archived.updatedAt, ARCHIVE_DAYS),
  }));
}

export function toActivationItem(activation: Activation): Record<string, unknown> {
  const { archived, dueAt, ...stored } = activation;
  const key = keyOf(activation);
  const listKey = listKeyOf(activation);
  const expiresAt = expiry(activation.finishedAt ?? activation.updatedAt, ARCHIVE_DAYS);
  return {
    ...key,
    ...stored,
    ...(activation.asyncTaskId !== undefined && { asyncTaskGeneration: activation.generation }),
    ...dueAttributes(key.pk, dueAt),
    listBucket: `${LIST_STATES[activation.status]}#${shardOf(activation.activationId, LIST_SHARDS)}`,
    listKey,
    ...(archived && { pastListKey: listKey }),
    // An item with work left does not expire.
    ...(archived && dueAt === undefined && { expiresAt }),
  };
}

export const flowLogFields = { account: v.string(), region: v.string(), flowLogId: v.string() };
/** Milliseconds since the epoch, within the range of Date. */
export const ms = v.pipe(v.number(), v.minValue(0), v.maxValue(8.64e15));
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const ordinal = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

const outboxEntry = v.custom<OutboxEntry>(
  (entry) =>
    typeof entry === 'string' && /^(submitted|completed|failed|dead-letter|drifted)#\d+$/.test(entry),
);

const activationSchema = v.object({
  sk: v.string(),
  ...flowLogFields,
  activationId: v.string(),
  batchId: v.string(),
  joiners: v.array(v.string()),
  source: v.string(),
  requestedBy: v.optional(v.string()),
  metadata: v.record(v.string(), v.string()),
  status: v.picklist(ACTIVATION_STATUSES),
  version: ordinal,
  generation: ordinal,
  attempts: count,
  createdAt: ms,
  updatedAt: ms,
  queuedAt: ms,
  deadlineAt: ms,
  leaseUntil: v.optional(ms),
  leaseId: v.optional(v.string()),
  accepted: v.optional(v.boolean()),
  requestId: v.optional(v.string()),
  asyncTaskId: v.optional(v.string()),
  asyncTaskGeneration: v.optional(ordinal),
  pendingAt: v.optional(ms),
  pendingDeadlineAt: v.optional(ms),
  submittedJoiners: v.optional(count),
  absentAt: v.optional(ms),
  unansweredAt: v.optional(ms),
  finishedAt: v.optional(ms),
  adopted: v.optional(v.boolean()),
  reason: v.optional(v.picklist(FAILURE_REASONS)),
  lastError: v.optional(
    v.object({
      code: v.string(),
      message: v.string(),
      httpStatus: v.optional(v.number()),
      requestId: v.optional(v.string()),
    }),
  ),
  history: v.array(
    v.object({
      at: ms,
      generation: ordinal,
      attempt: count,
      event: v.string(),
      code: v.optional(v.string()),
      httpStatus: v.optional(v.number()),
      asyncTaskId: v.optional(v.string()),
      by: v.optional(v.string()),
    }),
  ),
  outbox: v.array(outboxEntry),
  refused: v.optional(v.object({ entries: v.array(outboxEntry), times: count, retryAt: ms })),
  drift: v.optional(
    v.object({
      ordinal,
      kind: v.picklist(DRIFT_KINDS),
      status: v.optional(v.string()),
      lockReason: v.optional(v.string()),
      detectedAt: ms,
      endedAt: v.optional(ms),
    }),
  ),
  dueAt: v.optional(ms),
});

/** Throws for an item that no release writes in this form. Ignores attributes of a newer version. */
export function fromActivationItem(item: unknown): Activation {
  const { sk, asyncTaskId, asyncTaskGeneration, ...stored } = v.parse(activationSchema, item);
  // Version 0.3 did not remove the task of the previous generation when it redrove an activation.
  const isOwn = asyncTaskGeneration === undefined || asyncTaskGeneration === stored.generation;
  const task = asyncTaskId !== undefined && isOwn ? { asyncTaskId } : {};
  return { ...stored, ...task, archived: sk !== '0' };
}

const joinerSchema = v.object({ batchId: v.string() });

/** Returns the id of the batch whose activation was joined. Throws like fromActivationItem. */
export function fromJoinerItem(item: unknown): string {
  return v.parse(joinerSchema, item).batchId;
}

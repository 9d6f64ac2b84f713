import * as v from 'valibot';
import {
  ACTIVATION_STATUSES,
  type Activation,
  DRIFT_KINDS,
  type OutboxEntry,
} from '../activation/model/activation.ts';
import { FAILURE_REASONS } from '../activation/model/outcome.ts';
import { attentionOf } from './attention.ts';
import { directed, directedFields, fromDirected } from './directed-item.ts';
import { dueAttributes, expiry, joinerKey, keyOf, listBucketOf, listKeyOf } from './item-key.ts';
import type { Item } from './item-update.ts';
import { publishedSchema, publishedText } from './published-text.ts';

const ARCHIVE_DAYS = 400;

const expiryOf = ({ finishedAt, updatedAt }: Activation) =>
  expiry((finishedAt ?? updatedAt) + ARCHIVE_DAYS * 86_400_000);

/** One item per joiner. Most activations have none. */
export function toJoinerItems(archived: Activation): Item[] {
  return archived.joiners.map((batchId) => ({
    ...joinerKey(archived, batchId),
    batchId: archived.batchId,
    expiresAt: expiryOf(archived),
  }));
}

export function toActivationItem(activation: Activation): Item {
  const { archived, dueAt, published, ...stored } = activation;
  const key = keyOf(activation);
  const listKey = listKeyOf(activation);
  return {
    ...key,
    ...directed(stored),
    ...taskAttributes(activation),
    ...(published && { published: publishedText(published) }),
    ...dueAttributes(key.pk, dueAt),
    listBucket: listBucketOf(activation),
    listKey,
    attention: attentionOf(activation),
    ...(archived && { pastListKey: listKey }),
    // An item with work left does not expire.
    ...(archived && dueAt === undefined && { expiresAt: expiryOf(activation) }),
  };
}

/**
 * A write costs per kilobyte. So the item of a first generation holds Volcengine's task once, without a generation: the
 * entry `accepted` of its history gets the task back when the item is read.
 */
function taskAttributes({ asyncTaskId, generation, history }: Activation): Item {
  if (asyncTaskId === undefined) return {};
  if (generation > 1) return { asyncTaskGeneration: generation };
  return { history: history.map(({ asyncTaskId: _, ...entry }) => entry) };
}

export const flowLogFields = { account: v.string(), region: v.string(), flowLogId: v.string() };
/** Milliseconds since the epoch, within the range of Date. */
export const ms = v.pipe(v.number(), v.minValue(0), v.maxValue(8.64e15));
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Of model/tracing.ts. */
export const tracingFields = { callerRequestId: v.optional(v.string()), traceparent: v.optional(v.string()) };
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
  ...directedFields,
  requestedBy: v.optional(v.string()),
  ...tracingFields,
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
  untrustedUntil: v.optional(ms),
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
  published: v.optional(publishedSchema),
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
  const { sk, asyncTaskId, asyncTaskGeneration, ...read } = v.parse(activationSchema, item);
  const stored = fromDirected(read);
  if (asyncTaskId === undefined) return { ...stored, archived: sk !== '0' };
  const startedIn =
    asyncTaskGeneration ?? stored.history.find((entry) => entry.asyncTaskId === asyncTaskId)?.generation ?? 1;
  const history = stored.history.map((entry) =>
    entry.event === 'accepted' && entry.generation === startedIn ? { ...entry, asyncTaskId } : entry,
  );
  // Version 0.3 did not remove the task of the previous generation when it redrove an activation.
  const task = startedIn === stored.generation ? { asyncTaskId } : {};
  return { ...stored, history, ...task, archived: sk !== '0' };
}

const joinerSchema = v.object({ batchId: v.string() });

/** Returns the id of the batch whose activation was joined. Throws like fromActivationItem. */
export function fromJoinerItem(item: unknown): string {
  return v.parse(joinerSchema, item).batchId;
}

import * as v from 'valibot';
import {
  OPERATION_ACTIONS,
  OPERATION_STATUSES,
  type Operation,
  type OperationRefusal,
} from '../activation/model/operation.ts';
import { FAILURE_REASONS } from '../activation/model/outcome.ts';
import { OPERATION_LIFE_MS } from '../activation/operations/operation.ts';
import { count, ms, ordinal } from './activation-item.ts';
import { dueAttributes, expiry, type ItemKey } from './item-key.ts';
import type { Item } from './item-update.ts';

/*
 * The records of an operation:
 *   operation   pk O#operationId   sk 0             in index `due` until it ends, and in index `list`
 *   refusals    pk O#operationId   sk R#<page>      up to 100 of one slice
 * They expire after 90 days, the operation not before it has ended.
 */

/** The partition of index `list` with all operations. */
export const OPERATIONS_BUCKET = 'operations';

export const operationKey = (operationId: string): ItemKey => ({ pk: `O#${operationId}`, sk: '0' });
export const refusalsKey = (operationId: string, page: number): ItemKey => ({
  pk: `O#${operationId}`,
  sk: `R#${String(page).padStart(6, '0')}`,
});

export function isOperationItem(item: Item): boolean {
  return typeof item.pk === 'string' && item.pk.startsWith('O#');
}

const expiryOf = ({ createdAt }: Operation) => expiry(createdAt + OPERATION_LIFE_MS);

export function toOperationItem(operation: Operation): Item {
  const { dueAt, ...stored } = operation;
  const key = operationKey(operation.operationId);
  return {
    ...key,
    ...stored,
    ...dueAttributes(key.pk, dueAt),
    listBucket: OPERATIONS_BUCKET,
    listKey: `${String(operation.createdAt).padStart(15, '0')}#${operation.operationId}`,
    // An item with work left does not expire.
    ...(dueAt === undefined && { expiresAt: expiryOf(operation) }),
  };
}

/** `version`: of the slice that decided them. */
export function toRefusalsItem(operation: Operation, page: number, refusals: OperationRefusal[]): Item {
  const { operationId, version } = operation;
  return { ...refusalsKey(operationId, page), refusals, version, expiresAt: expiryOf(operation) };
}

const operationSchema = v.object({
  operationId: v.string(),
  action: v.picklist(OPERATION_ACTIONS),
  // An unknown part of a filter would make the operation decide more than it should: a newer version carries it out.
  filter: v.strictObject({
    reason: v.optional(v.picklist(FAILURE_REASONS)),
    account: v.optional(v.string()),
    region: v.optional(v.string()),
    flowLogIds: v.optional(v.array(v.string())),
    batchId: v.optional(v.string()),
    held: v.optional(v.literal(true)),
    createdFrom: v.optional(ms),
    createdUntil: v.optional(ms),
  }),
  limit: v.optional(ordinal),
  requestedBy: v.string(),
  requestHash: v.string(),
  createdAt: ms,
  updatedAt: ms,
  version: ordinal,
  status: v.picklist(OPERATION_STATUSES),
  abortedBy: v.optional(v.string()),
  finishedAt: v.optional(ms),
  cursor: v.optional(v.string()),
  isListed: v.boolean(),
  hand: v.array(v.object({ activationId: v.string(), generation: ordinal })),
  sliceId: v.optional(v.string()),
  tries: count,
  looked: count,
  done: count,
  refused: count,
  refusalPages: count,
  dueAt: v.optional(ms),
});

/** Throws for an item that no release writes in this form. */
export function fromOperationItem(item: unknown): Operation {
  return v.parse(operationSchema, item);
}

const refusalsSchema = v.object({
  sk: v.string(),
  refusals: v.array(v.object({ activationId: v.string(), why: v.string() })),
});

/** Throws like fromOperationItem. */
export function fromRefusalsItem(item: unknown): v.InferOutput<typeof refusalsSchema> {
  return v.parse(refusalsSchema, item);
}

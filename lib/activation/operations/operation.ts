import { sha256 } from '../model/ids.ts';
import type { Operation, OperationAction, OperationFilter, OperationTarget } from '../model/operation.ts';

export const OPERATION_ID = /^o-[a-f0-9]{32}$/;
export const OPERATION_LIFE_MS = 90 * 86_400_000;

/**
 * A slice is dead after this time: the longest tick is shorter, and clocks differ by some seconds. Then another slice
 * may go on with its hand.
 */
const SLICE_LIFE_MS = 75_000;
/** So often a hand is tried, if a part of it cannot be decided now, or if slices die. The rest is refused then. */
export const HAND_TRIES = 4;

/** Always the same for the same caller and key. Keys of different callers do not collide. */
export function deriveOperationId(callerScope: string, idempotencyKey: string): string {
  return `o-${sha256(JSON.stringify(['operation', callerScope, idempotencyKey]), 'hex').slice(0, 32)}`;
}

export type OperationRequest = {
  action: OperationAction;
  filter: OperationFilter;
  limit?: number | undefined;
  requestedBy: string;
};

export function newOperation(operationId: string, request: OperationRequest, now: number): Operation {
  const { action, filter, limit, requestedBy } = request;
  return {
    operationId,
    action,
    filter,
    ...(limit !== undefined && { limit }),
    requestedBy,
    requestHash: sha256(JSON.stringify([action, Object.entries(filter).sort(), limit]), 'hex'),
    createdAt: now,
    updatedAt: now,
    version: 1,
    status: 'running',
    isListed: false,
    hand: [],
    tries: 0,
    looked: 0,
    done: 0,
    refused: 0,
    refusalPages: 0,
    dueAt: now,
  };
}

/** `hand`: the matching ones of what the list returned. */
export type Found = { hand: OperationTarget[]; looked: number; cursor?: string | undefined };

/** A slice begins with what was found, or, without `found`, with the hand that an earlier slice has left. */
export function beginSlice(
  operation: Operation,
  found: Found | undefined,
  sliceId: string,
  now: number,
): Operation {
  const begun = { ...operation, sliceId, updatedAt: now, dueAt: now + SLICE_LIFE_MS };
  if (found === undefined) return { ...begun, tries: operation.tries + 1 };
  const { hand, looked, cursor } = found;
  return {
    ...begun,
    hand,
    tries: 1,
    looked: operation.looked + looked,
    cursor,
    isListed: cursor === undefined,
  };
}

/** After a slice that failed. */
export function postpone(operation: Operation, now: number): Operation {
  return { ...operation, updatedAt: now, dueAt: now + SLICE_LIFE_MS };
}

/** `undecided`: targets that cannot be decided now. `untouched`: those that nobody acted on. */
export type SliceResult = {
  done: number;
  refused: number;
  undecided: OperationTarget[];
  untouched: OperationTarget[];
};

/**
 * A slice ends. The operation ends with it if there is nothing more to do. An aborted one keeps only the undecided in
 * hand: an earlier slice may have acted on them, and then they must be counted.
 */
export function endSlice(
  operation: Operation,
  { done, refused, undecided, untouched }: SliceResult,
  now: number,
): Operation {
  const isAborted = operation.status === 'aborted';
  const hand = isAborted ? undecided : [...undecided, ...untouched];
  const counted = {
    ...operation,
    updatedAt: now,
    hand,
    done: operation.done + done,
    refused: operation.refused + refused,
    refusalPages: operation.refusalPages + (refused > 0 ? 1 : 0),
  };
  const isEnough = counted.done >= (operation.limit ?? Number.POSITIVE_INFINITY);
  const mayFindMore = !isAborted && !operation.isListed;
  if (!isEnough && (hand.length > 0 || mayFindMore)) return { ...counted, dueAt: now };
  const status = isAborted ? 'aborted' : 'completed';
  return { ...counted, hand: [], status, finishedAt: now, dueAt: undefined };
}

/** What is in hand ends first: `dueAt` is when its slice counts as dead. */
export function abort(operation: Operation, by: string, now: number): Operation {
  const aborted = { ...operation, status: 'aborted' as const, abortedBy: by, updatedAt: now };
  return operation.hand.length > 0 ? aborted : { ...aborted, finishedAt: now, dueAt: undefined };
}

import type { FailureReason } from './outcome.ts';

export const OPERATION_ACTIONS = ['redrive', 'cancel', 'retry-now'] as const;
export type OperationAction = (typeof OPERATION_ACTIONS)[number];

export const OPERATION_STATUSES = ['running', 'completed', 'aborted'] as const;
type OperationStatus = (typeof OPERATION_STATUSES)[number];

/** Which activations an operation decides: those for which all of it holds. Empty: all. */
export type OperationFilter = {
  reason?: FailureReason;
  account?: string;
  region?: string;
  /** With `account` and `region`. */
  flowLogIds?: string[];
  batchId?: string;
  held?: true;
  /** Times of creation, both included, in ms since the epoch. */
  createdFrom?: number;
  createdUntil?: number;
};

/** An activation and the generation that an operation decides. */
export type OperationTarget = { activationId: string; generation: number };

export type OperationRefusal = { activationId: string; why: string };

/**
 * One action for all activations of a filter, carried out by the poller in slices. Times in ms since the epoch.
 *
 *   running ── the list is at its end, or `limit` is reached ──> completed
 *      └────── a person aborts it ────────────────────────────> aborted
 *
 * A slice first stores what it takes in hand, then decides it, then stores what became of it. So each activation is
 * decided once, also if a slice dies: the next one goes on with the same hand. An aborted operation takes nothing more in
 * hand, and has ended (`finishedAt`) when it has nothing in hand.
 */
export type Operation = {
  operationId: string;
  action: OperationAction;
  filter: OperationFilter;
  /** It ends when so many are done. */
  limit?: number;
  /** The principal, see principal.ts. Each of its writes names it. */
  requestedBy: string;
  /** Hash of the request's content. The same idempotency key with different content is refused. */
  requestHash: string;
  createdAt: number;
  updatedAt: number;
  /** Every write increments it, and is conditional on it. */
  version: number;
  status: OperationStatus;
  abortedBy?: string;
  finishedAt?: number;
  /** Where the list goes on. */
  cursor?: string;
  /** The list is at its end. */
  isListed: boolean;
  hand: OperationTarget[];
  /** Fresh for each slice. A slice recognises its own write by it if the reply was lost. */
  sliceId?: string;
  /** How many slices have begun with this hand. */
  tries: number;
  /** Activations that the list returned, matching or not. */
  looked: number;
  done: number;
  refused: number;
  /** How many pages of refusals are stored, from 1. */
  refusalPages: number;
  /** When the poller must carry out a slice. Absent once it has ended. */
  dueAt?: number;
};

import type { CallError, FailureReason } from './outcome.ts';

/**
 * One flow log in one region of one account: what an activation is about, and its key.
 * `account` is an alias from the configuration, never a Volcengine account number.
 */
export type FlowLogRef = { account: string; region: string; flowLogId: string };

/**
 *              accepted / verify               Active
 *   queued ───────────────────────> pending ─────────> completed
 *   ^  │ ^                           │    │
 *   │  │ └── not accepted, and seen ─┘    │ locked, gone, Failed,
 *   │  │     Inactive or Creating         │ pending deadline
 *   │  └── 404, frozen, deadline ──┐      │
 *   │                              v      v
 *   └────────── redrive ────────── failed
 *               (generation + 1)
 *
 * Final states are `completed` and `failed`; what becomes of a flow log after it has completed is its `drift`, and
 * changes no state. A queued one may be leased: a worker is calling, and nobody else may make it final until the
 * lease ends.
 */
export type ActivationStatus = 'queued' | 'pending' | 'completed' | 'failed';

export const ACTIVATION_STATUSES: readonly ActivationStatus[] = ['queued', 'pending', 'completed', 'failed'];

export type HistoryEntry = {
  at: number;
  generation: number;
  attempt: number;
  /** What happened, in the vocabulary of outcomes and states: `opened`, `retry`, `accepted`, `completed`, … */
  event: string;
  code?: string;
  httpStatus?: number;
  asyncTaskId?: string;
  /** Who did it, where a person or another system acted; see principal.ts. */
  by?: string;
};

/** A fact still to be told: published by the poller, then removed. The number is the generation, or a drift's ordinal. */
export type OutboxEntry = `${'submitted' | 'completed' | 'failed' | 'dead-letter' | 'drifted'}#${number}`;

/** Entries that the bus or queue has refused, the last `times` times in a row; not tried again before `retryAt`. */
type RefusedEntries = { entries: OutboxEntry[]; times: number; retryAt: number };

/** What a flow log that is no longer Active has become; `gone`: DescribeFlowLogs does not show it. */
export type DriftKind = 'frozen' | 'inactive' | 'deleting' | 'failed' | 'gone' | 'other';

export const DRIFT_KINDS: readonly DriftKind[] = [
  'frozen',
  'inactive',
  'deleting',
  'failed',
  'gone',
  'other',
];

/** The latest drift of a completed activation, as it was first seen: its event is built from this. */
export type Drift = {
  /** 1, and one more with every drift of this activation. */
  ordinal: number;
  kind: DriftKind;
  /** As DescribeFlowLogs showed it. */
  status?: string;
  lockReason?: string;
  detectedAt: number;
  /** When it was seen Active again; absent while the drift goes on. */
  endedAt?: number;
};

/**
 * The single record of a flow log's current (or, archived, of an earlier) activation.
 * All times are milliseconds since the epoch.
 */
export type Activation = FlowLogRef & {
  activationId: string;
  /** The batch that opened it; batches that joined while it was open are `joiners`, in order, append-only. */
  batchId: string;
  joiners: string[];
  source: string;
  /** Who asked for it first, see principal.ts; absent where versions up to 0.3 opened it. */
  requestedBy?: string;
  metadata: Record<string, string>;
  status: ActivationStatus;
  /** Every write increments it, and every write but the worker's outcome is conditional on it. */
  version: number;
  /** 1, and one more with every redrive. */
  generation: number;
  /** Calls really made to ActiveFlowLog in this generation. */
  attempts: number;
  createdAt: number;
  updatedAt: number;
  /** When this generation was queued; its deadlines count from here. */
  queuedAt: number;
  deadlineAt: number;
  /** Until then one worker, and nobody else, may decide. */
  leaseUntil?: number;
  /** Drawn for each lease, so that a worker knows its own when the answer to taking it was lost. */
  leaseId?: string;
  /** `pending` because Volcengine accepted the call (true), or because only DescribeFlowLogs can tell (false). */
  accepted?: boolean;
  requestId?: string;
  /** Volcengine's id of what the accepted call started: its support asks for it. */
  asyncTaskId?: string;
  pendingAt?: number;
  pendingDeadlineAt?: number;
  /** How many of `joiners` the submitted event names: its bytes must not change when another joins. */
  submittedJoiners?: number;
  /** Since when DescribeFlowLogs has not shown it; see decideAbsent. */
  absentAt?: number;
  /** Since when, past the deadline, DescribeFlowLogs has given no answer for it; see decideUnanswered. */
  unansweredAt?: number;
  finishedAt?: number;
  /** Completed, but it was not our call that activated it. */
  adopted?: boolean;
  reason?: FailureReason;
  lastError?: CallError;
  /** The latest HISTORY_LIMIT entries; see appendHistory. */
  history: HistoryEntry[];
  outbox: OutboxEntry[];
  /** Of the outbox; absent when none is. */
  refused?: RefusedEntries;
  drift?: Drift;
  /** When the poller has to look at it; absent exactly when it is final and the outbox is empty. */
  dueAt?: number;
  /** A copy kept under its batch after a newer activation took the flow log's place. */
  archived: boolean;
};

export const HISTORY_LIMIT = 20;

/** Batches that may wait for one activation; each is named in its final event, which must stay below 256 kB. */
export const JOINERS_LIMIT = 500;

export function isOpen(activation: Pick<Activation, 'status'>): boolean {
  return activation.status === 'queued' || activation.status === 'pending';
}

/** The clocks of two containers may differ by this: each by 5 s, in opposite directions. */
export const CLOCK_DIFFERENCE_MS = 10_000;

/** Whether its worker may still call, by that worker's clock; `now` is by ours. */
export function isLeased(activation: Pick<Activation, 'leaseUntil'>, now: number): boolean {
  return activation.leaseUntil !== undefined && activation.leaseUntil + CLOCK_DIFFERENCE_MS > now;
}

/** The batch that opened it, then those that joined it. */
export function batchIdsOf({ batchId, joiners }: Pick<Activation, 'batchId' | 'joiners'>): string[] {
  return [batchId, ...joiners];
}

/** True for the batch that opened it and for every batch that joined it. */
export function belongsTo(activation: Pick<Activation, 'batchId' | 'joiners'>, batchId: string): boolean {
  return activation.batchId === batchId || activation.joiners.includes(batchId);
}

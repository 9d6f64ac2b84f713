import type { Directed } from './goal.ts';
import type { CallError, FailureReason } from './outcome.ts';
import type { Tracing } from './tracing.ts';

/**
 * One flow log in one region of one account. It is the key of an activation.
 * `account` is an alias from the configuration, never a Volcengine account number.
 */
export type FlowLogRef = { account: string; region: string; flowLogId: string };

/**
 *              accepted / verify               Active
 *   queued ───────────────────────> pending ─────────> completed
 *   ^  │ ^                           │    │
 *   │  │ └── not accepted, shown ────┘    │ locked, gone, Failed,
 *   │  │     Inactive or Creating         │ pending deadline
 *   │  └── 404, frozen, deadline ──┐      │
 *   │                              v      v
 *   └────────── redrive ────────── failed
 *               (generation + 1)
 *
 * Of a deactivation (`desired`): the same with Active and Inactive exchanged, see goal.ts.
 * `completed` and `failed` are final. A completed activation can get a `drift` later; a drift changes no status.
 * A queued activation can be leased: a worker is calling Volcengine, and nobody else may make it final until the
 * lease ends.
 */
export const ACTIVATION_STATUSES = ['queued', 'pending', 'completed', 'failed'] as const;
export type ActivationStatus = (typeof ACTIVATION_STATUSES)[number];

export type HistoryEntry = {
  at: number;
  generation: number;
  attempt: number;
  /**
   * An outcome or a status: `opened`, `retry`, `accepted`, `completed`, … Versions up to 0.4 wrote `look` for `verify`.
   */
  event: string;
  code?: string;
  httpStatus?: number;
  asyncTaskId?: string;
  /** The principal, if a person or another system acted; see principal.ts. */
  by?: string;
};

/**
 * An event or dead letter that the poller must still publish. The number is the generation, or the ordinal of a drift.
 */
export type OutboxEntry = `${'submitted' | 'completed' | 'failed' | 'dead-letter' | 'drifted'}#${number}`;

/** An outbox entry that is published, and when. */
export type Publication = { entry: OutboxEntry; at: number };

/** Outbox entries that the bus or the queue refused `times` times in a row. The next try is at `retryAt` or later. */
type RefusedEntries = { entries: OutboxEntry[]; times: number; retryAt: number };

/** Why a flow log is no longer Active. `gone`: DescribeFlowLogs does not show it. */
export const DRIFT_KINDS = ['frozen', 'inactive', 'deleting', 'failed', 'gone', 'other'] as const;
export type DriftKind = (typeof DRIFT_KINDS)[number];

/** The latest drift of a completed activation, as it was first observed. Its event is built from this record. */
export type Drift = {
  /** 1 for the first drift of this activation, then 2, 3, … */
  ordinal: number;
  kind: DriftKind;
  /** As DescribeFlowLogs showed it. */
  status?: string;
  lockReason?: string;
  detectedAt: number;
  /** When the flow log was observed Active again. Absent while the drift lasts. */
  endedAt?: number;
};

/**
 * The record of a flow log's current activation, or an archived copy of an earlier one.
 * All times are milliseconds since the epoch.
 */
export type Activation = FlowLogRef &
  Directed &
  Tracing & {
    activationId: string;
    /** The batch that opened it. `joiners` are the batches that joined while it was open: in order, append-only. */
    batchId: string;
    joiners: string[];
    source: string;
    /** The principal of the first request, see principal.ts. Absent if a version up to 0.3 opened it. */
    requestedBy?: string;
    metadata: Record<string, string>;
    status: ActivationStatus;
    /** Every write increments it. Every write except the worker's outcome is conditional on it. */
    version: number;
    /** 1 at first; each redrive adds one. */
    generation: number;
    /** Calls made to ActiveFlowLog (or DeactiveFlowLog, see `desired`) in this generation. */
    attempts: number;
    createdAt: number;
    updatedAt: number;
    /** When this generation was queued. Its activation deadline counts from here. */
    queuedAt: number;
    deadlineAt: number;
    /** Until then only the worker that holds the lease may decide. */
    leaseUntil?: number;
    /** A fresh id for each lease. A worker recognises its own lease by it when the response to the write was lost. */
    leaseId?: string;
    /** Set when it becomes pending. True: Volcengine accepted the call. False: the outcome was `verify`. */
    accepted?: boolean;
    requestId?: string;
    /** Volcengine's id for the task that the accepted call started. Its support asks for this id. */
    asyncTaskId?: string;
    pendingAt?: number;
    /** Only while it is pending. */
    pendingDeadlineAt?: number;
    /**
     * How many `joiners` the submitted event names. The bytes of the event must not change when another batch joins. Only
     * while that event is in `outbox`.
     */
    submittedJoiners?: number;
    /**
     * Until then a lagging replica may still show the flow log as an earlier record of the other direction found it: that is
     * no proof that this one is done. Absent if there was none lately.
     */
    untrustedUntil?: number;
    /** When DescribeFlowLogs first did not show it; see decideAbsent. */
    absentAt?: number;
    /** When, after the deadline, DescribeFlowLogs first gave no usable reply for it; see decideUnanswered. */
    unansweredAt?: number;
    finishedAt?: number;
    /** Completed, but not by our call. */
    adopted?: boolean;
    reason?: FailureReason;
    lastError?: CallError;
    /** The latest HISTORY_LIMIT entries; see appendHistory. */
    history: HistoryEntry[];
    outbox: OutboxEntry[];
    /** The latest PUBLISHED_LIMIT publications. Absent if there is none; versions up to 0.5 stored none. */
    published?: Publication[];
    /** Absent if no outbox entry is refused. */
    refused?: RefusedEntries;
    drift?: Drift;
    /** When the poller must process it. Absent exactly when the activation is final and its outbox is empty. */
    dueAt?: number;
    /** A copy, kept after a newer activation replaced this one as the current activation of the flow log. */
    archived: boolean;
  };

export const HISTORY_LIMIT = 20;

export const PUBLISHED_LIMIT = 20;

/** Limit of `joiners`. The final event names each of them and must stay below 256 kB. */
export const JOINERS_LIMIT = 500;

export function isOpen(activation: Pick<Activation, 'status'>): boolean {
  return activation.status === 'queued' || activation.status === 'pending';
}

/** Two containers' clocks can differ by this much: each is at most 5 s wrong. */
export const CLOCK_DIFFERENCE_MS = 10_000;

/** Whether its worker may still call Volcengine. `now` is our clock; the lease was written by the worker's clock. */
export function isLeased(activation: Pick<Activation, 'leaseUntil'>, now: number): boolean {
  return activation.leaseUntil !== undefined && activation.leaseUntil + CLOCK_DIFFERENCE_MS > now;
}

/** Whether its flow log was observed no longer Active after it completed, and not Active again since. */
export function hasDrifted({ status, drift }: Pick<Activation, 'status' | 'drift'>): boolean {
  return status === 'completed' && drift !== undefined && drift.endedAt === undefined;
}

/** The batch that opened it, then the batches that joined it. */
export function batchIdsOf({ batchId, joiners }: Pick<Activation, 'batchId' | 'joiners'>): string[] {
  return [batchId, ...joiners];
}

/** True for the batch that opened it and for every batch that joined it. */
export function belongsTo(activation: Pick<Activation, 'batchId' | 'joiners'>, batchId: string): boolean {
  return activation.batchId === batchId || activation.joiners.includes(batchId);
}

import type { Activation, FlowLogRef } from './activation.ts';
import type { Batch } from './batch.ts';
import type { ListFilter } from './list-filter.ts';
import type { Operation } from './operation.ts';
import type { ActivateOutcome, DescribeOutcome } from './outcome.ts';

/** Milliseconds since the epoch. */
export type Clock = () => number;

/** Uniform in [0, 1). */
export type Random = () => number;

export type ChangeRequest = {
  flowLog: FlowLogRef;
  clientToken: string;
  /** The request is not sent after this time. Then the outcome is `not-sent`. */
  notAfter?: number;
};

/**
 * The actions of Volcengine that the domain needs. No method throws for an error of Volcengine or the network.
 */
export interface FlowLogApi {
  /** Makes at most one HTTP request. */
  activeFlowLog(request: ChangeRequest): Promise<ActivateOutcome>;
  /** The same the other way: Active, Pending, Inactive. */
  deactiveFlowLog(request: ChangeRequest): Promise<ActivateOutcome>;
  /** Makes one request per 100 ids and page. The first failure ends the call and is its outcome. */
  describeFlowLogs(
    scope: { account: string; region: string },
    flowLogIds: string[],
  ): Promise<DescribeOutcome>;
}

/** Returns why this account or region must not be used, as a text for people, or undefined if it may be used. */
export type ScopeCheck = (scope: Pick<FlowLogRef, 'account' | 'region'>) => string | undefined;

/** Milliseconds since the epoch. */
export type DuePeriod = { from: number; until: number };

export type DuePage = {
  activations: Activation[];
  batches: Batch[];
  operations: Operation[];
  failure?: unknown;
};

/** `unreadable`: flow logs whose record this version of the code cannot read. All others are in `activations`. */
export type ActivationsRead = { activations: Activation[]; unreadable: FlowLogRef[] };

export type ListQuery = ListFilter & { limit: number; cursor?: string };

/**
 * The table. Each transition is one conditional write. A method that returns false (or undefined) wrote nothing,
 * because the condition did not hold; the caller reads again or gives up.
 * Reads are strongly consistent, except `due` and `list`: they start from an index that can lag behind.
 * Records that this version of the code cannot read: a method that reads many leaves them out and counts them; a
 * method that reads one throws RecordUnreadable.
 */
export interface ActivationStore {
  /**
   * Writes the batch. If a batch with its id exists and is not expired (90 days), returns that one and writes nothing.
   */
  createBatch(batch: Batch): Promise<Batch | undefined>;
  readBatch(batchId: string): Promise<Batch | undefined>;
  /** Conditional on `previous.version`. */
  transitionBatch(previous: Batch, next: Batch): Promise<boolean>;

  readCurrent(flowLog: FlowLogRef): Promise<Activation | undefined>;
  /** The current activations of many flow logs, in no order. A flow log without one is missing. */
  readManyCurrent(flowLogs: FlowLogRef[]): Promise<ActivationsRead>;
  /** Reads the current item first, then the archive. */
  readActivation(activationId: string): Promise<Activation | undefined>;
  /** The archived activation of this flow log that the batch opened or joined. */
  findArchived(flowLog: FlowLogRef, batchId: string): Promise<Activation | undefined>;

  /** Conditional: the flow log has no item. */
  open(activation: Activation): Promise<boolean>;
  /** Appends the batch to the joiners of an open activation. Conditional on `activation.version`. */
  join(activation: Activation, batchId: string): Promise<boolean>;
  /** Copies the final `previous` to the archive, then overwrites it. Conditional on `previous.version`. */
  replace(previous: Activation, next: Activation): Promise<boolean>;
  /** Any other state change. Conditional on `previous.version`. */
  transition(previous: Activation, next: Activation): Promise<boolean>;
  /**
   * The worker's outcome. Conditional on activation, generation, attempt, lease and status `queued`, but not on the
   * version: a join in between must not refuse it. Does not change the joiners.
   */
  recordOutcome(leased: Activation, next: Activation): Promise<boolean>;

  /**
   * What became due in the period, both ends included, and is still due. A pending activation may be up to 30 s old,
   * unless its `dueAt` has changed or this store has written it. Yields pages from every shard; `pageRotation` selects the
   * first shard. If a shard cannot be read to its end, its last page has the `failure`, and the other
   * shards are still read.
   */
  due(period: DuePeriod, pageRotation: number): AsyncIterable<DuePage>;
  /** Newest first. */
  list(query: ListQuery): Promise<ActivationPage>;
  /**
   * The completed current activations, oldest first in each partition of the index, one page per call. An empty page
   * can have a next page. A cursor never becomes invalid, even if its record is gone. A text that is no cursor starts
   * at the beginning.
   */
  completed(cursor?: string): Promise<CompletedPage>;
}

export type ActivationPage = ActivationsRead & { nextCursor?: string };

export type CompletedPage = { activations: Activation[]; nextCursor?: string };

/** Where repeated work stopped, and continues. `version` 0: never written. */
export type Checkpoint = { cursor?: string; version: number };

export interface CheckpointStore {
  read(name: string): Promise<Checkpoint>;
  /** Conditional on `previous.version`: of two that work at the same time, the first to end saves. */
  save(name: string, previous: Checkpoint, cursor: string | undefined): Promise<boolean>;
}

/** The wait for a token of a paused account: nobody knows how long. */
export const PAUSED = Number.POSITIVE_INFINITY;

/** Invariant 9: the calls of one account, shared by the whole deployment. Each call needs a token. */
export interface RateLimiter {
  /** 0 = token granted. Otherwise returns at once with the wait in ms, which exceeds `maxWaitMs`; PAUSED if it is paused. */
  acquire(account: string, maxWaitMs: number): Promise<number>;
  /** The same for a job. Without a token it takes another turn for the job, and returns how long until then, in ms. */
  acquireOrTurn(account: string, maxWaitMs: number): Promise<number>;
  /** Returns a token that was not used. */
  release(account: string): void;
  /**
   * Volcengine throttled a call: the account becomes slower in all containers, and recovers with time. Never throws: a
   * failure is logged.
   */
  throttled(account: string): Promise<void>;
}

/** What the status says of an account beside its activations. */
export interface RefusalNotes {
  /**
   * DescribeFlowLogs was called for pending activations. `refusedWith`: the code, if credentials, permissions or the
   * endpoint are refused. Only noted, for the status. Never throws: a failure is logged.
   */
  described(scope: Pick<FlowLogRef, 'account' | 'region'>, refusedWith: string | undefined): Promise<void>;
}

/** What the status says of the schedules of an account. */
export interface RunNotes {
  /**
   * A schedule has run, or a pause has skipped its run of `skippedAt` (ms since the epoch). Only noted, for the status.
   * Never throws: a failure is logged.
   */
  scheduleRan(account: string, schedule: string, skippedAt?: number): Promise<void>;
}

/**
 * Spreads the jobs of an account over time, so that they arrive when they can get a token. A turn is a time in ms since
 * the epoch, and it is no token. Turns that are not used, or used late, only cost time.
 */
export interface TurnPlanner {
  /** The turns that `planTurns` would take now. Writes nothing. */
  expectTurns(account: string, count: number): Promise<number[]>;
  /** Takes the next turns for jobs of a request, in order. */
  planTurns(account: string, count: number): Promise<number[]>;
  /**
   * What a job or call for the account can expect now. `paused`: no token. `planned`: jobs have turns before it. Writes
   * nothing.
   */
  availability(account: string): Promise<'paused' | 'planned' | 'idle'>;
}

/** Counters of what happened. infra/alarms.yml watches some of them; docs/guides/operate.md explains all. */
export interface Metrics {
  count(name: MetricName, value?: number): void;
}

type MetricName =
  | 'ActiveFlowLogCalls'
  | 'DeactiveFlowLogCalls'
  | 'ThrottledCalls'
  | 'HeldActivations'
  | 'UnansweredDeadlines'
  | 'CompletedActivations'
  | 'FailedActivations'
  | 'PoisonMessages'
  | 'EventBusMissing'
  | 'DriftedFlowLogs'
  | 'RefusedMessages'
  | 'UnreadableItems'
  | 'DisabledConfigurationEntries';

/** One line of structured log. No values of credentials, tokens or headers. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Without the keys that Powertools reserves: it would drop their values. */
type LogFields = Record<string, unknown> &
  Partial<Record<'level' | 'message' | 'sampling_rate' | 'service' | 'timestamp', never>>;

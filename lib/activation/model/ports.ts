import type { Activation, ActivationStatus, FlowLogRef } from './activation.ts';
import type { Batch } from './batch.ts';
import type { ActivateOutcome, DescribeOutcome } from './outcome.ts';

/** Milliseconds since the epoch. */
export type Clock = () => number;

/** Uniform in [0, 1). */
export type Random = () => number;

/** Volcengine, as the domain needs it. Neither method throws for anything that Volcengine or the network does. */
export interface FlowLogApi {
  /** Makes at most one HTTP request. */
  activeFlowLog(request: {
    flowLog: FlowLogRef;
    clientToken: string;
    /** Not to be sent after this time, whatever preparing it took: then the outcome is `not-sent`. */
    notAfter?: number;
  }): Promise<ActivateOutcome>;
  /** As many requests as 100 ids each and the pages need; the first failure ends it and is the outcome. */
  describeFlowLogs(
    scope: { account: string; region: string },
    flowLogIds: string[],
  ): Promise<DescribeOutcome>;
}

/** Why nothing may be done in this region of this account, in words for people; undefined: it may. */
export type ScopeCheck = (scope: Pick<FlowLogRef, 'account' | 'region'>) => string | undefined;

/** Milliseconds since the epoch. */
export type DuePeriod = { from: number; until: number };

export type DuePage = { activations: Activation[]; batches: Batch[]; failure?: unknown };

/** `unreadable`: flow logs that have a record which this version of the code cannot read. They hide no other. */
export type ActivationsRead = { activations: Activation[]; unreadable: FlowLogRef[] };

export type ListQuery = { status?: ActivationStatus; flowLog?: FlowLogRef; limit: number; cursor?: string };

/**
 * The table. Each transition is one conditional write; a method that answers false (or undefined) wrote
 * nothing because the condition no longer held, and the caller reads again or lets go.
 * Reads are strongly consistent but for `due` and `list`, which begin with an index and may lag behind.
 * What this version of the code cannot read is left out where many are read, and counted; where one is read it throws
 * RecordUnreadable.
 */
export interface ActivationStore {
  /** Writes the batch unless one with its id exists that is not over (90 days), which is then returned. */
  createBatch(batch: Batch): Promise<Batch | undefined>;
  readBatch(batchId: string): Promise<Batch | undefined>;
  /** Conditional on `previous.version`. */
  transitionBatch(previous: Batch, next: Batch): Promise<boolean>;

  readCurrent(flowLog: FlowLogRef): Promise<Activation | undefined>;
  /** The current activations of many flow logs, in no order; those that have none are missing. */
  readManyCurrent(flowLogs: FlowLogRef[]): Promise<ActivationsRead>;
  /** Current item first, then the archive. */
  readActivation(activationId: string): Promise<Activation | undefined>;
  /** The archived activation of this flow log that the batch opened or joined. */
  findArchived(flowLog: FlowLogRef, batchId: string): Promise<Activation | undefined>;

  /** Only if the flow log has no item at all. */
  open(activation: Activation): Promise<boolean>;
  /** Appends the batch to the joiners; conditional on the version read, which is of an open activation. */
  join(activation: Activation, batchId: string): Promise<boolean>;
  /** Copies the final `previous` to the archive, then overwrites it if it is unchanged. */
  replace(previous: Activation, next: Activation): Promise<boolean>;
  /** Any change of state decided from what was read: conditional on `previous.version`. */
  transition(previous: Activation, next: Activation): Promise<boolean>;
  /**
   * The worker's outcome: conditional on activation, generation, attempt, lease and `queued`, not on the version, so
   * that a join in between cannot refuse it. Never touches the joiners.
   */
  recordOutcome(leased: Activation, next: Activation): Promise<boolean>;

  /**
   * What became due in the period, both ends included, and is so still; a page at a time, from every shard; `pageRotation` says
   * which comes first. A shard that cannot be read, or not to its end, hides no other: its last page has the `failure`.
   */
  due(period: DuePeriod, pageRotation: number): AsyncIterable<DuePage>;
  /** Newest first. */
  list(query: ListQuery): Promise<ActivationPage>;
  /**
   * The current ones that have completed, oldest first in each of the index's partitions, a page at a time; a page
   * may be empty and still have a next one. A cursor holds for ever, also when what it names is gone; anything that
   * is no cursor is the beginning.
   */
  completed(cursor?: string): Promise<CompletedPage>;
}

export type ActivationPage = ActivationsRead & { nextCursor?: string };

export type CompletedPage = { activations: Activation[]; nextCursor?: string };

export type ActivationJob = {
  activationId: string;
  generation: number;
  /** Instead of a call: open the next generation after this failed one, as its dead letter asked for. */
  redrive?: true;
};

/** The work queue. A job says "look at this item"; losing, doubling or delaying one changes nothing. */
export interface ActivationQueue {
  /** Returns how many could not be sent; those are found again by their dueAt. */
  enqueue(jobs: { job: ActivationJob; delayMs: number }[]): Promise<{ failed: number }>;
  /** Throws when it could not be stored, so that the delivery is kept. */
  poison(body: string, reason: string): Promise<void>;
}

export type DeadLetter = {
  activationId: string;
  generation: number;
  reason: string;
  lastError?: unknown;
  attempts: number;
  history: unknown[];
  /** Whether a redrive can ever help, once the cause is removed. */
  redriveHelps: boolean;
};

/** A CloudEvents JSON event, with what the bus wants beside it; `at` in milliseconds since the epoch. */
export type Event = { id: string; type: string; at: number; body: string };

/** What became of messages that were handed to the bus or a queue. What is in neither is to be sent again soon. */
export type PublishOutcome = {
  /** The ids of those that were stored for sure. */
  stored: Set<string>;
  /** By id the code of those that were refused for what they are, and would be again. */
  refused: Map<string, string>;
  /** Why others were not taken. */
  cause?: string;
};

/** The bus. Never throws, and never takes the success that PutEvents answers for a missing bus for one. */
export interface EventPublisher {
  publish(events: Event[]): Promise<PublishOutcome>;
}

/** Never throws. */
export interface DeadLetterQueue {
  send(deadLetters: { id: string; deadLetter: DeadLetter }[]): Promise<PublishOutcome>;
}

/** Invariant 9's bucket: a call needs a token, and a token not used goes back. */
export interface RateLimiter {
  /** 0 with a token; else, at once, the milliseconds that one would have taken, which were over `maxWaitMs`. */
  acquire(account: string, maxWaitMs: number): Promise<number>;
  release(account: string): void;
  /** Told of every answer: slows down when throttled, recovers step by step. */
  throttled(account: string): void;
  succeeded(account: string): void;
}

/** Counters that alarms watch; the names are those of infra/alarms.yml. */
export interface Metrics {
  count(name: MetricName, value?: number): void;
}

type MetricName =
  | 'ActiveFlowLogCalls'
  | 'ThrottledCalls'
  | 'HeldActivations'
  | 'UnansweredDeadlines'
  | 'CompletedActivations'
  | 'FailedActivations'
  | 'PoisonMessages'
  | 'EventBusMissing'
  | 'PollerHeartbeat'
  | 'DriftedFlowLogs'
  | 'RefusedMessages'
  | 'UnreadableItems';

/** One line of structured log. No values of credentials, tokens or headers. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Without the keys that Powertools keeps for the line itself: it would drop them, and what they say. */
type LogFields = Record<string, unknown> &
  Partial<Record<'level' | 'message' | 'sampling_rate' | 'service' | 'timestamp', never>>;

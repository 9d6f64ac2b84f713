import type { ActivationQueue, DeadLetterQueue, EventPublisher } from '../model/message-ports.ts';
import type { Operation } from '../model/operation.ts';
import type { Policy } from '../model/policy.ts';
import type {
  ActivationStore,
  Clock,
  FlowLogApi,
  Log,
  Metrics,
  Random,
  RateLimiter,
  RefusalNotes,
  TurnPlanner,
} from '../model/ports.ts';

/**
 * Carries out slices of the operations that are due, see lib/activation/operations. No slice starts after `until`, no call
 * after `stopAt`. Returns whether any of them still runs.
 */
type CarryOut = (operations: Operation[], limit: { until: number; stopAt: number }) => Promise<boolean>;

export type PollerDeps = {
  store: ActivationStore;
  queue: ActivationQueue;
  api: FlowLogApi;
  publisher: EventPublisher;
  deadLetters: DeadLetterQueue;
  limiter: RateLimiter & RefusalNotes;
  turns: TurnPlanner;
  metrics: Metrics;
  now: Clock;
  random: Random;
  policy: Policy;
  log: Log;
  carryOut: CarryOut;
};

/** Counts of one tick. `due`: activations and batches that it found in the index. */
export type TickSummary = {
  due: number;
  requeued: number;
  described: number;
  completed: number;
  failed: number;
  returnedToQueued: number;
  /** From the begin of this tick to the next one. */
  pauseMs: number;
};

/** Runs one part of a tick. Returns undefined if it fails; the tick logs the failure and throws it at its end. */
export type Isolated = <Result>(what: string, work: () => Promise<Result>) => Promise<Result | undefined>;

import type { Policy } from '../model/policy.ts';
import type {
  ActivationQueue,
  ActivationStore,
  Clock,
  DeadLetterQueue,
  EventPublisher,
  FlowLogApi,
  Log,
  Metrics,
  Random,
  RateLimiter,
} from '../model/ports.ts';

export type PollerDeps = {
  store: ActivationStore;
  queue: ActivationQueue;
  api: FlowLogApi;
  publisher: EventPublisher;
  deadLetters: DeadLetterQueue;
  limiter: RateLimiter;
  metrics: Metrics;
  now: Clock;
  random: Random;
  policy: Policy;
  log: Log;
};

/** What one tick did; `due` is what it found in the index. */
export type TickSummary = {
  due: number;
  requeued: number;
  described: number;
  completed: number;
  failed: number;
  queuedAgain: number;
};

/** Does a part of a tick by itself: what it fails with is logged, and thrown only at the tick's end. */
export type Isolated = <Result>(what: string, work: () => Promise<Result>) => Promise<Result | undefined>;

import type { ActivationQueue } from './model/message-ports.ts';
import type { Policy } from './model/policy.ts';
import type {
  ActivationStore,
  Clock,
  FlowLogApi,
  Log,
  Metrics,
  Random,
  RateLimiter,
  TurnPlanner,
} from './model/ports.ts';

export type WorkerDeps = {
  store: ActivationStore;
  queue: ActivationQueue;
  api: FlowLogApi;
  limiter: RateLimiter;
  turns: TurnPlanner;
  metrics: Metrics;
  now: Clock;
  random: Random;
  /** Returns a new unique id. */
  newLeaseId: () => string;
  policy: Policy;
  /** See DirectionDeps. */
  allowsDeactivation: boolean;
  log: Log;
};

import { SeededRandom } from '../../test/support/fakes/seeded-random.ts';
import type { UsageConfig } from './usage.ts';

/** How long each stays Pending: the same for us and for what we are compared with. */
export function pendingTimes({ flowLogs, leastPendingMs, mostPendingMs, seed }: UsageConfig): number[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: flowLogs }, () => random.integer(leastPendingMs, mostPendingMs));
}

import type { Activation } from '../../../lib/activation/model/activation.ts';
import type { Policy } from '../../../lib/activation/model/policy.ts';
import { openActivation } from '../../../lib/activation/model/queueing.ts';

export const START = Date.UTC(2026, 0, 2, 3, 4, 5);

export const policy: Policy = {
  leaseMs: 15_000,
  callTimeoutMs: 5_000,
  requeueAfterMs: 180_000,
  retryBaseMs: 1_000,
  retryCapMs: 900_000,
  holdMs: 300_000,
  activationDeadlineMs: 86_400_000,
  pendingDeadlineMs: 1_800_000,
  replicaLagMs: 60_000,
  ratePerSecond: 4,
  tickMs: 5_000,
};

export const batchIdOf = (number: number) => `b-${String(number).padStart(32, '0')}`;

export const flowLogOf = (flowLogId: string) => ({ account: 'default', region: 'cn-beijing', flowLogId });

export function anActivation(change: Partial<Activation> = {}): Activation {
  const { flowLogId = 'fl-1', batchId = batchIdOf(1), account = 'default', region = 'cn-beijing' } = change;
  const flowLog = { account, region, flowLogId };
  const opening = { flowLog, batchId, source: 'api', metadata: {}, turnAt: START };
  return { ...openActivation(opening, START, policy), ...change };
}

import { openActivation } from '../../lib/activation/transitions.ts';
import { toActivationItem } from '../../lib/aws/activation-item.ts';
import { toAttributes } from '../../lib/aws/item-update.ts';

export const BATCH_ID = 'b-0123456789abcdef0123456789abcdef';

const POLICY = {
  leaseMs: 15_000,
  callTimeoutMs: 5_000,
  ringGraceMs: 180_000,
  retryBaseMs: 1_000,
  retryCapMs: 900_000,
  holdMs: 300_000,
  activationDeadlineMs: 86_400_000,
  pendingDeadlineMs: 1_800_000,
  ratePerSecond: 100_000,
  tickMs: 5_000,
};

/** The item of an activation that was just requested, as DynamoDB holds it. */
export function queuedItem(flowLogId: string, now: number) {
  const flowLog = { account: 'default', region: 'cn-beijing', flowLogId };
  const metadata = { ticket: 'OPS-42', requestedBy: 'platform' };
  const opening = { flowLog, batchId: BATCH_ID, source: 'api', metadata, position: 0 };
  return toAttributes(toActivationItem(openActivation(opening, now, POLICY)));
}

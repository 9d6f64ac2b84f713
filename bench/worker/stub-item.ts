import { openActivation } from '../../lib/activation/model/queueing.ts';
import { toActivationItem } from '../../lib/aws/activation-item.ts';
import { toAttributes } from '../../lib/aws/item-update.ts';
import { policyFor } from '../virtual/environment.ts';

export const BATCH_ID = 'b-0123456789abcdef0123456789abcdef';

/** The item of an activation that was just requested, as DynamoDB holds it. */
export function queuedItem(flowLogId: string, now: number) {
  const flowLog = { account: 'default', region: 'cn-beijing', flowLogId };
  const metadata = { ticket: 'OPS-42', requestedBy: 'platform' };
  const opening = { flowLog, batchId: BATCH_ID, source: 'api', metadata, turnAt: now };
  return toAttributes(toActivationItem(openActivation(opening, now, policyFor(100_000))));
}

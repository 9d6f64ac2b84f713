import { openActivation } from '../../lib/activation/model/queueing.ts';
import { toActivationItem } from '../../lib/aws/activation-item.ts';
import { toAttributes } from '../../lib/aws/item-update.ts';
import { policyFor } from '../virtual/environment.ts';

export const BATCH_ID = 'b-0123456789abcdef0123456789abcdef';

/** What is read for the time and not for a record: the checkpoint of the poller. */
export const ONCE_A_SECOND = 'DynamoDB GetItem, once a second';

/** The item of an activation that was just requested, as DynamoDB holds it. */
export function queuedItem(flowLogId: string, now: number) {
  const flowLog = { account: 'default', region: 'cn-beijing', flowLogId };
  const metadata = { ticket: 'OPS-42', requestedBy: 'platform' };
  const opening = { flowLog, batchId: BATCH_ID, source: 'api', metadata, turnAt: now };
  return toAttributes(toActivationItem(openActivation(opening, now, policyFor(100_000))));
}

/** The checkpoint of a poller that ticks: no write need wake it. */
export function plannedTick(now: number) {
  return toAttributes({ pk: 'C#poller', sk: '0', cursor: `${now + 1_000} planned`, version: 1 });
}

import type { components } from '../../contracts/openapi.d.ts';

type FailureReason = components['schemas']['FailureReason'];

/** For each reason of a failed activation: what to do, in one sentence or two. Where redrive helps, it says so. */
export const WHAT_NOW: Readonly<Record<FailureReason, string>> = {
  'not-found': 'Check the id, the region and the account. If the flow log exists by now, redrive.',
  frozen: 'Pay the overdue bill of the Volcengine account, or have it unlocked. Then redrive.',
  deleting: 'The flow log is being deleted. Create a new one and activate that. A redrive cannot help.',
  'activation-failed':
    "Volcengine shows the flow log as Failed. Check its log project and topic, or ask Volcengine's support. Then redrive.",
  'client-token-reused': 'Redrive: the next generation has a ClientToken of its own.',
  'client-token-malformed': 'This is a bug of the service. Report it. A redrive cannot help.',
  'invalid-request':
    'Volcengine does not accept the parameters. Check the id and the region in the last error. A redrive cannot help.',
  unexpected: 'Look at the last error. When its cause is gone, redrive.',
  'deadline-exceeded':
    'Volcengine did not show it Active in time. Look at its console: if it is Active, a redrive completes it at once.',
  cancelled: 'A person took it back. If that was wrong, redrive.',
};

/** All reasons. */
export const REASONS = Object.keys(WHAT_NOW) as FailureReason[];

/** For what is on hold. It needs no redrive. */
export const WHAT_NOW_HELD =
  'Volcengine refuses the credentials, the permissions or the endpoint of this account. Mend its secret or its policy; then retry, or wait: it is tried again every few minutes.';

/** For pending ones of which nobody may ask how they are. They need no retry. */
export const WHAT_NOW_DESCRIBE_REFUSED =
  'Volcengine refuses to say how pending flow logs are: the credentials, the permission of vpc:DescribeFlowLogs, or the endpoint. Mend it. They are asked about again within a minute, and none fails meanwhile.';

/** For a completed flow log that is no longer Active. */
export const WHAT_NOW_DRIFTED =
  'It was Active, and is no longer. Find out who changed it at Volcengine. To switch it on again, activate it again.';

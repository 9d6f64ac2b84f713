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

/** By what the last error says, for an account that assumes its role with a token of AWS. */
const WITHOUT_TOKEN: readonly [message: RegExp, now: string][] = [
  [
    /AWS gave no identity token \(OutboundWebIdentityFederationDisabled/,
    'This AWS account does not issue identity tokens. Enable them, once: aws iam enable-outbound-web-identity-federation.',
  ],
  [
    /AWS gave no identity token \(AccessDenied/,
    'AWS refuses the function an identity token. Deploy again, so that its role has sts:GetWebIdentityToken; or a policy of the organization denies it.',
  ],
  [
    /AWS gave no identity token/,
    'AWS STS gave the function no identity token. The name of its error says why. It is tried again within a minute.',
  ],
  [
    /AssumeRoleWithOIDC failed/,
    'Volcengine does not give the role for our identity token. Compare there: the issuer URL and client id of the OIDC provider, and provider and subject in the trust policy of the role (docs/guides/accounts.md, "Without a stored key").',
  ],
];

/** For one on hold, as far as the message of its last error says more than that it is. */
export function whatNowHeld(message = ''): string {
  return WITHOUT_TOKEN.find(([form]) => form.test(message))?.[1] ?? WHAT_NOW_HELD;
}

/** For pending ones of which nobody may ask how they are. They need no retry. */
export const WHAT_NOW_DESCRIBE_REFUSED =
  'Volcengine refuses to say how pending flow logs are: the credentials, the permission of vpc:DescribeFlowLogs, or the endpoint. Mend it. They are asked about again within a minute, and none fails meanwhile.';

/** For a run of a schedule that came while its account was paused. */
export const WHAT_NOW_SKIPPED_RUN =
  'The account was paused. The next run finds what this one would have found. If that is too late, resume the account and start the schedule by hand.';

/** For a completed flow log that is no longer Active. */
export const WHAT_NOW_DRIFTED =
  'It was Active, and is no longer. Find out who changed it at Volcengine. To switch it on again, activate it again.';

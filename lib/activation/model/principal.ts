/*
 * Records and log lines name who requested or did something (Invariant 16): the ARN of an IAM principal,
 * `webhook:<source>`, `schedule:<name>`, `policy:<name>`, or DEAD_LETTER_QUEUE.
 */

/** In characters. Most ARNs are shorter than 120, but an IAM path alone can have 512. */
export const PRINCIPAL_LIMIT = 256;

/** Keeps the start of an ARN (account, kind of principal) and its end (name). */
const KEPT_AT_EACH_END = 127;

/** The principal of a redrive from the dead-letter queue. SQS does not say who moved the message. */
export const DEAD_LETTER_QUEUE = 'dead-letter queue';

/** Returns the whole name, or both ends of a name that is longer than PRINCIPAL_LIMIT. */
export function principal(name: string): string {
  if (name.length <= PRINCIPAL_LIMIT) return name.toWellFormed();
  return `${name.slice(0, KEPT_AT_EACH_END)}…${name.slice(-KEPT_AT_EACH_END)}`.toWellFormed();
}

const POLICY = 'policy:';

/** The principal, and the source, of what a policy starts. */
export function policyPrincipal(policy: string): string {
  return `${POLICY}${policy}`;
}

export function isPolicyPrincipal(name: string): boolean {
  return name.startsWith(POLICY);
}

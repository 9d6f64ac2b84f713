/*
 * Who asked for something or did it, as records and log lines keep it (Invariant 16): the ARN of an IAM principal,
 * `webhook:<source>`, `schedule:<name>`, or DEAD_LETTER_QUEUE.
 */

/** In characters. Most ARNs have below 120; an IAM path alone may have 512. */
export const PRINCIPAL_LIMIT = 256;

/** An ARN begins with the account and the kind of principal, and ends with its name: these stay. */
const KEPT_AT_EACH_END = 127;

/** Whoever moved a dead letter back to the work queue: SQS does not say who it was. */
export const DEAD_LETTER_QUEUE = 'dead-letter queue';

/** What is kept of the name: all of it, or both ends of one that is longer than PRINCIPAL_LIMIT. */
export function principal(name: string): string {
  if (name.length <= PRINCIPAL_LIMIT) return name.toWellFormed();
  return `${name.slice(0, KEPT_AT_EACH_END)}…${name.slice(-KEPT_AT_EACH_END)}`.toWellFormed();
}

import type { DriftKind } from '../../lib/activation/activation.ts';
import type { FailureReason } from '../../lib/activation/outcome.ts';

/*
 * What released versions do wrong, and later ones do not: they are not held to it, and to all else they are. What they
 * would meet in vain a schedule with them does not hold, see releases.ts.
 */

/**
 * 0.3.0 believes one absence past the deadline, and two that are a tick apart; what it was shown after the deadline or
 * behind a replica that lags, as the state at the deadline or after the call; and it knows fewer codes of Volcengine's.
 */
const WRONG_ENDS: ReadonlySet<FailureReason> = new Set([
  'not-found',
  'deadline-exceeded',
  'frozen',
  'activation-failed',
  'unexpected',
]);

/** 0.3.0 believes one look, or two that are a tick apart, of a replica that lags. */
const WRONG_DRIFTS: ReadonlySet<DriftKind> = new Set(['gone', 'inactive', 'deleting', 'failed', 'frozen']);

/** Whether a container of a released version has this name. */
export function isReleased(name: string): boolean {
  return name.includes('@');
}

export function mayEndSo(writer: string, reason: FailureReason | undefined): boolean {
  return isReleased(writer) && reason !== undefined && WRONG_ENDS.has(reason);
}

export function mayDriftSo(writer: string, kind: DriftKind): boolean {
  return isReleased(writer) && WRONG_DRIFTS.has(kind);
}

/** 0.3.0 hides some of a list, and shows some twice. */
export function mayListSo(invocation: string): boolean {
  return isReleased(invocation);
}

/** A bulk redrive of 0.3.0 without a reason reopens what a person has cancelled as well. */
export function mayReopenCancelled(name: string): boolean {
  return isReleased(name);
}

/** A worker of 0.3.0 calls after the deadline, when it took the job before. */
export function mayCallLate(name: string): boolean {
  return isReleased(name);
}

/** A redrive of 0.3.0 that was done is 409 when the answer of the table was lost. */
export function mayDenyRedrive(invocation: string): boolean {
  return isReleased(invocation);
}

/** By version what later ones have added to events and dead letters: it does not publish that again. */
const ADDED_SINCE: Readonly<Record<string, ReadonlySet<string>>> = {
  '0.3.0': new Set(['asyncTaskId', 'by']),
};

/** What a version and a later one both publish under an id. */
export function asPublishedBy(version: string | undefined, body: string): string {
  const added = version === undefined ? undefined : ADDED_SINCE[version];
  if (added === undefined) return body;
  return JSON.stringify(JSON.parse(body), (key, value) => (added.has(key) ? undefined : value));
}

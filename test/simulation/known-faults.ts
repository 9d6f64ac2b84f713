import type { FailureReason } from '../../lib/activation/model/outcome.ts';

/*
 * What 0.3.0 does wrong, and later versions do not. The simulation ignores these faults of 0.3.0 and checks everything
 * else. What it would only fail at is left out of its schedules: see KNOWN_HABITS in releases.ts, clocks that differ (environment.ts), facts that are refused
 * for good (loads/load.ts), schedules in dry run (loads/schedules.ts), a partial BatchGet (environment.ts).
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

/** Whether the version that runs beside the code as it is has the faults named here. */
export function hasKnownFaults(version: string | undefined): boolean {
  return version === '0.3.0';
}

/** By the name of a container. */
export function isFaulty(name: string): boolean {
  return hasKnownFaults(/@([\d.]+)-/.exec(name)?.[1]);
}

export function mayEndSo(writer: string, reason: FailureReason | undefined): boolean {
  return isFaulty(writer) && reason !== undefined && WRONG_ENDS.has(reason);
}

/** 0.3.0 believes two absences that are a tick apart, and a replica that shows what was before the completion. */
export function mayDriftSo(writer: string): boolean {
  return isFaulty(writer);
}

/** 0.3.0 hides some of a list, and shows some twice. */
export function mayListSo(invocation: string): boolean {
  return isFaulty(invocation);
}

/** A bulk redrive of 0.3.0 without a reason reopens what a person has cancelled as well. */
export function mayReopenCancelled(name: string): boolean {
  return isFaulty(name);
}

/** A worker of 0.3.0 calls after the deadline, when it took the job before. */
export function mayCallLate(name: string): boolean {
  return isFaulty(name);
}

/** A redrive of 0.3.0 that was done is 409 when the answer of the table was lost. */
export function mayDenyRedrive(invocation: string): boolean {
  return isFaulty(invocation);
}

/** By version what later ones have added to events and dead letters: it does not publish that again. */
const ADDED_SINCE: Readonly<Record<string, ReadonlySet<string>>> = {
  '0.3.0': new Set(['asyncTaskId', 'by', 'callerRequestId', 'traceparent']),
  '0.6.0': new Set(['callerRequestId', 'traceparent']),
};

/** What a version and a later one both publish under an id. */
export function asPublishedBy(version: string | undefined, body: string): string {
  const added = version === undefined ? undefined : ADDED_SINCE[version];
  if (added === undefined) return body;
  return JSON.stringify(JSON.parse(body), (key, value) => (added.has(key) ? undefined : value));
}

import type { Observation } from '../describe/describe-isolated.ts';
import { type Activation, isLeased, isOpen } from '../model/activation.ts';
import { complete, fail } from '../model/endings.ts';
import { goalOf, isReached, mayStart } from '../model/goal.ts';
import {
  type CallError,
  type CallFailure,
  type FailureReason,
  type FlowLogView,
  MESSAGE_LIMIT,
} from '../model/outcome.ts';
import { isPollDue, type Policy, retryDelayMs } from '../model/policy.ts';
import type { Random } from '../model/ports.ts';
import { returnToQueued } from '../model/queueing.ts';
import { clearAbsence, recordAbsence, recordUnanswered } from '../model/transitions.ts';

/** What the poller must do with a due activation, apart from publishing its outbox. */
export type DueWork = 'requeue' | 'describe' | 'nothing';

/**
 * Only its worker may process a leased activation, even after the deadline. A queued activation past its deadline is
 * described, not requeued: it may have reached its goal by now.
 */
export function workFor(activation: Activation, lastTickAt: number, now: number): DueWork {
  if (!isOpen(activation)) return 'nothing';
  if (activation.status === 'queued') {
    if (isLeased(activation, now)) return 'nothing';
    return now >= activation.deadlineAt ? 'describe' : 'requeue';
  }
  const isDue = now >= deadlineOf(activation) || isPollDue(activation.pendingAt ?? now, lastTickAt, now);
  return isDue ? 'describe' : 'nothing';
}

/** Deadlines are checked against `calledAt`. `repliedAt` is the time of the new state. */
export type ObservationTime = { calledAt: number; repliedAt: number };

/**
 * After a deadline DescribeFlowLogs may fail for this many replica lags. Then the activation fails without a usable reply.
 */
const UNANSWERED_LAGS = 5;
/** `absentAt` and `unansweredAt` are valid for this many replica lags. */
const VALID_LAGS = 10;

/**
 * Returns the next record after an observation, or the same record if nothing changes. The goal always wins. An observed
 * cause of failure wins over a deadline. An accepted generation never returns to queued. An observation that a lagging
 * replica can explain ends nothing.
 */
export function decide(
  open: Activation,
  observation: Observation,
  time: ObservationTime,
  policy: Policy,
  random: Random,
): Activation {
  switch (observation.kind) {
    case 'shown':
      return decideShown(open, observation.view, time, policy, random);
    case 'absent':
      return decideAbsent(open, time, policy);
    case 'unanswered':
      return decideUnanswered(open, observation.failure, time, policy);
  }
}

function decideShown(
  open: Activation,
  view: FlowLogView,
  { calledAt, repliedAt }: ObservationTime,
  policy: Policy,
  random: Random,
): Activation {
  const isTrusted = calledAt >= (open.untrustedUntil ?? 0);
  if (isReached(open, view)) {
    return isTrusted ? complete(open, open.accepted !== true, repliedAt) : clearAbsence(open, repliedAt);
  }
  const isOver = isPastDeadline(open, calledAt, policy);
  if (open.status === 'queued' && !isOver) return open;
  // A lagging replica may still show the state before our call.
  const mayBeStale = open.accepted === true && calledAt - (open.pendingAt ?? calledAt) < policy.replicaLagMs;
  const cause = mayBeStale && view.status !== 'Deleting' ? undefined : failureCauseOf(open, view);
  if (cause) return fail(open, cause.reason, repliedAt, cause.error);
  if (isOver) return fail(open, 'deadline-exceeded', repliedAt, deadlineError(open, view));
  if (open.accepted !== true && mayStart(open, view.status)) {
    const failure = { kind: 'retry' as const, error: errorOf(view, 'FlowLogNotPending') };
    const delayMs = retryDelayMs(failure, open.attempts, policy, random);
    return returnToQueued(open, view.status, delayMs, repliedAt, policy);
  }
  return clearAbsence(open, repliedAt);
}

/**
 * Deleting, and absent, fail a deactivation as well: nothing is left to switch off, but `completed` says that it was seen
 * Inactive, and nothing else.
 */
function failureCauseOf(
  open: Activation,
  view: FlowLogView,
): { reason: FailureReason; error: CallError } | undefined {
  if (view.status === 'Deleting') return { reason: 'deleting', error: errorOf(view, 'FlowLogDeleting') };
  if (view.locked)
    return { reason: 'frozen', error: errorOf(view, 'FlowLogLocked', view.lockReason ?? 'locked') };
  if (view.status === 'Failed')
    return {
      reason: open.desired === undefined ? 'activation-failed' : 'unexpected',
      error: errorOf(view, 'FlowLogFailed'),
    };
  return undefined;
}

/**
 * A lagging replica can explain one absence. The flow log counts as absent if it is still absent after the longest lag,
 * measured from the first reply to the next call.
 */
function decideAbsent(
  open: Activation,
  { calledAt, repliedAt }: ObservationTime,
  policy: Policy,
): Activation {
  if (open.status === 'queued' && !isPastDeadline(open, calledAt, policy)) return open;
  const { absentAt } = open;
  if (!isValid(absentAt, calledAt, policy)) return recordAbsence(open, repliedAt);
  if (calledAt - absentAt < policy.replicaLagMs) return open;
  const message = 'DescribeFlowLogs did not show the flow log for longer than the replica lag';
  return fail(open, 'not-found', repliedAt, { code: 'FlowLogAbsent', message });
}

/**
 * Before the deadline a failed call changes nothing. After it, the poller waits for a usable reply for UNANSWERED_LAGS;
 * then the activation fails. On hold it waits without a limit: the account is the problem, and a person must solve it.
 */
function decideUnanswered(
  open: Activation,
  failure: CallFailure,
  { calledAt, repliedAt }: ObservationTime,
  policy: Policy,
): Activation {
  if (failure.kind === 'hold' || !isPastDeadline(open, calledAt, policy)) return open;
  const { unansweredAt = 0 } = open;
  // A time before this deadline belongs to an earlier generation: version 0.3 does not remove it.
  const isOwn = isPastDeadline(open, unansweredAt, policy);
  if (!isOwn || !isValid(unansweredAt, calledAt, policy)) return recordUnanswered(open, calledAt);
  if (calledAt - unansweredAt < UNANSWERED_LAGS * policy.replicaLagMs) return open;
  const { error } = failure;
  const message = truncate(
    `not seen ${goalOf(open).status} in time; DescribeFlowLogs gives no usable reply: ${error.message}`,
  );
  return fail(open, 'deadline-exceeded', repliedAt, { ...error, message });
}

function isValid(at: number | undefined, now: number, { replicaLagMs }: Policy): at is number {
  return at !== undefined && now - at < VALID_LAGS * replicaLagMs;
}

/** The deadline is over by at least the replica lag, so that the reply shows the state at the deadline or later. */
function isPastDeadline(open: Activation, calledAt: number, { replicaLagMs }: Policy): boolean {
  return calledAt >= deadlineOf(open) + replicaLagMs;
}

function deadlineOf(activation: Activation): number {
  return Math.min(activation.deadlineAt, activation.pendingDeadlineAt ?? Number.POSITIVE_INFINITY);
}

function deadlineError(open: Activation, { status }: FlowLogView) {
  return {
    code: 'DeadlineExceeded',
    message: `not seen ${goalOf(open).status} in time; its last observed status is ${status}`,
  };
}

function errorOf(view: FlowLogView, code: string, detail?: string) {
  const suffix = detail ? `: ${detail}` : '';
  return { code, message: truncate(`DescribeFlowLogs shows status ${view.status}${suffix}`) };
}

function truncate(message: string): string {
  return message.slice(0, MESSAGE_LIMIT).toWellFormed();
}

import type { Observation } from '../describe/describe-isolated.ts';
import { type Activation, isLeased, isOpen } from '../model/activation.ts';
import { complete, fail } from '../model/endings.ts';
import {
  type CallError,
  type CallFailure,
  type FailureReason,
  type FlowLogView,
  MESSAGE_LIMIT,
} from '../model/outcome.ts';
import { isPollDue, type Policy, retryDelayMs } from '../model/policy.ts';
import type { Random } from '../model/ports.ts';
import { noteAbsent, notePresent, noteUnanswered, queueAgain } from '../model/transitions.ts';

/** What the poller owes a due activation beside telling what its outbox holds. */
export type DueWork = 'requeue' | 'describe' | 'nothing';

/**
 * A leased activation is its worker's, deadline or not. Past its deadline a queued one is described, not requeued:
 * it may be Active by now.
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

/** When DescribeFlowLogs was asked, and when it had answered: a deadline wants the first, an end the second. */
export type ObservationTime = { askedAt: number; answeredAt: number };

/** For so many times the lag of a replica DescribeFlowLogs may fail before a deadline is held without its answer. */
const UNANSWERED_LAGS = 5;
/** A note of absence, or of no answer, that nothing has confirmed for so many lags no longer counts. */
const NOTE_LAGS = 10;

/**
 * The next record after an observation; the same record when nothing changes. Active always wins, a cause that is
 * seen says more than a deadline, and an accepted generation never goes back to queued. Nothing ends by an observation
 * that a replica's lag explains.
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
  { askedAt, answeredAt }: ObservationTime,
  policy: Policy,
  random: Random,
): Activation {
  if (view.status === 'Active') return complete(open, open.accepted !== true, answeredAt);
  const isOver = isLate(open, askedAt, policy);
  if (open.status === 'queued' && !isOver) return open;
  // What it was before our call, a replica may still show.
  const isFromBefore = open.accepted === true && askedAt - (open.pendingAt ?? askedAt) < policy.replicaLagMs;
  const cause = isFromBefore && view.status !== 'Deleting' ? undefined : causeToFail(view);
  if (cause) return fail(open, cause.reason, answeredAt, cause.error);
  if (isOver) return fail(open, 'deadline-exceeded', answeredAt, deadlineError(view));
  if (open.accepted !== true && (view.status === 'Inactive' || view.status === 'Creating')) {
    const again = { kind: 'retry' as const, error: seen(view, 'FlowLogNotPending') };
    const delayMs = retryDelayMs(again, open.attempts, policy, random);
    return queueAgain(open, view.status, delayMs, answeredAt, policy);
  }
  return open.absentAt === undefined ? open : notePresent(open, answeredAt);
}

function causeToFail(view: FlowLogView): { reason: FailureReason; error: CallError } | undefined {
  if (view.locked)
    return { reason: 'frozen', error: seen(view, 'FlowLogLocked', view.lockReason ?? 'locked') };
  if (view.status === 'Deleting') return { reason: 'deleting', error: seen(view, 'FlowLogDeleting') };
  if (view.status === 'Failed') return { reason: 'activation-failed', error: seen(view, 'FlowLogFailed') };
  return undefined;
}

/**
 * One absence may be a replica that lags behind. It is believed when it still lasts after the longest lag: from the
 * first answer to the question of another.
 */
function decideAbsent(
  open: Activation,
  { askedAt, answeredAt }: ObservationTime,
  policy: Policy,
): Activation {
  if (open.status === 'queued' && !isLate(open, askedAt, policy)) return open;
  const { absentAt } = open;
  if (!isNoted(absentAt, askedAt, policy)) return noteAbsent(open, answeredAt);
  if (askedAt - absentAt < policy.replicaLagMs) return open;
  const message = 'DescribeFlowLogs did not show the flow log, again and again';
  return fail(open, 'not-found', answeredAt, { code: 'FlowLogAbsent', message });
}

/**
 * No answer is no reason to fail before the deadline. Behind it, one is waited for a while, and then the deadline
 * holds. On hold it does not: that is about the account, and waits for a person.
 */
function decideUnanswered(
  open: Activation,
  failure: CallFailure,
  { askedAt, answeredAt }: ObservationTime,
  policy: Policy,
): Activation {
  if (failure.kind === 'hold' || !isLate(open, askedAt, policy)) return open;
  const { unansweredAt = 0 } = open;
  // Earlier than its deadline it is of a generation before, which 0.3 ended or redrove without a look at the note.
  const isOwn = isLate(open, unansweredAt, policy);
  if (!isOwn || !isNoted(unansweredAt, askedAt, policy)) return noteUnanswered(open, askedAt);
  if (askedAt - unansweredAt < UNANSWERED_LAGS * policy.replicaLagMs) return open;
  const { error } = failure;
  const message = cut(`not seen Active in time; DescribeFlowLogs gives no answer: ${error.message}`);
  return fail(open, 'deadline-exceeded', answeredAt, { ...error, message });
}

function isNoted(at: number | undefined, now: number, { replicaLagMs }: Policy): at is number {
  return at !== undefined && now - at < NOTE_LAGS * replicaLagMs;
}

/** The deadline is over, and so is the time in which a replica may not show what was so before it. */
function isLate(open: Activation, askedAt: number, { replicaLagMs }: Policy): boolean {
  return askedAt >= deadlineOf(open) + replicaLagMs;
}

function deadlineOf(activation: Activation): number {
  return Math.min(activation.deadlineAt, activation.pendingDeadlineAt ?? Number.POSITIVE_INFINITY);
}

function deadlineError({ status }: FlowLogView) {
  return {
    code: 'DeadlineExceeded',
    message: `not seen Active in time; at the last look its status is ${status}`,
  };
}

function seen(view: FlowLogView, code: string, detail?: string) {
  const suffix = detail ? `: ${detail}` : '';
  return { code, message: cut(`DescribeFlowLogs shows status ${view.status}${suffix}`) };
}

function cut(message: string): string {
  return message.slice(0, MESSAGE_LIMIT).toWellFormed();
}

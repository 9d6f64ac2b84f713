import { type Activation, isLeased, isOpen } from './activation.ts';
import { complete, fail } from './endings.ts';
import { type CallError, type FailureReason, type FlowLogView, MESSAGE_LIMIT } from './outcome.ts';
import { isPollDue, type Policy, retryDelayMs } from './policy.ts';
import type { Random } from './ports.ts';
import { noteAbsent, notePresent, queueAgain } from './transitions.ts';

/** What the poller owes a due activation beside telling what its outbox holds. */
export type DueWork = 'ring' | 'describe' | 'nothing';

/**
 * A leased activation is its worker's, deadline or not. Past its deadline a queued one is described, not rung:
 * it may be Active by now.
 */
export function workFor(activation: Activation, lastTickAt: number, now: number): DueWork {
  if (!isOpen(activation)) return 'nothing';
  if (activation.status === 'queued') {
    if (isLeased(activation, now)) return 'nothing';
    return now >= activation.deadlineAt ? 'describe' : 'ring';
  }
  const isDue = now >= deadlineOf(activation) || isPollDue(activation.pendingAt ?? now, lastTickAt, now);
  return isDue ? 'describe' : 'nothing';
}

/** When DescribeFlowLogs was asked, and when it had answered: a deadline wants the first, an end the second. */
export type Sighting = { askedAt: number; answeredAt: number };

/**
 * The next record after DescribeFlowLogs showed `view` (undefined: absent); the same record when nothing changes.
 * Active always wins, a cause that is seen says more than a deadline, and an accepted generation never goes back
 * to queued.
 */
export function decide(
  open: Activation,
  view: FlowLogView | undefined,
  { askedAt, answeredAt }: Sighting,
  policy: Policy,
  random: Random,
): Activation {
  if (view?.status === 'Active') return complete(open, open.accepted !== true, answeredAt);
  const isLate = askedAt >= deadlineOf(open);
  if (open.status === 'queued' && !isLate) return open;
  const cause = view && causeToFail(view);
  if (cause) return fail(open, cause.reason, answeredAt, cause.error);
  if (isLate) return fail(open, 'deadline-exceeded', answeredAt, deadlineError(view));
  if (view === undefined) return decideAbsent(open, askedAt);
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
 * When DescribeFlowLogs itself is refused for good: no reason to fail by (the question may be at fault, not the
 * flow log), but none to wait beyond the deadline either.
 */
export function decideUnanswerable(open: Activation, error: CallError, askedAt: number): Activation {
  if (askedAt < deadlineOf(open)) return open;
  const message = cut(`not seen Active in time; DescribeFlowLogs is refused: ${error.message}`);
  return fail(open, 'deadline-exceeded', askedAt, { ...error, message });
}

/** One absence may be a replica that lags behind; the second, in a later tick, is believed. */
function decideAbsent(pending: Activation, seenAt: number): Activation {
  if (pending.absentAt === undefined) return noteAbsent(pending, seenAt);
  if (seenAt <= pending.absentAt) return pending;
  const message = 'DescribeFlowLogs did not show the flow log, twice';
  return fail(pending, 'not-found', seenAt, { code: 'FlowLogAbsent', message });
}

function deadlineOf(activation: Activation): number {
  return Math.min(activation.deadlineAt, activation.pendingDeadlineAt ?? Number.POSITIVE_INFINITY);
}

function deadlineError(view: FlowLogView | undefined) {
  const status = view ? `its status is ${view.status}` : 'DescribeFlowLogs does not show it';
  return { code: 'DeadlineExceeded', message: `not seen Active in time; at the last look ${status}` };
}

function seen(view: FlowLogView, code: string, detail?: string) {
  const suffix = detail ? `: ${detail}` : '';
  return { code, message: cut(`DescribeFlowLogs shows status ${view.status}${suffix}`) };
}

function cut(message: string): string {
  return message.slice(0, MESSAGE_LIMIT).toWellFormed();
}

import { CALM_THEME, LAGGING_THEME } from './fault-kinds.ts';
import type { Mutant } from './mutant.ts';

const DECIDE = 'lib/activation/poller/decide-pending.ts';

/** What the poller decides of an activation, decided wrongly. */
export const POLLER_MUTANTS: readonly Mutant[] = [
  {
    name: 'one absence counted by the poller',
    file: DECIDE,
    original: 'if (!isValid(absentAt, calledAt, policy)) return recordAbsence(open, repliedAt);',
    mutated: 'if (absentAt === -1) return recordAbsence(open, repliedAt);',
    caughtBy: ['the end is the right one'],
    theme: CALM_THEME,
  },
  {
    name: 'the second absence counted at once',
    file: DECIDE,
    original: 'if (calledAt - absentAt < policy.replicaLagMs) return open;',
    mutated: '',
    caughtBy: ['the end is the right one'],
    theme: CALM_THEME,
  },
  {
    name: 'presence between two absences forgotten',
    file: DECIDE,
    original: 'return clearAbsence(open, repliedAt);',
    mutated: 'return open;',
    caughtBy: ['the end is the right one'],
    theme: CALM_THEME,
  },
  {
    name: 'presence written at every observation',
    file: 'lib/activation/model/transitions.ts',
    original: 'if (open.absentAt === undefined) return open;',
    mutated: '',
    caughtBy: ['polling that changes nothing writes nothing'],
  },
  {
    name: 'the status before the call taken for its result',
    file: DECIDE,
    original:
      'const mayBeStale = open.accepted === true && calledAt - (open.pendingAt ?? calledAt) < policy.replicaLagMs;',
    mutated: 'const mayBeStale = false;',
    caughtBy: ['the end is the right one'],
    theme: LAGGING_THEME,
  },
  {
    name: 'deadline applied after the first DescribeFlowLogs without a reply',
    file: DECIDE,
    original: 'if (calledAt - unansweredAt < UNANSWERED_LAGS * policy.replicaLagMs) return open;',
    mutated: '',
    caughtBy: ['the end is the right one'],
  },
  {
    name: 'deadline applied while the account is refused',
    file: DECIDE,
    original: "if (failure.kind === 'hold' || !isPastDeadline",
    mutated: 'if (!isPastDeadline',
    caughtBy: ['the end is the right one'],
    theme: 'an account that is refused',
  },
  {
    name: 'deadline applied while a replica may lag behind it',
    file: DECIDE,
    original: 'return calledAt >= deadlineOf(open) + replicaLagMs;',
    mutated: 'return calledAt >= deadlineOf(open) && replicaLagMs > 0;',
    caughtBy: ['the end is the right one'],
  },
  {
    name: 'lateness measured by the time of the reply',
    file: DECIDE,
    original: 'const isOver = isPastDeadline(open, calledAt, policy);',
    mutated: 'const isOver = isPastDeadline(open, repliedAt, policy);',
    caughtBy: ['the end is the right one'],
    theme: LAGGING_THEME,
  },
  {
    name: 'adopted activation published as our own',
    file: DECIDE,
    original: 'complete(open, open.accepted !== true, repliedAt)',
    mutated: 'complete(open, false, repliedAt)',
    caughtBy: ['the end is the right one'],
  },
  {
    name: 'lease check dropped by the poller',
    file: DECIDE,
    original: "if (isLeased(activation, now)) return 'nothing';",
    mutated: '',
    caughtBy: ['a live lease is respected'],
  },
  {
    name: 'accepted goes back to queued',
    file: DECIDE,
    original: 'if (open.accepted !== true && mayStart(open, view.status)) {',
    mutated: 'if (mayStart(open, view.status)) {',
    caughtBy: ['legal moves only'],
  },
  {
    name: 'accepted taken for Active',
    file: DECIDE,
    original: 'if (isReached(open, view)) {',
    mutated: "if (isReached(open, view) || view.status === 'Pending') {",
    caughtBy: ['completed only if Active while open'],
  },
  {
    name: 'the deadline wins over Active',
    file: DECIDE,
    original: 'if (isReached(open, view)) {',
    mutated: 'if (isReached(open, view) && calledAt < deadlineOf(open)) {',
    caughtBy: ['the end is the right one'],
  },
];

import { CALM_THEME, LAGGING_THEME } from './fault-kinds.ts';
import type { Mutant } from './mutant.ts';

const DECIDE = 'lib/activation/poller/decide-pending.ts';

/** What the poller decides of an activation, decided wrongly. */
export const POLLER_MUTANTS: readonly Mutant[] = [
  {
    name: 'one absence believed by the poller',
    file: DECIDE,
    original: 'if (!isValid(absentAt, askedAt, policy)) return recordAbsence(open, answeredAt);',
    mutated: 'if (absentAt === -1) return recordAbsence(open, answeredAt);',
    caughtBy: ['the end is the right one'],
    theme: CALM_THEME,
  },
  {
    name: 'the second absence believed as soon as it comes',
    file: DECIDE,
    original: 'if (askedAt - absentAt < policy.replicaLagMs) return open;',
    mutated: '',
    caughtBy: ['the end is the right one'],
    theme: CALM_THEME,
  },
  {
    name: 'presence between two absences forgotten',
    file: DECIDE,
    original: 'return open.absentAt === undefined ? open : clearAbsence(open, answeredAt);',
    mutated: 'return open;',
    caughtBy: ['the end is the right one'],
    theme: CALM_THEME,
  },
  {
    name: 'presence noted at every look',
    file: DECIDE,
    original: 'return open.absentAt === undefined ? open : clearAbsence(open, answeredAt);',
    mutated: 'return clearAbsence(open, answeredAt);',
    caughtBy: ['polling that changes nothing writes nothing'],
  },
  {
    name: 'what it was before the call taken for a cause',
    file: DECIDE,
    original:
      'const mayBeStale = open.accepted === true && askedAt - (open.pendingAt ?? askedAt) < policy.replicaLagMs;',
    mutated: 'const mayBeStale = false;',
    caughtBy: ['the end is the right one'],
    theme: LAGGING_THEME,
  },
  {
    name: 'a deadline held at the first question without an answer',
    file: DECIDE,
    original: 'if (askedAt - unansweredAt < UNANSWERED_LAGS * policy.replicaLagMs) return open;',
    mutated: '',
    caughtBy: ['the end is the right one'],
  },
  {
    name: 'a deadline held while the account is refused',
    file: DECIDE,
    original: "if (failure.kind === 'hold' || !isPastDeadline",
    mutated: 'if (!isPastDeadline',
    caughtBy: ['the end is the right one'],
    theme: 'an account that is refused',
  },
  {
    name: 'a deadline held while a replica may be behind it',
    file: DECIDE,
    original: 'return askedAt >= deadlineOf(open) + replicaLagMs;',
    mutated: 'return askedAt >= deadlineOf(open) && replicaLagMs > 0;',
    caughtBy: ['the end is the right one'],
  },
  {
    name: 'lateness judged by the time of the answer',
    file: DECIDE,
    original: 'const isOver = isPastDeadline(open, askedAt, policy);',
    mutated: 'const isOver = isPastDeadline(open, answeredAt, policy);',
    caughtBy: ['the end is the right one'],
    theme: LAGGING_THEME,
  },
  {
    name: 'adopted told as our own',
    file: DECIDE,
    original: 'return complete(open, open.accepted !== true, answeredAt);',
    mutated: 'return complete(open, false, answeredAt);',
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
    original: "if (open.accepted !== true && (view.status === 'Inactive' || view.status === 'Creating')) {",
    mutated: "if (view.status === 'Inactive' || view.status === 'Creating') {",
    caughtBy: ['legal moves only'],
  },
  {
    name: 'accepted taken for Active',
    file: DECIDE,
    original: "if (view.status === 'Active') return",
    mutated: "if (view.status === 'Active' || view.status === 'Pending') return",
    caughtBy: ['completed only if Active while open'],
  },
  {
    name: 'the deadline wins over Active',
    file: DECIDE,
    original: "if (view.status === 'Active') return",
    mutated: "if (view.status === 'Active' && askedAt < deadlineOf(open)) return",
    caughtBy: ['the end is the right one'],
  },
];

import { CALM_THEME, LAGGING_THEME, PARTS_THEME } from './fault-kinds.ts';
import type { Mutant } from './mutant.ts';

const WORKER = 'lib/activation/activate-flow-log.ts';
const DECIDE = 'lib/activation/decide.ts';
const REDRIVE = 'lib/activation/redrive-activation.ts';
const STORE = 'lib/aws/dynamodb-activation-store.ts';
const TRANSITIONS = 'lib/activation/transitions.ts';

/** Broken promises: what ends does so for a wrong reason, too early, or though nobody asked for it. */
export const PROMISE_MUTANTS: readonly Mutant[] = [
  {
    name: 'one absence believed by the poller',
    file: DECIDE,
    original: 'if (!isNoted(absentAt, askedAt, policy)) return noteAbsent(open, askedAt);',
    mutated: 'if (absentAt === -1) return noteAbsent(open, askedAt);',
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
    original: 'return open.absentAt === undefined ? open : notePresent(open, answeredAt);',
    mutated: 'return open;',
    caughtBy: ['the end is the right one'],
    theme: CALM_THEME,
  },
  {
    name: 'presence noted at every look',
    file: DECIDE,
    original: 'return open.absentAt === undefined ? open : notePresent(open, answeredAt);',
    mutated: 'return notePresent(open, answeredAt);',
    caughtBy: ['polling that changes nothing writes nothing'],
  },
  {
    name: 'what it was before the call taken for a cause',
    file: DECIDE,
    original:
      'const isFromBefore = open.accepted === true && askedAt - (open.pendingAt ?? askedAt) < policy.replicaLagMs;',
    mutated: 'const isFromBefore = false;',
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
    original: "if (failure.kind === 'hold' || !isLate",
    mutated: 'if (!isLate',
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
    original: 'const isOver = isLate(open, askedAt, policy);',
    mutated: 'const isOver = isLate(open, answeredAt, policy);',
    caughtBy: ['the end is the right one'],
    theme: LAGGING_THEME,
  },
  {
    name: 'a drift ended by what a replica shows of before',
    file: 'lib/activation/drift-rounds.ts',
    original: 'return drift?.endedAt ?? drift?.detectedAt ?? finishedAt ?? updatedAt;',
    mutated: 'return finishedAt ?? drift?.detectedAt ?? updatedAt;',
    caughtBy: ['drifted only if no longer Active'],
    theme: LAGGING_THEME,
  },
  {
    name: 'failed ones not read again before a batch ends',
    file: 'lib/activation/finish-batch.ts',
    original: 'const reopened = open === 0 ? await countReopened(store, batch, activations) : 0;',
    mutated: 'const reopened = 0;',
    caughtBy: ['a batch ends when all of it is final'],
    theme: PARTS_THEME,
  },
  {
    name: 'adopted told as our own',
    file: DECIDE,
    original: 'return complete(open, open.accepted !== true, answeredAt);',
    mutated: 'return complete(open, false, answeredAt);',
    caughtBy: ['the end is the right one'],
  },
  {
    name: 'the pending deadline counted from the request',
    file: TRANSITIONS,
    original: 'pendingDeadlineAt: now + policy.pendingDeadlineMs,',
    mutated: 'pendingDeadlineAt: leased.queuedAt + policy.pendingDeadlineMs,',
    caughtBy: ['the end is the right one'],
  },
  {
    name: 'a redrive that keeps the old deadline',
    file: TRANSITIONS,
    original:
      'const generation = failed.generation + 1;\n  const deadlineAt = now + policy.activationDeadlineMs;',
    mutated: 'const generation = failed.generation + 1;\n  const { deadlineAt } = failed;',
    caughtBy: ['the end is the right one', 'due while work is left'],
  },
  {
    name: 'a lease taken after the deadline',
    file: WORKER,
    original: '      now < activation.deadlineAt;',
    mutated: '      now > 0;',
    caughtBy: ['no call after the deadline'],
  },
  {
    name: 'a call begun after the deadline',
    file: WORKER,
    original: 'notAfter: Math.min(leaseUntil - deps.policy.callTimeoutMs, leased.deadlineAt),',
    mutated: 'notAfter: leaseUntil - deps.policy.callTimeoutMs,',
    caughtBy: ['no call after the deadline'],
    theme: 'a call late in its lease',
  },
  {
    name: "the lease's margin shortened by one timeout",
    file: WORKER,
    original: 'notAfter: Math.min(leaseUntil - deps.policy.callTimeoutMs, leased.deadlineAt),',
    mutated: 'notAfter: Math.min(leaseUntil, leased.deadlineAt),',
    caughtBy: ['calls only under a lease'],
    theme: 'a call late in its lease',
  },
  {
    name: 'clocks believed to agree',
    file: 'lib/activation/activation.ts',
    original: 'activation.leaseUntil + CLOCK_DIFFERENCE_MS > now',
    mutated: 'activation.leaseUntil > now',
    caughtBy: ['a live lease is respected'],
    theme: 'an outcome after its lease',
  },
  {
    name: 'cancel though other batches wait',
    file: 'lib/activation/cancel-activation.ts',
    original: 'return length > 0 ?',
    mutated: 'return length > 1_000 ?',
    caughtBy: ['the end is the right one'],
  },
  {
    name: 'a letter for what was cancelled',
    file: 'lib/activation/endings.ts',
    original: "if (reason !== 'cancelled') facts.push(",
    mutated: 'facts.push(',
    caughtBy: ['one dead letter for a failed generation'],
  },
  {
    name: 'a dead letter of an earlier generation redrives a later one',
    file: REDRIVE,
    original: 'failed.archived || failed.generation !== generation',
    mutated: 'failed.archived',
    caughtBy: ['redriven only as it was asked for'],
  },
  {
    name: 'a dead letter redrives what is still being told',
    file: REDRIVE,
    original: 'if (failed.outbox.length > 0) {',
    mutated: 'if (failed.outbox.length > 1_000) {',
    caughtBy: [
      'told before it is forgotten',
      'one dead letter for a failed generation',
      'nothing is told before it is true',
    ],
  },
  {
    name: 'a repeated redrive with a past generation redrives again',
    file: REDRIVE,
    original:
      "if (past !== undefined && failed.generation > past) return { kind: 'past', activation: failed };",
    mutated: '',
    caughtBy: ['redriven only as it was asked for', 'what was promised was done'],
  },
  {
    name: 'redrive of what is still frozen',
    file: REDRIVE,
    original: 'if (view.locked) return',
    mutated: "if (view.locked && view.status === 'Deleting') return",
    caughtBy: ['a redrive is not in vain'],
  },
  {
    name: 'redrive of what is absent',
    file: REDRIVE,
    original:
      "if (observation.kind === 'absent') return new NotRedrivable('DescribeFlowLogs does not show the flow log');\n  const { view } = observation;\n  if (view.status",
    mutated:
      "const view = observation.kind === 'absent' ? { status: 'Inactive', locked: false, lockReason: '' } : observation.view;\n  if (view.status",
    caughtBy: ['a redrive is not in vain'],
  },
  {
    name: 'bulk redrive reopens what a person has cancelled',
    file: 'lib/activation/redrive-failed.ts',
    original: ": failed.reason !== 'cancelled');",
    mutated: ': true);',
    caughtBy: ['redriven only as it was asked for'],
  },
  {
    name: 'the archive copy not conditional',
    file: STORE,
    original: "if (!(await put(toActivationItem(copy), condition, { ':version': previous.version }))) {",
    mutated: 'if (!(await put(toActivationItem(copy))) && condition) {',
    caughtBy: ['archived before it is replaced', 'legal moves only'],
  },
  {
    name: 'one refused id hides the others',
    file: 'lib/activation/describe-isolated.ts',
    original: 'groups.push(...inChunks(rest, Math.ceil(rest.length / 2)).reverse());',
    mutated: 'return;',
    caughtBy: ['everything ends in bounded time', 'the end is the right one'],
  },
  {
    name: 'an archived copy not looked for by a replay',
    file: 'lib/activation/open-or-join.ts',
    original: 'if (archived) return { activation: archived, opened: false };',
    mutated: '',
    caughtBy: ['equal answers for equal keys', 'one end for a generation', 'archived before it is replaced'],
  },
  {
    name: 'a message that nobody can read dropped',
    file: 'functions/activate-flow-log.ts',
    original: 'await deps.queue.poison(record.body, reason);',
    mutated: '',
    caughtBy: ['what nobody can read is kept'],
  },
];

import { PARTS_THEME } from './fault-kinds.ts';
import type { Mutant } from './mutant.ts';

const WORKER = 'lib/activation/activate-flow-log.ts';
const REDRIVE = 'lib/activation/redrive/redrive-activation.ts';
const FROM_DEAD_LETTER = 'lib/activation/redrive/redrive-from-dead-letter.ts';
const STORE = 'lib/aws/dynamodb-activation-store.ts';

/** Broken promises: what ends does so for a wrong reason, too early, or though nobody asked for it. */
export const PROMISE_MUTANTS: readonly Mutant[] = [
  {
    name: 'failed ones not read again before a batch ends',
    file: 'lib/activation/batches/finish-batch.ts',
    original: 'const reopened = open === 0 ? await countReopened(store, batch, activations) : 0;',
    mutated: 'const reopened = 0;',
    caughtBy: ['a batch ends when all of it is final'],
    theme: PARTS_THEME,
  },
  {
    name: 'the pending deadline counted from the request',
    file: 'lib/activation/model/transitions.ts',
    original: 'pendingDeadlineAt: now + policy.pendingDeadlineMs,',
    mutated: 'pendingDeadlineAt: leased.queuedAt + policy.pendingDeadlineMs,',
    caughtBy: ['the end is the right one'],
  },
  {
    name: 'a redrive that keeps the old deadline',
    file: 'lib/activation/model/queueing.ts',
    original:
      'const generation = failed.generation + 1;\n  const deadlineAt = now + policy.activationDeadlineMs;',
    mutated: 'const generation = failed.generation + 1;\n  const { deadlineAt } = failed;',
    caughtBy: ['the end is the right one', 'due while work is left'],
  },
  {
    name: 'a lease taken after the deadline',
    file: 'lib/activation/lease.ts',
    original: '    now < activation.deadlineAt\n',
    mutated: '    now > 0\n',
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
    name: 'clocks assumed to agree',
    file: 'lib/activation/model/activation.ts',
    original: 'activation.leaseUntil + CLOCK_DIFFERENCE_MS > now',
    mutated: 'activation.leaseUntil > now',
    caughtBy: ['a live lease is respected'],
    theme: 'an outcome after its lease',
  },
  {
    name: 'cancel though other batches wait',
    file: 'lib/activation/request/cancel-activation.ts',
    original: 'return length > 0 ?',
    mutated: 'return length > 1_000 ?',
    caughtBy: ['the end is the right one'],
  },
  {
    name: 'a dead letter for a cancelled activation',
    file: 'lib/activation/model/endings.ts',
    original: "if (reason !== 'cancelled') entries.push(",
    mutated: 'entries.push(',
    caughtBy: ['one dead letter for a failed generation'],
  },
  {
    name: 'a dead letter of an earlier generation redrives a later one',
    file: FROM_DEAD_LETTER,
    original: 'failed.archived || failed.generation !== generation',
    mutated: 'failed.archived',
    caughtBy: ['redriven only as it was asked for'],
  },
  {
    name: 'a dead letter redrives before the failure is published',
    file: FROM_DEAD_LETTER,
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
      "if (observation.kind === 'absent') return new NotRedrivable('DescribeFlowLogs does not show the flow log');\n  const { view } = observation;\n  if (isReached",
    mutated:
      "const view = observation.kind === 'absent' ? { status: 'Inactive', locked: false, lockReason: '' } : observation.view;\n  if (isReached",
    caughtBy: ['a redrive is not in vain'],
  },
  {
    name: 'bulk redrive reopens what a person has cancelled',
    file: 'lib/activation/redrive/redrive-failed.ts',
    original: ": reason !== 'cancelled');",
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
    file: 'lib/activation/describe/describe-isolated.ts',
    original: 'groups.push(...inChunks(suspects, Math.ceil(suspects.length / 2)).reverse());',
    mutated: 'return;',
    caughtBy: [
      'everything ends in bounded time',
      'what is refused holds up no other',
      'the end is the right one',
    ],
  },
  {
    name: 'a replay ignores the archived copy',
    file: 'lib/activation/request/open-or-join.ts',
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

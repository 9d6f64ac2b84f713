import type { Mutant } from './mutant.ts';

const WORKER = 'lib/activation/activate-flow-log.ts';
const ENDINGS = 'lib/activation/model/endings.ts';
const FINISH = 'lib/activation/batches/finish-batch.ts';
const DRIFT = 'lib/activation/drift/drift.ts';

/** Mistakes in the workflow itself, each against a rule of its design. */
export const WORKFLOW_MUTANTS: readonly Mutant[] = [
  {
    name: 'lease check dropped by the worker',
    file: 'lib/activation/lease.ts',
    original: '!isLeased(activation, now) &&',
    mutated: '',
    caughtBy: ['a live lease is respected', 'calls only under a lease'],
  },
  {
    name: 'lease check dropped by cancel',
    file: 'lib/activation/request/cancel-activation.ts',
    original: "if (isLeased(activation, now)) return 'Volcengine is being called for it';",
    mutated: '',
    caughtBy: ['a live lease is respected', 'calls only under a lease'],
  },
  {
    name: 'call started with too little of the lease left',
    file: WORKER,
    original: 'notAfter: Math.min(leaseUntil - deps.policy.callTimeoutMs, leased.deadlineAt),',
    mutated: 'notAfter: Number.MAX_VALUE,',
    caughtBy: ['calls only under a lease', 'a live lease is respected', 'no call after the deadline'],
    theme: 'a call late in its lease',
  },
  {
    name: 'the whole outbox cleared',
    file: ENDINGS,
    original: 'const outbox = activation.outbox.filter((entry) => !sent.has(entry));',
    mutated: 'const outbox = sent.size > 0 ? [] : activation.outbox;',
    caughtBy: [
      'told before it is forgotten',
      'one final event for a generation',
      'one dead letter for a failed generation',
    ],
  },
  {
    name: 'dueAt removed early',
    file: ENDINGS,
    original: 'if (outbox.length === 0) return',
    mutated: 'if (outbox.length >= 0) return',
    caughtBy: ['due while work is left'],
  },
  {
    name: 'token drawn at random',
    file: WORKER,
    original: 'clientToken: clientTokenOf(activationId, generation),',
    mutated: 'clientToken: clientTokenOf(activationId, deps.random()),',
    caughtBy: ['one ClientToken for a generation'],
  },
  {
    name: 'joiners of the submitted event not frozen',
    file: 'lib/activation/model/outbox-events.ts',
    original: 'activation.joiners.slice(0, activation.submittedJoiners ?? 0)',
    mutated: 'activation.joiners',
    caughtBy: ['the same bytes for the same id'],
  },
  {
    name: 'redrive before the failure is published',
    file: 'lib/activation/redrive/redrive-activation.ts',
    original: 'return activation.outbox.length > 0 ? new OutboxPending() : undefined;',
    mutated: 'return undefined;',
    caughtBy: ['told before it is forgotten'],
  },
  {
    name: 'dueAt of a queued activation a day late',
    file: 'lib/activation/model/queueing.ts',
    original: 'dueAt: queuedDueAt(leased, now + delayMs, now, policy),',
    mutated: 'dueAt: now + 86_400_000,',
    caughtBy: ['due while work is left'],
  },
  {
    name: 'batch forgotten before it is finished',
    file: FINISH,
    original: 'if (missing.length > 0 && isDue) {',
    mutated: 'if (missing.length > 1_000) {',
    caughtBy: ['everything ends in bounded time', 'what is refused holds up no other'],
  },
  {
    name: 'batch ended before its last activation',
    file: FINISH,
    original: 'if (open + reopened === 0) {',
    mutated: 'if (open + reopened <= 1) {',
    caughtBy: ['a batch ends when all of it is final'],
  },
  {
    name: 'the end of a batch built again each time',
    file: FINISH,
    original: 'if (batch.completed) return { batch, open: 0 };',
    mutated: '',
    caughtBy: ['a batch ends when all of it is final', 'the same bytes for the same id'],
  },
  {
    name: 'batch out of the index before its end is published',
    file: FINISH,
    original: 'if (stored.has(event.id)) {',
    mutated: 'if (stored.size >= 0) {',
    caughtBy: ['told before it is forgotten'],
  },
  {
    name: 'drift published at every check',
    file: DRIFT,
    original: "return kind === 'unknown' || isDrifted ? completed : startDrift(",
    mutated: "return kind === 'unknown' ? completed : startDrift(",
    caughtBy: ['one event for a drift'],
  },
  {
    name: 'drift ended before it is published',
    file: DRIFT,
    original: 'if (outbox.some((entry) => !refused?.entries.includes(entry))) return completed;',
    mutated: '',
    caughtBy: ['legal moves only', 'the same bytes for the same id', 'told before it is forgotten'],
  },
  {
    name: 'Inactive taken for the end of a drift',
    file: DRIFT,
    original: "if (view.status === 'Active') return 'none';",
    mutated: "if (view.status === 'Active' || view.status === 'Inactive') return 'none';",
    caughtBy: ['drifted only if no longer Active', 'no drift goes unnoticed'],
  },
  {
    name: 'one absence counted as a drift',
    file: 'lib/activation/drift/drift-scan.ts',
    original: 'const ABSENCES_UNTIL_GONE = 3;',
    mutated: 'const ABSENCES_UNTIL_GONE = 1;',
    caughtBy: ['drifted only if no longer Active'],
    theme: 'a forgetful Volcengine',
  },
];

import type { Mutant } from '../mutant.ts';

/** Mistakes that only deactivations beside activations can show. */
export const DEACTIVATION_MUTANTS: readonly Mutant[] = [
  {
    name: 'each call an ActiveFlowLog',
    file: 'lib/activation/activate-flow-log.ts',
    original: 'deps.api[goal.call]({',
    mutated: 'deps.api.activeFlowLog({',
    caughtBy: ['called only as it was asked for'],
    load: 'deactivations',
  },
  {
    name: 'a request of the other direction joined',
    file: 'lib/activation/request/open-or-join.ts',
    original: 'if (current.desired !== desired) {',
    mutated: 'if (current.joiners.length > 1_000) {',
    caughtBy: ['nobody joins the other direction', 'what was promised was done'],
    load: 'deactivations',
  },
  {
    name: 'the keys of both directions taken for one',
    file: 'lib/activation/model/ids.ts',
    original: '...(desired === undefined ? [] : [desired])',
    mutated: '...(desired === undefined ? [] : [])',
    caughtBy: [
      'nobody joins the other direction',
      'what was promised was done',
      'equal answers for equal keys',
    ],
    load: 'deactivations',
  },
  {
    name: 'the events of a deactivation published as those of an activation',
    file: 'lib/activation/model/outbox-events.ts',
    original: '(desired === undefined ? ACTIVATION_EVENTS : DEACTIVATION_EVENTS)',
    mutated: '(desired === undefined ? ACTIVATION_EVENTS : ACTIVATION_EVENTS)',
    caughtBy: ['nothing is told before it is true'],
    load: 'deactivations',
  },
  {
    name: 'a bulk redrive switches off again',
    file: 'lib/activation/redrive/redrive-failed.ts',
    original: '!archived && desired === undefined && (wanted',
    mutated: '!archived && (desired ?? true) && (wanted',
    caughtBy: ['redriven only as it was asked for'],
    load: 'deactivations',
  },
  {
    name: 'a flow log that was switched off checked for drift',
    file: 'lib/activation/drift/drift-scan.ts',
    original: 'completed.filter(({ desired }) => desired === undefined)',
    mutated: 'completed',
    caughtBy: ['drifted only if no longer Active'],
    load: 'deactivations',
  },
  {
    name: 'what was before the earlier request believed',
    file: 'lib/activation/poller/decide-pending.ts',
    original: 'const isTrusted = calledAt >= (open.untrustedUntil ?? 0);',
    mutated: 'const isTrusted = true;',
    caughtBy: ['deactivated only if Inactive while open', 'completed only if Active while open'],
    load: 'deactivations',
  },
];

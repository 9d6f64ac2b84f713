import type { Mutant } from '../mutant.ts';

/** Mistakes that only another version of the code, at work beside this one, can show. */
export const RELEASE_MUTANTS: readonly Mutant[] = [
  {
    name: 'an activation without who asked for it refused',
    file: 'lib/aws/activation-item.ts',
    original: 'requestedBy: v.optional(v.string())',
    mutated: 'requestedBy: v.string()',
    caughtBy: ['each version reads what another writes'],
    load: 'releases',
  },
  {
    name: 'a batch without who asked for it refused',
    file: 'lib/aws/batch-item.ts',
    original: 'requestedBy: v.optional(v.string())',
    mutated: 'requestedBy: v.string()',
    caughtBy: ['each version reads what another writes'],
    load: 'releases',
  },
  {
    name: 'a plan without who made it refused',
    file: 'lib/aws/plan-item.ts',
    original: 'requestedBy: v.optional(v.string()),\n  selector',
    mutated: 'requestedBy: v.string(),\n  selector',
    caughtBy: ['everything ends in bounded time', 'what is refused holds up no other'],
    load: 'releases',
  },
  {
    name: 'requestedBy needed to show an activation',
    file: 'lib/api/responses/activation-view.ts',
    original: '    requestedBy,\n',
    mutated: '    requestedBy: requestedBy?.normalize() ?? JSON.parse(String(requestedBy)),\n',
    caughtBy: ['no failure without a fault', 'what was answered 202 can be read'],
    load: 'releases',
  },
  {
    name: "the task of the generation before taken for this one's",
    file: 'lib/aws/activation-item.ts',
    original: 'const task = startedIn === stored.generation ?',
    mutated: 'const task = startedIn <= stored.generation ?',
    caughtBy: ['nothing is told before it is true'],
    load: 'releases',
  },
];

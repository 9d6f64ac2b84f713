import type { Mutant } from './mutant.ts';

const CARRY_OUT = 'lib/activation/operations/carry-out.ts';
const OPERATION = 'lib/activation/operations/operation.ts';

/** Mistakes in operations and pauses, seen when operators use them. */
export const OPERATOR_MUTANTS: readonly Mutant[] = [
  {
    name: 'a slice goes on though another one took the operation',
    file: CARRY_OUT,
    original: 'const taken = await write(deps, operation, begun);',
    mutated: 'const taken = (await write(deps, operation, begun)) ?? begun;',
    caughtBy: ['an operation decides each activation once', 'what an operation ends is ended'],
    load: 'operators',
  },
  {
    name: 'an aborted operation keeps in hand what nobody acts on',
    file: OPERATION,
    original: 'isAborted ? undecided : [...undecided, ...untouched];',
    mutated: '[...undecided, ...untouched];',
    caughtBy: [
      'what an operation ends is ended',
      'what is refused holds up no other',
      'everything ends in bounded time',
    ],
    load: 'operators',
  },
  {
    name: 'an aborted operation drops what it could not read',
    file: OPERATION,
    original: 'const hand = isAborted ? undecided :',
    mutated: 'const hand = isAborted ? [] :',
    caughtBy: ['an operation counts what it did'],
    load: 'operators',
  },
  {
    name: 'an operation written unconditionally',
    file: 'lib/aws/dynamodb-operation-store.ts',
    original: 'const condition = { version, createdAt: previous.createdAt };',
    mutated: 'const condition = version > 0 ? { createdAt: previous.createdAt } : {};',
    caughtBy: [
      'legal moves only',
      'an operation decides each activation once',
      'what an operation ends is ended',
      'an operation counts what it did',
    ],
    load: 'operators',
  },
  {
    name: 'a retry of a slice that died is made again',
    file: 'lib/activation/operations/actions.ts',
    original: 'event === RETRY_NOW && generation === target.generation',
    mutated: "event === '' && generation === target.generation",
    caughtBy: ['an operation decides each activation once', 'an operation counts what it did'],
    load: 'operators',
  },
  {
    name: 'the place in the list not stored with the hand',
    file: OPERATION,
    original: '    cursor,\n    isListed: cursor === undefined,',
    mutated: '    isListed: cursor === undefined,',
    caughtBy: ['an operation decides each activation once', 'everything ends in bounded time'],
    load: 'operators',
  },
  {
    name: 'the refusals of a slice over those before',
    file: CARRY_OUT,
    original: 'writeRefusals(taken, taken.refusalPages + 1, refusals)',
    mutated: 'writeRefusals(taken, 1, refusals)',
    caughtBy: ['an operation counts what it did'],
    load: 'operators',
  },
  {
    name: 'what an earlier slice has done is not counted',
    file: CARRY_OUT,
    original: 'else if (isDone(activation, target, operation)) result.done += 1;',
    mutated: 'else if (isDone(activation, target, operation)) result.done += 0;',
    caughtBy: ['an operation counts what it did'],
    load: 'operators',
  },
  {
    name: 'an operation promised and not stored',
    file: 'lib/activation/operations/request-operation.ts',
    original: 'const existing = await operations.create(requested);',
    mutated: 'const existing = undefined as typeof requested | undefined;\n  void operations;',
    caughtBy: ['what was promised was done', 'what was answered 202 can be read'],
    load: 'operators',
  },
  {
    name: 'a paused account gets tokens',
    file: 'lib/activation/quota/quota-state.ts',
    original: 'if (pauseOf(state)) return',
    mutated: 'if (pauseOf(state) && requests.length > 1_000) return',
    caughtBy: ['a paused account is not called'],
    load: 'operators',
  },
  {
    name: 'the next write of a quota ends its pause',
    file: 'lib/aws/dynamodb-quota-store.ts',
    original: '...(pause.success && pause.output)',
    mutated: '...(pause.success && {})',
    caughtBy: ['a paused account is not called'],
    load: 'operators',
  },
];

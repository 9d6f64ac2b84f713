import type { Mutant } from '../mutant.ts';

/** Mistakes that only the loads beside the callers can show. */
export const LOAD_MUTANTS: readonly Mutant[] = [
  {
    name: 'unprocessed keys taken for keys without an item',
    file: 'lib/aws/dynamodb-reads.ts',
    original: 'wanted = UnprocessedKeys?.[tableName];',
    mutated: 'wanted = UnprocessedKeys && undefined;',
    caughtBy: ['a list repeats nothing and hides nothing', 'equal answers for equal keys'],
  },
  {
    name: 'a page of an index taken for all of it',
    file: 'lib/aws/dynamodb-activation-list.ts',
    original: 'if (found.length >= query.limit) break;',
    mutated: 'break;',
    caughtBy: ['a list repeats nothing and hides nothing'],
  },
  {
    name: 'a cursor that counts what has the status',
    file: 'lib/activation/read-activations.ts',
    original: 'nextCursor: String(next.place)',
    mutated: 'nextCursor: String(start + limit)',
    caughtBy: ['a list repeats nothing and hides nothing'],
  },
];

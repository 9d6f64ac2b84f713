import type { Mutant } from './mutant.ts';
import type { Rule } from './rules.ts';

const QUOTA = 'lib/activation/quota/account-quota.ts';
const STATE = 'lib/activation/quota/quota-state.ts';
const CAUGHT_BY: readonly Rule[] = ['an account is called no faster than its quota'];

/** Mistakes in the quota of an account, seen when a crowd asks at once. */
export const QUOTA_MUTANTS: readonly Mutant[] = [
  {
    name: 'quota written unconditionally',
    file: 'lib/aws/dynamodb-quota-store.ts',
    original: `      return revision === undefined
        ? table.put(item, 'attribute_not_exists(version)')
        : table.put(item, VERSION_IS_UNCHANGED, { ':version': revision });`,
    mutated: '      return table.put(item);',
    caughtBy: CAUGHT_BY,
    load: 'crowd',
  },
  {
    name: 'a refused write of the quota taken for a grant',
    file: QUOTA,
    original: 'if (isSame || (await store.write(account, state, stored.revision))) return result;',
    mutated: 'if (!isSame) await store.write(account, state, stored.revision);\n      return result;',
    caughtBy: CAUGHT_BY,
    load: 'crowd',
  },
  {
    name: 'tokens granted without a write',
    file: QUOTA,
    original:
      'grants.some(({ granted, waitMs }, index) => granted || (requests[index]?.isJob && waitMs !== PAUSED)),',
    mutated: 'false,',
    caughtBy: CAUGHT_BY,
    load: 'crowd',
  },
  {
    name: 'tokens of the same write cost one',
    file: STATE,
    original: 'if (granted) next += stepMs(Math.max(next, at));',
    mutated: 'if (granted && maxWaitMs !== requests[1]?.maxWaitMs) next += stepMs(Math.max(next, at));',
    caughtBy: CAUGHT_BY,
    load: 'crowd',
  },
  {
    name: 'an idle account saves its tokens',
    file: STATE,
    original: 'let next = Math.max(state.usedUntil, at - headStartMs(ratePerSecond));',
    mutated: 'let next = state.usedUntil || at - headStartMs(ratePerSecond);',
    caughtBy: CAUGHT_BY,
    load: 'crowd',
  },
  {
    name: 'a token used before its time',
    file: QUOTA,
    original: 'if (waitMs > 0) await sleep(waitMs);',
    mutated: '',
    caughtBy: CAUGHT_BY,
    load: 'crowd',
  },
  {
    name: 'the worker calls without a token',
    file: 'lib/activation/activate-flow-log.ts',
    original: 'const waitMs = await limiter.acquireOrTurn(account, maxWaitMs);',
    mutated: 'const waitMs = Math.min(0, maxWaitMs);',
    caughtBy: CAUGHT_BY,
    load: 'crowd',
  },
  {
    name: 'DescribeFlowLogs without a token',
    file: 'lib/activation/describe/describe-once.ts',
    original: 'const waitMs = await limiter.acquire(account, maxWaitMs);',
    mutated: 'const waitMs = Math.min(0, maxWaitMs);',
    caughtBy: CAUGHT_BY,
    load: 'crowd',
  },
];

import { expect, test } from 'vitest';
import { policiesOf } from '../../../../functions/wiring/policies.ts';
import type { ConfigurationState } from '../../../../lib/activation/status/ports.ts';

const POLICY = JSON.stringify({ accounts: 'all', regions: ['cn-beijing'], every: '1h' });
const policiesIn = (state: Partial<ConfigurationState>) =>
  policiesOf({
    accounts: new Map(),
    policies: new Map([['keep-active', POLICY]]),
    refresh: async () => {},
    state: () => ({ disabled: [], ...state }),
  });
const disabled = (kind: 'account' | 'policy' | 'unknown') => ({
  disabled: [{ kind, name: 'x', problems: ['y'] }],
});

test.each([
  ['all could be read', {}, true],
  ['an account is disabled', disabled('account'), true],
  ['a policy is disabled', disabled('policy'), false],
  ['an entry is at a place where nothing belongs: it may be a policy', disabled('unknown'), false],
  ['what is stored cannot be read now, and may have changed', { failure: 'ThrottlingException' }, false],
] as const)('whether these are all policies: %s', async (_, state, isWhole) => {
  const stored = await policiesIn(state);
  expect(stored).toMatchObject({ policies: [{ name: 'keep-active' }], isWhole });
});

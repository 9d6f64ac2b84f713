import type { FlowLogPolicy } from '../../lib/activation/policies/policy.ts';
import type { LiveConfiguration } from '../../lib/config/live-configuration.ts';
import { parsePolicy } from '../../lib/config/policies.ts';

/**
 * `isWhole`: all that is stored could be read just now, and no entry that may be a policy is disabled. What such a policy
 * wants is not known.
 */
export type StoredPolicies = { policies: FlowLogPolicy[]; isWhole: boolean };

/** The stored policies that are not disabled, as they are now. */
export async function policiesOf({ refresh, policies, state }: LiveConfiguration): Promise<StoredPolicies> {
  await refresh();
  const { failure, disabled } = state();
  return {
    policies: [...policies].flatMap(([name, text]) => parsePolicy(name, text).policy ?? []),
    isWhole: failure === undefined && disabled.every(({ kind }) => kind === 'account'),
  };
}

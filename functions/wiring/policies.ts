import type { FlowLogPolicy } from '../../lib/activation/policies/policy.ts';
import type { LiveConfiguration } from '../../lib/config/live-configuration.ts';
import { parsePolicy } from '../../lib/config/policies.ts';

/** `isWhole`: no policy is disabled. What a disabled one wants is not known. */
export type StoredPolicies = { policies: FlowLogPolicy[]; isWhole: boolean };

/** The stored policies that are not disabled, as they are now. */
export async function policiesOf({ refresh, policies, state }: LiveConfiguration): Promise<StoredPolicies> {
  await refresh();
  return {
    policies: [...policies].flatMap(([name, text]) => parsePolicy(name, text).policy ?? []),
    isWhole: !state().disabled.some(({ kind }) => kind === 'policy'),
  };
}

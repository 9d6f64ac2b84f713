import type { FlowLogPolicy } from '../../lib/activation/policies/policy.ts';
import type { LiveConfiguration } from '../../lib/config/live-configuration.ts';
import { parsePolicy } from '../../lib/config/policies.ts';

/** The stored policies that are not disabled, as they are now. */
export async function policiesOf({ refresh, policies }: LiveConfiguration): Promise<FlowLogPolicy[]> {
  await refresh();
  return [...policies].flatMap(([name, text]) => parsePolicy(name, text).policy ?? []);
}

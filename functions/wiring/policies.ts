import type { FlowLogPolicy } from '../../lib/activation/policies/policy.ts';
import type { ConfigurationSource } from '../../lib/config/configuration-source.ts';
import { parsePolicy } from '../../lib/config/policies.ts';
import { log } from '../../lib/runtime/telemetry.ts';
import { readConfiguration } from './configuration.ts';

/** The policies that are valid. Each other one is disabled, and named in the log. */
export async function policiesOf(source: ConfigurationSource | undefined): Promise<FlowLogPolicy[]> {
  const { policies } = await readConfiguration(source);
  return [...policies].flatMap(([name, text]) => {
    const { policy, problems } = parsePolicy(name, text);
    if (problems) log.warn('a policy is disabled', { problems });
    return policy ? [policy] : [];
  });
}

import type { FlowLogPolicy } from '../../../lib/activation/policies/policy.ts';

export const aPolicy = (change: Partial<FlowLogPolicy> = {}): FlowLogPolicy => ({
  name: 'keep-active',
  accounts: ['default'],
  regions: ['cn-beijing'],
  selector: {},
  exclusions: [],
  desired: 'Active',
  repair: 'activate',
  everyMs: 3_600_000,
  ...change,
});

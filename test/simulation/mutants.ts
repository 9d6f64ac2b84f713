import { ADAPTER_MUTANTS } from './adapter-mutants.ts';
import { DEACTIVATION_MUTANTS } from './loads/deactivation-mutants.ts';
import { LOAD_MUTANTS } from './loads/load-mutants.ts';
import { RELEASE_MUTANTS } from './loads/release-mutants.ts';
import type { Mutant } from './mutant.ts';
import seeds from './mutant-seeds.json' with { type: 'json' };
import { OPERATOR_MUTANTS } from './operator-mutants.ts';
import { POLLER_MUTANTS } from './poller-mutants.ts';
import { PROMISE_MUTANTS } from './promise-mutants.ts';
import { QUOTA_MUTANTS } from './quota-mutants.ts';
import { TICK_MUTANTS } from './tick-mutants.ts';
import { WORKFLOW_MUTANTS } from './workflow-mutants.ts';

export const MUTANTS: readonly Mutant[] = [
  ...ADAPTER_MUTANTS,
  ...WORKFLOW_MUTANTS,
  ...POLLER_MUTANTS,
  ...PROMISE_MUTANTS,
  ...QUOTA_MUTANTS,
  ...TICK_MUTANTS,
  ...OPERATOR_MUTANTS,
  ...LOAD_MUTANTS,
  ...RELEASE_MUTANTS,
  ...DEACTIVATION_MUTANTS,
];

const SEEDS: ReadonlyMap<string, number> = new Map(Object.entries(seeds));

/** The schedule that was the first to catch it when all were searched: where to begin now. */
export function firstSeedOf({ name }: Mutant): number {
  return SEEDS.get(name) ?? 1;
}

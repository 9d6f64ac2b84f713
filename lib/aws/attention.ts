import { type Activation, DRIFT_KINDS, hasDrifted } from '../activation/model/activation.ts';
import { heldOf } from '../activation/model/history.ts';
import type { ListFilter } from '../activation/model/list-filter.ts';

/*
 * The partitions of index `attention`. An activation that goes well is never in it, so the index costs it nothing.
 *   failed#<reason>    failed, and neither redriven nor replaced since
 *   held               on hold
 *   drifted#<kind>     completed, and its drift lasts
 */
const HELD = 'held';

/** Undefined for an activation that is not in the index. */
export function attentionOf(activation: Activation): string | undefined {
  const { archived, status, reason = 'unexpected', drift } = activation;
  if (archived) return undefined;
  if (status === 'failed') return `failed#${reason}`;
  if (hasDrifted(activation)) return `drifted#${drift?.kind}`;
  return heldOf(activation) && HELD;
}

/** The partitions that hold all activations of the filter, perhaps beside others. Undefined if the index does not. */
export function attentionPartitionsOf({ reason, held, drift }: ListFilter): string[] | undefined {
  if (reason) return [`failed#${reason}`];
  if (held) return [HELD];
  return drift && DRIFT_KINDS.map((kind) => `drifted#${kind}`);
}

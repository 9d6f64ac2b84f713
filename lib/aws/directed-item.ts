import * as v from 'valibot';
import type { Directed } from '../activation/model/goal.ts';

/**
 * The items of a deactivation hold their `source` under another name. Versions that know no deactivations would take it
 * for an activation, and switch the flow log on; without a `source` they cannot read it, and leave it alone (Invariant 13).
 */
export function directed<Stored extends Directed & { source: string }>({
  desired,
  source,
  ...stored
}: Stored) {
  return desired === undefined ? { ...stored, source } : { ...stored, deactivationSource: source };
}

export const directedFields = { source: v.optional(v.string()), deactivationSource: v.optional(v.string()) };

/** Throws for an item that has no source. */
export function fromDirected<Stored extends { source?: string; deactivationSource?: string }>({
  source,
  deactivationSource,
  ...stored
}: Stored) {
  if (deactivationSource === undefined) return { ...stored, source: v.parse(v.string(), source) };
  return { ...stored, source: deactivationSource, desired: 'Inactive' as const };
}

import type { Activation, Drift, DriftKind } from '../../lib/activation/model/activation.ts';
import type { Sight } from '../support/virtual/simulated-flow-log.ts';
import type { DriftModel } from './drift-model.ts';
import { mayDriftSo } from './known-faults.ts';
import type { Violate } from './rules.ts';

/** From the first of three looks at an absent one, a minute apart at the most, until its drift is written. */
const LOOK_MS = 240_000;

export type DriftWatchOptions = {
  model: DriftModel;
  violate: Violate;
  now: () => number;
  clocksOffMs: number;
  /** All that a flow log has been since then. */
  sightsSince: (flowLogId: string, since: number) => Sight[];
  onBegin: (kind: DriftKind) => void;
  onEnd: () => void;
};

const LOOKS_LIKE: Record<DriftKind, (sight: Sight) => boolean> = {
  frozen: ({ isLocked }) => isLocked,
  inactive: ({ status }) => status === 'Inactive',
  deleting: ({ status }) => status === 'Deleting',
  failed: ({ status }) => status === 'Failed',
  gone: ({ status }) => status === 'absent',
  other: ({ status }) => status === 'Creating',
};

/** Holds what is written of drift to what has befallen the flow log. */
export function watchDrift(
  options: DriftWatchOptions,
  before: Activation,
  after: Activation,
  writer: string,
): void {
  const { model, violate, onBegin, onEnd } = options;
  const { activationId, drift } = after;
  if (JSON.stringify(before.drift) === JSON.stringify(drift)) return;
  if (drift === undefined) {
    violate('legal moves only', `${activationId} forgot its drift`);
    return;
  }
  if (after.desired !== undefined)
    violate('drifted only if no longer Active', `${activationId} is meant to be off`);
  const isTelling = before.outbox.some((entry) => !before.refused?.entries.includes(entry));
  if (after.status !== 'completed' || isTelling) {
    violate('legal moves only', `${activationId}: drift while ${after.status} with [${before.outbox}]`);
  }
  const began = drift.endedAt === undefined;
  const { endedAt, detectedAt } = before.drift ?? {};
  const knownSince = endedAt ?? detectedAt ?? before.finishedAt ?? 0;
  const since = Math.max(options.now() - LOOK_MS, knownSince - options.clocksOffMs);
  const sights = options.sightsSince(after.flowLogId, since);
  const fits = began ? LOOKS_LIKE[drift.kind] : isInOrder;
  if (!sights.some(fits) && !mayDriftSo(writer)) {
    const what = began ? drift.kind : 'Active again';
    violate('drifted only if no longer Active', `${activationId}: ${what}, was ${JSON.stringify(sights)}`);
  }
  if (began) {
    if (isOpen(before.drift) || !after.outbox.includes(`drifted#${drift.ordinal}`)) {
      violate('one event for a drift', `${activationId}: ${drift.ordinal} during another, or untold`);
    }
    model.began(activationId, drift.ordinal, drift.kind);
    onBegin(drift.kind);
  } else {
    onEnd();
  }
}

export function isInOrder({ status, isLocked }: Sight): boolean {
  return status === 'Active' && !isLocked;
}

export function isOpen(drift: Drift | undefined): boolean {
  return drift !== undefined && drift.endedAt === undefined;
}

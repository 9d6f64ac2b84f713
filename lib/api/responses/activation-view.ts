import type { Activation, Publication } from '../../activation/model/activation.ts';
import { directionOf } from '../../activation/model/goal.ts';
import { heldOf } from '../../activation/model/history.ts';
import type { Policy } from '../../activation/model/policy.ts';
import { nextAttemptAt } from '../../activation/model/queueing.ts';
import type { PublishedEvent } from './activation-parts.ts';
import type { ActivationResponse } from './activation-responses.ts';
import { iso, isoIfAny } from './iso-time.ts';

/** An activation as callers see it: times in ISO 8601, without internal fields. */
export function activationView(
  activation: Activation,
  policy: Pick<Policy, 'requeueAfterMs'>,
): ActivationResponse {
  const { activationId, flowLogId, region, account, status, generation, attempts } = activation;
  const held = heldOf(activation);
  const { requestId, asyncTaskId, adopted, reason, lastError, source, requestedBy, metadata } = activation;
  return {
    activationId,
    flowLogId,
    region,
    account,
    status,
    ...directionOf(activation),
    generation,
    attempts,
    batchIds: [activation.batchId, ...activation.joiners],
    requestId,
    asyncTaskId,
    adopted,
    reason,
    lastError,
    ...(held && { held: { ...held, since: iso(held.since) } }),
    nextAttemptAt: isoIfAny(nextAttemptAt(activation, policy)),
    drift: driftView(activation),
    published: activation.published?.map((one) => publicationView(activation, one)),
    source,
    requestedBy,
    metadata,
    createdAt: iso(activation.createdAt),
    updatedAt: iso(activation.updatedAt),
    queuedAt: iso(activation.queuedAt),
    pendingAt: isoIfAny(activation.pendingAt),
    finishedAt: isoIfAny(activation.finishedAt),
    deadlineAt: iso(activation.deadlineAt),
    // The record stores who opened it only once.
    history: activation.history.map(({ at, ...entry }) => ({
      at: iso(at),
      ...(entry.event === 'opened' && { by: requestedBy }),
      ...entry,
    })),
  };
}

function driftView({ drift }: Activation): ActivationResponse['drift'] {
  if (drift === undefined) return undefined;
  const { kind, status, detectedAt, endedAt } = drift;
  return { kind, status, detectedAt: iso(detectedAt), endedAt: isoIfAny(endedAt) };
}

/** The number of a drifted entry counts drifts; its generation is that of the completed activation. */
function publicationView({ generation }: Activation, { entry, at }: Publication) {
  const [event = '', number] = entry.split('#');
  const ofEntry = event === 'drifted' ? generation : Number(number);
  return { event: event as PublishedEvent, generation: ofEntry, at: iso(at) };
}

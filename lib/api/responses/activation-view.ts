import type { Activation } from '../../activation/model/activation.ts';
import type { ActivationResponse } from './activation-responses.ts';

/** An activation as callers see it: times in ISO 8601, without internal fields. */
export function activationView(activation: Activation): ActivationResponse {
  const { activationId, flowLogId, region, account, status, generation, attempts } = activation;
  const { requestId, asyncTaskId, adopted, reason, lastError, source, requestedBy, metadata } = activation;
  return {
    activationId,
    flowLogId,
    region,
    account,
    status,
    generation,
    attempts,
    batchIds: [activation.batchId, ...activation.joiners],
    requestId,
    asyncTaskId,
    adopted,
    reason,
    lastError,
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

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function isoIfAny(timeMs: number | undefined): string | undefined {
  return timeMs === undefined ? undefined : iso(timeMs);
}

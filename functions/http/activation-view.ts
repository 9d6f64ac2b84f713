import type { Activation } from '../../lib/activation/activation.ts';

/** An activation as callers see it: times in ISO 8601, and none of what only the machinery needs. */
export function activationView(activation: Activation) {
  const { activationId, flowLogId, region, account, status, generation, attempts } = activation;
  const { requestId, adopted, reason, lastError, source, metadata } = activation;
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
    adopted,
    reason,
    lastError,
    source,
    metadata,
    createdAt: iso(activation.createdAt),
    updatedAt: iso(activation.updatedAt),
    queuedAt: iso(activation.queuedAt),
    pendingAt: iso(activation.pendingAt),
    finishedAt: iso(activation.finishedAt),
    deadlineAt: iso(activation.deadlineAt),
    history: activation.history.map(({ at, ...entry }) => ({ at: iso(at), ...entry })),
  };
}

function iso(timeMs: number | undefined): string | undefined {
  return timeMs === undefined ? undefined : new Date(timeMs).toISOString();
}

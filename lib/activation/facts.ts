import { activationCompleted } from '../../events/activation-completed-v1.ts';
import { activationFailed } from '../../events/activation-failed-v1.ts';
import { activationSubmitted } from '../../events/activation-submitted-v1.ts';
import type { Activation, OutboxEntry } from './activation.ts';
import { factIdOf } from './ids.ts';
import type { FailureReason } from './outcome.ts';
import type { DeadLetter, Event } from './ports.ts';

/** Whether the same call can come out differently once someone has removed the cause. */
const REDRIVE_HELPS: Record<FailureReason, boolean> = {
  'not-found': true,
  frozen: true,
  deleting: false,
  'activation-failed': true,
  'client-token-reused': true,
  'client-token-malformed': false,
  'invalid-request': false,
  unexpected: true,
  'deadline-exceeded': true,
  cancelled: true,
};

export function redriveHelps(activation: Pick<Activation, 'reason'>): boolean {
  return REDRIVE_HELPS[activation.reason ?? 'unexpected'];
}

/**
 * The event an outbox entry stands for, built from stored data only: told again, it has the same id and bytes.
 * That holds because what it reads is frozen while the entry stands: a pending activation's call, a final
 * one's everything.
 */
export function eventOf(activation: Activation, entry: Exclude<OutboxEntry, `dead-letter#${number}`>): Event {
  const id = factIdOf(activation.activationId, entry);
  const event = entry.startsWith('submitted#')
    ? submittedEvent(activation, id)
    : finalEvent(activation, id, activation.finishedAt ?? activation.updatedAt);
  return { id, type: event.type, at: Date.parse(event.time), body: JSON.stringify(event) };
}

export function deadLetterOf(activation: Activation): DeadLetter {
  const { activationId, generation, reason = 'unexpected', lastError, attempts, history } = activation;
  return {
    activationId,
    generation,
    reason,
    ...(lastError && { lastError }),
    attempts,
    history,
    redriveHelps: redriveHelps(activation),
  };
}

function submittedEvent(activation: Activation, id: string) {
  const { pendingAt = activation.updatedAt, queuedAt, requestId = '' } = activation;
  const queuedMs = pendingAt - queuedAt;
  const joiners = activation.joiners.slice(0, activation.submittedJoiners ?? 0);
  return activationSubmitted(id, pendingAt, {
    ...factsOf(activation, joiners),
    requestId,
    durations: { queuedMs, totalMs: queuedMs },
  });
}

function finalEvent(activation: Activation, id: string, at: number) {
  const facts = factsOf(activation, activation.joiners);
  const durations = durationsUntil(activation, at);
  const { requestId, lastError } = activation;
  if (activation.status === 'completed') {
    return activationCompleted(id, at, {
      ...facts,
      adopted: activation.adopted === true,
      ...(requestId !== undefined && { requestId }),
      durations,
    });
  }
  return activationFailed(id, at, {
    ...facts,
    reason: activation.reason ?? 'unexpected',
    ...(lastError && { lastError }),
    redriveHelps: redriveHelps(activation),
    durations,
  });
}

function factsOf(activation: Activation, joiners: string[]) {
  const { activationId, batchId, flowLogId, region, account, generation, attempts } = activation;
  // A table gives the keys of a map back in any order.
  const metadata = Object.fromEntries(
    Object.entries(activation.metadata).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const batchIds = [batchId, ...joiners];
  return { activationId, batchIds, flowLogId, region, account, generation, metadata, attempts };
}

function durationsUntil({ queuedAt, pendingAt }: Activation, at: number) {
  if (pendingAt === undefined) return { queuedMs: at - queuedAt, totalMs: at - queuedAt };
  return { queuedMs: pendingAt - queuedAt, pendingMs: at - pendingAt, totalMs: at - queuedAt };
}

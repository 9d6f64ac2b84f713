import { activationCompleted } from '../../../events/activation-completed-v1.ts';
import { activationFailed } from '../../../events/activation-failed-v1.ts';
import { activationSubmitted } from '../../../events/activation-submitted-v1.ts';
import { batchCompleted } from '../../../events/batch-completed-v1.ts';
import { deactivationBatchCompleted } from '../../../events/deactivation-batch-completed-v1.ts';
import { deactivationCompleted } from '../../../events/deactivation-completed-v1.ts';
import { deactivationFailed } from '../../../events/deactivation-failed-v1.ts';
import { deactivationSubmitted } from '../../../events/deactivation-submitted-v1.ts';
import { flowLogDrifted } from '../../../events/flow-log-drifted-v1.ts';
import type { Activation, Drift, OutboxEntry } from './activation.ts';
import type { Batch, BatchCompletion } from './batch.ts';
import { type Directed, directionOf } from './goal.ts';
import { batchCompletedIdOf, outboxEventIdOf } from './ids.ts';
import type { DeadLetter, Event } from './message-ports.ts';
import type { FailureReason } from './outcome.ts';
import { sortedEntries } from './sorted-entries.ts';
import { idsOf, type Tracing, tracingOf } from './tracing.ts';

/** The events of each direction: the same fields, and types of their own, so that no subscriber takes one for the other. */
const ACTIVATION_EVENTS = {
  submitted: activationSubmitted,
  completed: activationCompleted,
  failed: activationFailed,
  batchCompleted,
};
const DEACTIVATION_EVENTS = {
  submitted: deactivationSubmitted,
  completed: deactivationCompleted,
  failed: deactivationFailed,
  batchCompleted: deactivationBatchCompleted,
};
const eventsOf = ({ desired }: Directed) => (desired === undefined ? ACTIVATION_EVENTS : DEACTIVATION_EVENTS);

/** Whether a redrive can succeed after the cause was removed. */
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
 * Builds the event of an outbox entry from stored data only. Published again, it has the same id and the same bytes:
 * the fields it reads do not change while the entry is in the outbox.
 */
export function eventOf(activation: Activation, entry: Exclude<OutboxEntry, `dead-letter#${number}`>): Event {
  const id = outboxEventIdOf(activation.activationId, entry);
  const ids = idsOf(activation);
  if (entry.startsWith('submitted#')) return asEvent(submittedEvent(activation, id), ids);
  const { drift } = activation;
  if (entry.startsWith('drifted#') && drift) return asEvent(driftedEvent(activation, drift, id), ids);
  return asEvent(finalEvent(activation, id, activation.finishedAt ?? activation.updatedAt), ids);
}

/** The completion event of a batch, built from stored data only. */
export function batchCompletedEventOf(batch: Batch, completed: BatchCompletion): Event {
  const { batchId, source, flowLogs, createdAt } = batch;
  const { at, counts, adopted, reasons } = completed;
  return asEvent(
    eventsOf(batch).batchCompleted(batchCompletedIdOf(batchId), at, {
      batchId,
      source,
      metadata: inOrder(batch.metadata),
      ...callerOf(batch),
      total: flowLogs.length,
      counts: { completed: counts.completed, failed: counts.failed },
      adopted,
      ...(counts.failed > 0 && { reasons: inOrder(reasons) }),
      createdAt: new Date(createdAt).toISOString(),
      completedAt: new Date(at).toISOString(),
      durations: { totalMs: Math.max(0, at - createdAt) },
    }),
    { batchId, ...tracingOf(batch) },
  );
}

/** `ids`: those of the record, see tracing.ts. */
function asEvent(event: { id: string; type: string; time: string }, ids: Event['ids']): Event {
  const { traceparent } = ids;
  const body = JSON.stringify(traceparent === undefined ? event : { ...event, traceparent });
  return { id: event.id, type: event.type, at: Date.parse(event.time), body, ids };
}

function callerOf({ callerRequestId }: Tracing) {
  return callerRequestId === undefined ? {} : { callerRequestId };
}

export function deadLetterOf(activation: Activation): DeadLetter {
  const { activationId, generation, reason = 'unexpected', lastError, attempts, history } = activation;
  return {
    ...directionOf(activation),
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
  const { pendingAt = activation.updatedAt, queuedAt, requestId = '', asyncTaskId } = activation;
  const queuedMs = elapsed(queuedAt, pendingAt);
  const joiners = activation.joiners.slice(0, activation.submittedJoiners ?? 0);
  return eventsOf(activation).submitted(id, pendingAt, {
    ...detailsOf(activation, joiners),
    requestId,
    ...(asyncTaskId !== undefined && { asyncTaskId }),
    durations: { queuedMs, totalMs: queuedMs },
  });
}

function finalEvent(activation: Activation, id: string, at: number) {
  const details = detailsOf(activation, activation.joiners);
  const durations = durationsUntil(activation, at);
  const { requestId, asyncTaskId, lastError } = activation;
  const task = asyncTaskId === undefined ? {} : { asyncTaskId };
  if (activation.status === 'completed') {
    return eventsOf(activation).completed(id, at, {
      ...details,
      adopted: activation.adopted === true,
      ...(requestId !== undefined && { requestId }),
      ...task,
      durations,
    });
  }
  return eventsOf(activation).failed(id, at, {
    ...details,
    reason: activation.reason ?? 'unexpected',
    ...(lastError && { lastError }),
    ...task,
    redriveHelps: redriveHelps(activation),
    durations,
  });
}

function driftedEvent(activation: Activation, drift: Drift, id: string) {
  const { attempts: _, ...details } = detailsOf(activation, activation.joiners);
  const { ordinal, kind, status, lockReason, detectedAt } = drift;
  return flowLogDrifted(id, detectedAt, {
    ...details,
    completedAt: new Date(activation.finishedAt ?? activation.queuedAt).toISOString(),
    ordinal,
    kind,
    ...(status !== undefined && { status }),
    ...(lockReason !== undefined && { lockReason }),
    detectedAt: new Date(detectedAt).toISOString(),
  });
}

function detailsOf(activation: Activation, joiners: string[]) {
  const { activationId, batchId, flowLogId, region, account, generation, attempts } = activation;
  const metadata = inOrder(activation.metadata);
  const ids = { activationId, batchIds: [batchId, ...joiners], flowLogId, region, account, generation };
  return { ...ids, metadata, ...callerOf(activation), attempts };
}

function inOrder<Value>(map: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(sortedEntries(map));
}

function durationsUntil({ queuedAt, pendingAt }: Activation, at: number) {
  const totalMs = elapsed(queuedAt, at);
  if (pendingAt === undefined) return { queuedMs: totalMs, totalMs };
  return { queuedMs: elapsed(queuedAt, pendingAt), pendingMs: elapsed(pendingAt, at), totalMs };
}

/** Not below 0: the two times can come from two clocks. */
function elapsed(from: number, until: number): number {
  return Math.max(0, until - from);
}

import { mapConcurrently } from '../../runtime/concurrency.ts';
import type { Activation, ActivationStatus, FlowLogRef } from '../model/activation.ts';
import type { Batch } from '../model/batch.ts';
import { IdempotencyKeyReused, RecordUnreadable, RequestUnfinished } from '../model/errors.ts';
import { type Directed, directionOf, goalOf } from '../model/goal.ts';
import { deriveBatchId, flowLogKey, sha256 } from '../model/ids.ts';
import type { ActivationQueue } from '../model/message-ports.ts';
import type { TurnPlanner } from '../model/ports.ts';
import { sortedEntries } from '../model/sorted-entries.ts';
import { type Tracing, tracingOf } from '../model/tracing.ts';
import { atTurn, turnsFor } from './activation-job.ts';
import { type DirectionDeps, requireAllowed, requireNoOpposite } from './direction.ts';
import { type OpenDeps, openOrJoin } from './open-or-join.ts';

/** `desired`: a request for deactivations. */
export type ActivationRequest = Directed &
  Tracing & {
    /** The caller. Idempotency keys of different callers do not collide. */
    callerScope: string;
    idempotencyKey?: string;
    flowLogs: FlowLogRef[];
    metadata: Record<string, string>;
    source: string;
    /** The principal, see principal.ts. A repeated request keeps the first one. Undefined for a plan of version 0.3. */
    requestedBy: string | undefined;
  };

/** Opens activations and enqueues their jobs. */
export type EnqueueDeps = OpenDeps & { queue: ActivationQueue; turns: TurnPlanner };

export type RequestDeps = EnqueueDeps &
  DirectionDeps & {
    /** Returns a random id in the form of BATCH_ID, for a request without an idempotency key. */
    newBatchId: () => string;
  };

export type RequestedActivation = FlowLogRef & {
  activationId: string;
  status: ActivationStatus;
  joined: boolean;
};

const OPEN_CONCURRENCY = 32;
const OBSTACLES_SHOWN = 3;

/** If a crash interrupts a request, the poller finishes its batch after this time. */
const BATCH_CHECK_AFTER_MS = 60_000;

/**
 * Guarantees: when it returns, the batch and all its activations are in the table. A lost job only costs time.
 * Idempotent: the same key and content return the same ids and change nothing.
 * Throws IdempotencyKeyReused or RecordUnreadable for the batch itself, DeactivationDisabled, and OppositeRequestOpen
 * (nothing was written). Throws RequestUnfinished or
 * the store's error: then send the same request again.
 */
export async function requestActivations(
  deps: RequestDeps,
  request: ActivationRequest,
): Promise<{ batchId: string; activations: RequestedActivation[] }> {
  requireAllowed(deps, request);
  const requested = batchOf(deps, request);
  await requireNoOpposite(deps, request, requested.batchId);
  const { batch } = await store(deps, requested);
  const activations = await openBatch(deps, batch);
  return {
    batchId: batch.batchId,
    activations: activations.map((activation) => ({
      activationId: activation.activationId,
      flowLogId: activation.flowLogId,
      region: activation.region,
      account: activation.account,
      status: activation.status,
      joined: activation.batchId !== batch.batchId,
    })),
  };
}

/**
 * Writes the batch, or returns the stored one. It opens nothing. If nobody opens the activations, the poller does.
 * Throws IdempotencyKeyReused, or the store's error.
 */
export async function storeBatch(
  deps: RequestDeps,
  request: ActivationRequest,
): Promise<{ batch: Batch; isNew: boolean }> {
  return store(deps, batchOf(deps, request));
}

async function store(deps: RequestDeps, requested: Batch): Promise<{ batch: Batch; isNew: boolean }> {
  const existing = await deps.store.createBatch(requested);
  if (existing && existing.bodyHash !== requested.bodyHash) throw new IdempotencyKeyReused();
  if (existing) deps.log.info('request repeated', { batchId: existing.batchId });
  return { batch: existing ?? requested, isNew: existing === undefined };
}

/**
 * Opens or joins an activation for each of `flowLogs` (default: all of the batch). Enqueues a job for each activation it
 * opened, at its turn, even if others fail.
 * Throws RequestUnfinished or the store's error.
 */
export async function openBatch(
  deps: EnqueueDeps,
  batch: Batch,
  flowLogs = batch.flowLogs,
): Promise<Activation[]> {
  const expectedTurns = await turnsFor(flowLogs, deps.turns.expectTurns);
  const ownOrJoined: Activation[] = new Array(flowLogs.length);
  const opened: Activation[] = [];
  const obstacles: string[] = [];
  try {
    await mapConcurrently(flowLogs, OPEN_CONCURRENCY, async (flowLog, position) => {
      try {
        const found = await openOrJoin(deps, batch, flowLog, expectedTurns[position] ?? 0);
        ownOrJoined[position] = found.activation;
        if (found.opened) opened.push(found.activation);
      } catch (error) {
        // One flow log that cannot be opened or joined now must not delay the others.
        if (!(error instanceof RequestUnfinished || error instanceof RecordUnreadable)) throw error;
        obstacles.push(error.message);
      }
    });
  } finally {
    await enqueueFor(deps, batch, ownOrJoined, opened);
  }
  if (obstacles.length > 0) throw new RequestUnfinished(batch.batchId, summaryOf(obstacles));
  return ownOrJoined;
}

function summaryOf(obstacles: string[]): string {
  const rest = obstacles.length - OBSTACLES_SHOWN;
  const shown = obstacles.slice(0, OBSTACLES_SHOWN).join('; ');
  return rest > 0 ? `${shown}; and ${rest} more` : shown;
}

/** Never throws for a job that could not be sent: the poller requeues it. */
async function enqueueFor(
  deps: EnqueueDeps,
  batch: Batch,
  ownOrJoined: Activation[],
  opened: Activation[],
): Promise<void> {
  const failed = opened.length > 0 ? await enqueueAtTurns(deps, opened) : 0;
  deps.log.info(`${goalOf(batch).noun}s requested`, {
    batchId: batch.batchId,
    source: batch.source,
    requestedBy: batch.requestedBy,
    ...tracingOf(batch),
    flowLogs: batch.flowLogs.length,
    opened: opened.length,
    activationIds: ownOrJoined.flatMap(({ activationId }) => activationId),
    ...(failed > 0 && { jobsNotSent: failed }),
  });
}

/** Returns how many jobs could not be sent. */
async function enqueueAtTurns(
  { turns, queue, now, log }: EnqueueDeps,
  opened: Activation[],
): Promise<number> {
  const planned = await turnsFor(opened, turns.planTurns).catch((error: unknown) => {
    log.warn('the turns of jobs could not be planned', { jobs: opened.length, error });
  });
  if (planned === undefined) return opened.length;
  const jobs = opened.map((activation, index) => atTurn(activation, planned[index] ?? 0, now()));
  return (await queue.enqueue(jobs)).failed;
}

function batchOf(deps: RequestDeps, request: ActivationRequest): Batch {
  const { callerScope, idempotencyKey, metadata, source, requestedBy } = request;
  const flowLogs = [...new Map(request.flowLogs.map((flowLog) => [flowLogKey(flowLog), flowLog])).values()];
  const now = deps.now();
  return {
    ...directionOf(request),
    batchId:
      idempotencyKey === undefined ? deps.newBatchId() : deriveBatchId(callerScope, idempotencyKey, request),
    bodyHash: contentHash(flowLogs, metadata),
    flowLogs,
    metadata,
    source,
    requestedBy,
    ...tracingOf(request),
    createdAt: now,
    version: 1,
    dueAt: now + BATCH_CHECK_AFTER_MS,
  };
}

/** The order of flow logs and of metadata keys does not matter. */
function contentHash(flowLogs: FlowLogRef[], metadata: Record<string, string>): string {
  return sha256(JSON.stringify([flowLogs.map(flowLogKey).sort(), sortedEntries(metadata)]), 'hex');
}

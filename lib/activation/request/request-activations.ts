import { mapConcurrently } from '../../runtime/concurrency.ts';
import type { Activation, ActivationStatus, FlowLogRef } from '../model/activation.ts';
import type { Batch } from '../model/batch.ts';
import { IdempotencyKeyReused, RecordUnreadable, RequestUnfinished } from '../model/errors.ts';
import { deriveBatchId, flowLogKey, sha256 } from '../model/ids.ts';
import type { ActivationQueue } from '../model/ports.ts';
import { jobFor } from './activation-job.ts';
import { type OpenDeps, openOrJoin } from './open-or-join.ts';

export type ActivationRequest = {
  /** Who asks: idempotency keys of different callers never collide. */
  callerScope: string;
  idempotencyKey?: string;
  flowLogs: FlowLogRef[];
  metadata: Record<string, string>;
  source: string;
  /** Who is kept as having asked, see principal.ts; of a repeated request the first one. Unknown for a plan of 0.3. */
  requestedBy: string | undefined;
};

export type RequestDeps = OpenDeps & {
  queue: ActivationQueue;
  /** A fresh id for a caller who gave no key, in the shape of BATCH_ID. */
  newBatchId: () => string;
};

export type RequestedActivation = FlowLogRef & {
  activationId: string;
  status: ActivationStatus;
  joined: boolean;
};

const OPEN_CONCURRENCY = 32;
const OBSTACLES_SHOWN = 3;

/** A batch left half done by a crash is finished by the poller after this. */
const BATCH_CHECK_AFTER_MS = 60_000;

/**
 * Guarantees: when it returns, the batch and every one of its activations are in the table; the jobs are only
 * a matter of speed. Repeating it with the same key and content changes nothing and answers the same ids.
 * Throws IdempotencyKeyReused and RecordUnreadable of the batch itself (nothing written), RequestUnfinished, or the
 * store's error: then repeat it.
 */
export async function requestActivations(
  deps: RequestDeps,
  request: ActivationRequest,
): Promise<{ batchId: string; activations: RequestedActivation[] }> {
  const { batch } = await storeBatch(deps, request);
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
 * Writes the batch, or finds it: from here on the poller opens what nobody else does. Nothing is opened yet.
 * Throws IdempotencyKeyReused, or the store's error.
 */
export async function storeBatch(
  deps: RequestDeps,
  request: ActivationRequest,
): Promise<{ batch: Batch; isNew: boolean }> {
  const asked = batchOf(deps, request);
  const existing = await deps.store.createBatch(asked);
  if (existing && existing.bodyHash !== asked.bodyHash) throw new IdempotencyKeyReused();
  return { batch: existing ?? asked, isNew: existing === undefined };
}

/**
 * Brings flow logs of the batch, all unless others are given, to activations that are the batch's own or that it
 * has joined, and rings for what it opened, also when the rest fails. Their places in the line of their account, by
 * which the job of the last waits for those before it, count from `firstPosition`.
 * Throws RequestUnfinished or the store's error.
 */
export async function openBatch(
  deps: OpenDeps & { queue: ActivationQueue },
  batch: Batch,
  flowLogs = batch.flowLogs,
  firstPosition = 0,
): Promise<Activation[]> {
  const ownOrJoined: Activation[] = new Array(flowLogs.length);
  const opened: Activation[] = [];
  const obstacles: string[] = [];
  try {
    await mapConcurrently(flowLogs, OPEN_CONCURRENCY, async (flowLog, position) => {
      try {
        const found = await openOrJoin(deps, batch, flowLog, firstPosition + position);
        ownOrJoined[position] = found.activation;
        if (found.opened) opened.push(found.activation);
      } catch (error) {
        // One flow log that cannot be opened or joined now must not keep the others waiting.
        if (!(error instanceof RequestUnfinished || error instanceof RecordUnreadable)) throw error;
        obstacles.push(error.message);
      }
    });
  } finally {
    await enqueueFor(deps, batch, opened);
  }
  if (obstacles.length > 0) throw new RequestUnfinished(batch.batchId, inShort(obstacles));
  return ownOrJoined;
}

function inShort(obstacles: string[]): string {
  const rest = obstacles.length - OBSTACLES_SHOWN;
  const shown = obstacles.slice(0, OBSTACLES_SHOWN).join('; ');
  return rest > 0 ? `${shown}; and so are ${rest} more` : shown;
}

/** Never throws: the poller finds what stayed silent. */
async function enqueueFor(
  deps: OpenDeps & { queue: ActivationQueue },
  batch: Batch,
  opened: Activation[],
): Promise<void> {
  const now = deps.now();
  const jobs = opened.map((activation) => jobFor(activation, now, deps.policy));
  const { failed } = jobs.length > 0 ? await deps.queue.enqueue(jobs) : { failed: 0 };
  deps.log.info('activations requested', {
    batchId: batch.batchId,
    source: batch.source,
    requestedBy: batch.requestedBy,
    flowLogs: batch.flowLogs.length,
    opened: opened.length,
    ...(failed > 0 && { jobsNotSent: failed }),
  });
}

function batchOf(deps: RequestDeps, request: ActivationRequest): Batch {
  const { callerScope, idempotencyKey, metadata, source, requestedBy } = request;
  const flowLogs = [...new Map(request.flowLogs.map((flowLog) => [flowLogKey(flowLog), flowLog])).values()];
  const now = deps.now();
  return {
    batchId: idempotencyKey === undefined ? deps.newBatchId() : deriveBatchId(callerScope, idempotencyKey),
    bodyHash: contentHash(flowLogs, metadata),
    flowLogs,
    metadata,
    source,
    requestedBy,
    createdAt: now,
    version: 1,
    dueAt: now + BATCH_CHECK_AFTER_MS,
  };
}

/** The order of ids and of metadata keys does not make another request. */
function contentHash(flowLogs: FlowLogRef[], metadata: Record<string, string>): string {
  const content = [
    flowLogs.map(flowLogKey).sort(),
    Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)),
  ];
  return sha256(JSON.stringify(content), 'hex');
}

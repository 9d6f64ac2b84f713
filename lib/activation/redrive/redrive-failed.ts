import { mapConcurrently } from '../../runtime/concurrency.ts';
import type { Activation } from '../model/activation.ts';
import { DescribeFailed } from '../model/errors.ts';
import type { FailureReason } from '../model/outcome.ts';
import { jobFor } from '../request/activation-job.ts';
import {
  observe,
  obstacleInObservation,
  obstacleInRecord,
  type RedriveDeps,
  reopenObserved,
} from './redrive-activation.ts';

export type BulkRedrive = {
  queued: number;
  adopted: number;
  /** How many were not redriven; `refusals` gives the reasons for the first of them. */
  refused: number;
  refusals: { activationId: string; why: string }[];
  /** Whether there may be more: beyond the limit or the time, or without a usable reply of DescribeFlowLogs. */
  more: boolean;
};

const PAGE_SIZE = 100;
/** Limits the search, because activations with other reasons are skipped. */
const PAGES_LIMIT = 50;
const REFUSALS_SHOWN = 100;
const SCOPES_AT_ONCE = 8;
const WRITES_AT_ONCE = 16;

/** `unanswered`: the error for each account and region without a usable reply of DescribeFlowLogs. */
type Progress = {
  by: string;
  result: BulkRedrive;
  unanswered: Map<string, DescribeFailed>;
  /** At least one was redriven, or refused for another reason than a missing reply. */
  isAnyDecided: boolean;
  /** At least one had no usable reply. */
  isAnyUnanswered: boolean;
  until: number;
};

/**
 * Redrives failed activations, newest first, until `limit` are queued or adopted, or until `until` (ms since the epoch).
 * With `reason`: only those with this reason. Without it: all except cancelled ones. Each activation is decided on its
 * own: a refused account, region or flow log delays no other. A repetition continues with those that are still failed.
 * Throws DescribeFailed if there was no usable reply for any of them.
 */
export async function redriveFailed(
  deps: RedriveDeps,
  {
    reason,
    limit,
    by,
    until = Number.POSITIVE_INFINITY,
  }: { reason?: FailureReason; limit: number; by: string; until?: number },
): Promise<BulkRedrive> {
  const result: BulkRedrive = { queued: 0, adopted: 0, refused: 0, refusals: [], more: false };
  const progress: Progress = {
    by,
    result,
    unanswered: new Map(),
    isAnyDecided: false,
    isAnyUnanswered: false,
    until,
  };
  const isWanted = (failed: Activation) =>
    !failed.archived && (reason ? failed.reason === reason : failed.reason !== 'cancelled');
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_LIMIT; page += 1) {
    const listed = await deps.store.list({ status: 'failed', limit: PAGE_SIZE, ...(cursor && { cursor }) });
    const wanted = listed.activations.filter(isWanted);
    const remaining = limit - result.queued - result.adopted;
    cursor = listed.nextCursor;
    result.more = cursor !== undefined || wanted.length > remaining;
    await redrivePage(deps, wanted.slice(0, remaining), progress);
    const isEnough = result.queued + result.adopted >= limit || deps.now() >= until;
    if (cursor === undefined || isEnough) break;
  }
  const [failure] = progress.unanswered.values();
  if (failure && !progress.isAnyDecided) throw failure;
  return { ...result, more: result.more || progress.isAnyUnanswered };
}

async function redrivePage(deps: RedriveDeps, failed: Activation[], progress: Progress): Promise<void> {
  const redrivable = failed.filter(
    (activation) => !noteRefusal(progress, activation, obstacleInRecord(deps, activation)),
  );
  const scopes = [...Map.groupBy(redrivable, ({ account, region }) => `${account}#${region}`)];
  await mapConcurrently(scopes, SCOPES_AT_ONCE, ([scope, group]) =>
    redriveScope(deps, scope, group, progress),
  );
}

async function redriveScope(
  deps: RedriveDeps,
  scope: string,
  group: Activation[],
  progress: Progress,
): Promise<void> {
  const known = progress.unanswered.get(scope);
  const observed = known
    ? { observations: new Map(), waitMs: 0 }
    : await observe(deps, group, progress.until);
  const checked = group.map((activation) => ({
    activation,
    obstacle: known ?? obstacleInObservation(observed, activation),
  }));
  const [first] = checked;
  if (
    first?.obstacle instanceof DescribeFailed &&
    checked.every(({ obstacle }) => obstacle instanceof DescribeFailed)
  ) {
    progress.unanswered.set(scope, first.obstacle);
  }
  const redrivable = checked.filter(
    ({ activation, obstacle }) => !noteRefusal(progress, activation, obstacle),
  );
  const reopened = await mapConcurrently(redrivable, WRITES_AT_ONCE, async ({ activation }) => {
    const next = await reopenObserved(deps, observed, activation, progress.by);
    if (next === undefined)
      noteRefusal(progress, activation, new Error('another writer changed it at the same time'));
    return next;
  });
  const { result } = progress;
  const queued = reopened.filter((next) => next?.status === 'queued').filter((next) => next !== undefined);
  result.queued += queued.length;
  result.adopted += reopened.filter((next) => next?.status === 'completed').length;
  progress.isAnyDecided ||= reopened.length > 0;
  if (queued.length > 0) {
    await deps.queue.enqueue(queued.map((next) => jobFor(next, deps.now(), deps.policy)));
  }
}

/** Returns whether there is an obstacle. */
function noteRefusal(progress: Progress, { activationId }: Activation, obstacle: Error | undefined): boolean {
  if (obstacle === undefined) return false;
  const { result } = progress;
  const isUnanswered = obstacle instanceof DescribeFailed;
  progress.isAnyDecided ||= !isUnanswered;
  progress.isAnyUnanswered ||= isUnanswered;
  result.refused += 1;
  if (result.refusals.length < REFUSALS_SHOWN) result.refusals.push({ activationId, why: obstacle.message });
  return true;
}

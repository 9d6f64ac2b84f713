import { mapConcurrently } from '../../runtime/concurrency.ts';
import type { Activation } from '../model/activation.ts';
import { DescribeFailed } from '../model/errors.ts';
import type { FailureReason } from '../model/outcome.ts';
import { jobFor } from '../request/activation-job.ts';
import { observe, obstacleIn, obstacleTo, type RedriveDeps, reopenObserved } from './redrive-activation.ts';

export type BulkRedrive = {
  queued: number;
  adopted: number;
  /** How many were left as they are, and of the first of them why. */
  refused: number;
  refusals: { activationId: string; why: string }[];
  /** Whether there may be more, beyond the limit, the time, or what DescribeFlowLogs gave no answer for. */
  more: boolean;
};

const PAGE_SIZE = 100;
/** Failed ones of other reasons are passed over, but not without end. */
const PAGES_LIMIT = 50;
const REFUSALS_SHOWN = 100;
const SCOPES_AT_ONCE = 8;
const WRITES_AT_ONCE = 16;

/** `unanswered`: accounts and regions that DescribeFlowLogs gives no answer for now, with why. */
type Progress = {
  by: string;
  result: BulkRedrive;
  unanswered: Map<string, DescribeFailed>;
  isAnyJudged: boolean;
  /** Of some nothing was to be learned now. */
  isAnyLeft: boolean;
  until: number;
};

/**
 * Redrives failed activations, newest first, until `limit` are queued or adopted or `until` (ms since the epoch): of
 * one reason, or of all that a redrive can help and that no person has cancelled. Each is judged by itself: an account,
 * region or flow log that is refused keeps no other waiting. Repeating it goes on with those that are still failed.
 * Throws DescribeFailed when there was no answer for any of them.
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
    isAnyJudged: false,
    isAnyLeft: false,
    until,
  };
  const isWanted = (failed: Activation) =>
    !failed.archived && (reason ? failed.reason === reason : failed.reason !== 'cancelled');
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_LIMIT; page += 1) {
    const listed = await deps.store.list({ status: 'failed', limit: PAGE_SIZE, ...(cursor && { cursor }) });
    const wanted = listed.activations.filter(isWanted);
    const left = limit - result.queued - result.adopted;
    cursor = listed.nextCursor;
    result.more = cursor !== undefined || wanted.length > left;
    await redrivePage(deps, wanted.slice(0, left), progress);
    const isEnough = result.queued + result.adopted >= limit || deps.now() >= until;
    if (cursor === undefined || isEnough) break;
  }
  const [failure] = progress.unanswered.values();
  if (failure && !progress.isAnyJudged) throw failure;
  return { ...result, more: result.more || progress.isAnyLeft };
}

async function redrivePage(deps: RedriveDeps, failed: Activation[], progress: Progress): Promise<void> {
  const redrivable = failed.filter(
    (activation) => !noteRefusal(progress, activation, obstacleTo(deps, activation)),
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
  const judged = group.map((activation) => ({
    activation,
    obstacle: known ?? obstacleIn(observed, activation),
  }));
  const [first] = judged;
  if (
    first?.obstacle instanceof DescribeFailed &&
    judged.every(({ obstacle }) => obstacle instanceof DescribeFailed)
  ) {
    progress.unanswered.set(scope, first.obstacle);
  }
  const free = judged.filter(({ activation, obstacle }) => !noteRefusal(progress, activation, obstacle));
  const reopened = await mapConcurrently(free, WRITES_AT_ONCE, async ({ activation }) => {
    const next = await reopenObserved(deps, observed, activation, progress.by);
    if (next === undefined) noteRefusal(progress, activation, new Error('it was changed meanwhile'));
    return next;
  });
  const { result } = progress;
  const queued = reopened.filter((next) => next?.status === 'queued').filter((next) => next !== undefined);
  result.queued += queued.length;
  result.adopted += reopened.filter((next) => next?.status === 'completed').length;
  progress.isAnyJudged ||= reopened.length > 0;
  if (queued.length > 0) {
    await deps.queue.enqueue(queued.map((next) => jobFor(next, deps.now(), deps.policy)));
  }
}

/** True when there is an obstacle. */
function noteRefusal(progress: Progress, { activationId }: Activation, obstacle: Error | undefined): boolean {
  if (obstacle === undefined) return false;
  const { result } = progress;
  const isUnanswered = obstacle instanceof DescribeFailed;
  progress.isAnyJudged ||= !isUnanswered;
  progress.isAnyLeft ||= isUnanswered;
  result.refused += 1;
  if (result.refusals.length < REFUSALS_SHOWN) result.refusals.push({ activationId, why: obstacle.message });
  return true;
}

import type { Activation } from './activation.ts';
import { LookFailed } from './errors.ts';
import type { FailureReason } from './outcome.ts';
import { look, obstacleIn, obstacleTo, type RedriveDeps, redriveLooked } from './redrive-activation.ts';

export type BulkRedrive = {
  queued: number;
  adopted: number;
  /** How many were left as they are, and of the first of them why. */
  refused: number;
  refusals: { activationId: string; why: string }[];
  /** Whether there may be more, beyond the limit or a look that failed. */
  more: boolean;
};

const PAGE_SIZE = 100;
/** Failed ones of other reasons are passed over, but not without end. */
const PAGES_LIMIT = 50;
const REFUSALS_SHOWN = 100;

/**
 * Redrives failed activations, newest first, until `limit` are queued or adopted: of one reason, or of all that a
 * redrive can help. Repeating it goes on with those that are still failed.
 * Throws LookFailed when not even the first look succeeds.
 */
export async function redriveFailed(
  deps: RedriveDeps,
  { reason, limit }: { reason?: FailureReason; limit: number },
): Promise<BulkRedrive> {
  const result: BulkRedrive = { queued: 0, adopted: 0, refused: 0, refusals: [], more: false };
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_LIMIT; page += 1) {
    const listed = await deps.store.list({ status: 'failed', limit: PAGE_SIZE, ...(cursor && { cursor }) });
    const wanted = listed.activations.filter(
      (failed) => !failed.archived && (!reason || failed.reason === reason),
    );
    const left = limit - result.queued - result.adopted;
    cursor = listed.nextCursor;
    result.more = cursor !== undefined || wanted.length > left;
    try {
      await redrivePage(deps, wanted.slice(0, left), result);
    } catch (error) {
      const nothingDone = result.queued + result.adopted + result.refused === 0;
      if (!(error instanceof LookFailed) || nothingDone) throw error;
      return { ...result, more: true };
    }
    if (cursor === undefined || result.queued + result.adopted >= limit) break;
  }
  return result;
}

async function redrivePage(deps: RedriveDeps, failed: Activation[], result: BulkRedrive): Promise<void> {
  const redrivable = failed.filter((activation) => !noteRefusal(result, activation, obstacleTo(activation)));
  for (const group of Map.groupBy(redrivable, ({ account, region }) => `${account}#${region}`).values()) {
    const views = await look(deps, group);
    for (const [index, activation] of group.entries()) {
      const view = views[index];
      if (noteRefusal(result, activation, obstacleIn(view))) continue;
      const redriven = await redriveLooked(deps, activation, view);
      if (redriven?.kind === 'queued') result.queued += 1;
      if (redriven?.kind === 'adopted') result.adopted += 1;
      if (redriven === undefined) noteRefusal(result, activation, new Error('it was changed meanwhile'));
    }
  }
}

/** True when there is an obstacle. */
function noteRefusal(
  result: BulkRedrive,
  { activationId }: Activation,
  obstacle: Error | undefined,
): boolean {
  if (obstacle === undefined) return false;
  result.refused += 1;
  if (result.refusals.length < REFUSALS_SHOWN) result.refusals.push({ activationId, why: obstacle.message });
  return true;
}

import type { Activation } from '../model/activation.ts';
import { ActivationError, DescribeFailed } from '../model/errors.ts';
import type { FailureReason } from '../model/outcome.ts';
import type { RedriveDeps } from './redrive-activation.ts';
import { redriveMany } from './redrive-many.ts';

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
  const unanswered = new Map<string, DescribeFailed>();
  let decided = 0;
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_LIMIT; page += 1) {
    const listed = await deps.store.list({ status: 'failed', limit: PAGE_SIZE, ...(cursor && { cursor }) });
    const wanted = listed.activations.filter((failed) => isWanted(failed, reason));
    const remaining = limit - result.queued - result.adopted;
    cursor = listed.nextCursor;
    result.more = cursor !== undefined || wanted.length > remaining;
    for (const redriven of await redriveMany(deps, wanted.slice(0, remaining), {
      by,
      waitUntil: until,
      unanswered,
    })) {
      if ('next' in redriven) result[redriven.next.status === 'queued' ? 'queued' : 'adopted'] += 1;
      else addRefusal(result, redriven);
      if ('next' in redriven || !(redriven.error instanceof DescribeFailed)) decided += 1;
    }
    const isEnough = result.queued + result.adopted >= limit || deps.now() >= until;
    if (cursor === undefined || isEnough) break;
  }
  const [failure] = unanswered.values();
  if (failure && decided === 0) throw failure;
  return { ...result, more: result.more || decided < result.queued + result.adopted + result.refused };
}

/**
 * Invariant 11: without a reason not what a person has cancelled. No deactivation in any case: nothing is switched off but
 * by its name.
 */
export function isWanted(
  { archived, desired, reason }: Activation,
  wanted: FailureReason | undefined,
): boolean {
  return !archived && desired === undefined && (wanted ? reason === wanted : reason !== 'cancelled');
}

function addRefusal(
  result: BulkRedrive,
  { activation, error }: { activation: Activation; error: Error },
): void {
  if (!(error instanceof ActivationError)) throw error;
  const { activationId } = activation;
  result.refused += 1;
  if (result.refusals.length < REFUSALS_SHOWN) result.refusals.push({ activationId, why: error.message });
}

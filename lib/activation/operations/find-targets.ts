import { belongsTo } from '../model/activation.ts';
import { NotFound } from '../model/errors.ts';
import { type ListFilter, matches } from '../model/list-filter.ts';
import type { Operation, OperationFilter } from '../model/operation.ts';
import type { ActivationPage, ActivationStore } from '../model/ports.ts';
import { listActivations } from '../read-activations.ts';
import { ACTIONS } from './actions.ts';
import type { Found } from './operation.ts';

const HAND_SIZE = 100;
/** A slice reads at most so many pages in which nothing matches. */
const PAGES_LIMIT = 20;

/**
 * Lists on until something matches, until the end of the list, or until `isOver`. What was created after the operation
 * does not match. An unreadable record is left out.
 */
export async function findTargets(
  store: ActivationStore,
  operation: Operation,
  isOver: () => boolean,
): Promise<Found> {
  const { action, filter, createdAt, limit = Number.POSITIVE_INFINITY, done } = operation;
  const { status, isWanted } = ACTIONS[action];
  const listed = listFilterOf(filter, createdAt);
  const size = Math.min(HAND_SIZE, limit - done);
  const found: Found = { hand: [], looked: 0, cursor: operation.cursor };
  for (let pages = 0; pages < PAGES_LIMIT && found.hand.length === 0; pages += 1) {
    const page = await readPage(store, { ...listed, status }, filter, size, found.cursor);
    const wanted = page.activations.filter((one) => isWanted(one, filter));
    found.hand = wanted.map(({ activationId, generation }) => ({ activationId, generation }));
    found.looked += page.activations.length + page.unreadable.length;
    found.cursor = page.nextCursor;
    if (found.cursor === undefined || isOver()) break;
  }
  return found;
}

function listFilterOf(
  { flowLogIds: _ids, batchId: _batch, ...filter }: OperationFilter,
  createdAt: number,
): ListFilter {
  return { ...filter, createdUntil: Math.min(createdAt, filter.createdUntil ?? createdAt) };
}

async function readPage(
  store: ActivationStore,
  listed: ListFilter,
  { account = '', region = '', flowLogIds, batchId }: OperationFilter,
  limit: number,
  cursor: string | undefined,
): Promise<ActivationPage> {
  if (flowLogIds === undefined) {
    const query = { ...listed, limit, ...(cursor && { cursor }), ...(batchId && { batchId }) };
    // A batch expires after 90 days.
    return listActivations(store, query).catch(ignoreNotFound);
  }
  const from = Number(cursor ?? 0);
  const ids = flowLogIds.slice(from, from + limit);
  const read = await store.readManyCurrent(ids.map((flowLogId) => ({ account, region, flowLogId })));
  const next = from + limit;
  return {
    activations: read.activations
      .filter((activation) => matches(listed, activation))
      .filter((activation) => batchId === undefined || belongsTo(activation, batchId)),
    unreadable: read.unreadable,
    ...(next < flowLogIds.length && { nextCursor: String(next) }),
  };
}

function ignoreNotFound(error: unknown): ActivationPage {
  if (!(error instanceof NotFound)) throw error;
  return { activations: [], unreadable: [] };
}

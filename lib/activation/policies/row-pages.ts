import { inChunks } from '../../runtime/concurrency.ts';
import { sha256 } from '../model/ids.ts';
import type { RunStore } from './ports.ts';
import { type PageRef, ROW_STATES, type Row } from './run.ts';

/** A row is seldom longer than 300 bytes, and at most some 2 kB; its page is compressed. */
const ROWS_PER_PAGE = 1_000;
/** A page lives longer than a run by more than this, so that each run finds its pages. */
export const STORE_AGAIN_AFTER_MS = 30 * 86_400_000;

/**
 * Stores the rows in pages of one state, in ascending order of the id. What the run before has stored not long ago is not
 * written again: a run in which nothing has changed writes no page.
 */
export async function storeRows(
  runs: Pick<RunStore, 'putRows'>,
  policy: string,
  rows: Row[],
  stored: readonly PageRef[],
  now: number,
): Promise<PageRef[]> {
  const known = new Map(stored.map((page) => [page.id, page]));
  const pages: PageRef[] = [];
  for (const state of ROW_STATES) {
    const ofState = rows.filter((row) => row.state === state);
    for (const chunk of inChunks(ofState, ROWS_PER_PAGE)) {
      const id = sha256(JSON.stringify(chunk), 'base64url');
      const before = known.get(id);
      const isFresh = before !== undefined && now - before.storedAt < STORE_AGAIN_AFTER_MS;
      const page = isFresh ? before : { id, state, rows: chunk.length, storedAt: now };
      if (!isFresh) await runs.putRows(policy, page, chunk);
      pages.push(page);
    }
  }
  return pages;
}

import { InvalidCursor, NotFound } from '../model/errors.ts';
import type { RunPage, RunStore } from './ports.ts';
import { type GapRow, type PageRef, ROW_STATES, type RowState, type Run, type ScopeResult } from './run.ts';

export type ReportQuery = {
  policy: string;
  /** The latest if absent. */
  runId?: string | undefined;
  state?: RowState | undefined;
  cursor?: string | undefined;
  /** The page ends when it has so many, or at most 1,000 rows later. Absent: only the bytes count. */
  rowsLimit?: number | undefined;
};

export type ReportPage = { run: Run; isFirst: boolean; rows: GapRow[]; nextCursor?: string };

/** A response of Lambda holds 6 MB. A quote in CSV takes twice as many bytes as here. */
const BYTES_LIMIT = 2_500_000;
/** What a line of CSV has beside the row and the name of the policy. */
const LINE_BYTES = 70;
/** Small pages are read together. */
const PAGES_AT_ONCE = 100;
const ROWS_AT_ONCE = 1_000;

const CURSOR = /^(\d{8}T\d{6}Z)\.(\d{1,7})$/;

/**
 * A page of the rows of a run: gaps first, then what is excluded, then what is compliant. The next pages are of the same
 * run, also if another one has ended since. Throws NotFound, InvalidCursor, RecordUnreadable.
 */
export async function readReport(
  runs: RunStore,
  { policy, runId, state, cursor, rowsLimit = Number.POSITIVE_INFINITY }: ReportQuery,
): Promise<ReportPage> {
  const [, cursorRun, position = '0'] = CURSOR.exec(cursor ?? '') ?? [];
  const isForeign = runId !== undefined && cursorRun !== runId;
  if (cursor !== undefined && (cursorRun === undefined || isForeign)) throw new InvalidCursor();
  const run = await findRun(runs, policy, cursorRun ?? runId);
  const pages = pagesOf(run, state);
  const rows: GapRow[] = [];
  let next = Number(position);
  let bytes = 0;
  while (next < pages.length && rows.length < rowsLimit && bytes < BYTES_LIMIT) {
    const group = groupAt(pages, next);
    const read = await runs.readRows(
      policy,
      group.map(({ page }) => page),
    );
    for (const [index, { account, region }] of group.entries()) {
      const ofPage = (read[index] ?? []).map((row) => ({ account, region, ...row }));
      rows.push(...ofPage);
      bytes += Buffer.byteLength(JSON.stringify(ofPage)) + ofPage.length * (policy.length + LINE_BYTES);
    }
    next += group.length;
  }
  const nextCursor = next < pages.length ? { nextCursor: `${run.runId}.${next}` } : {};
  return { run, isFirst: cursor === undefined, rows, ...nextCursor };
}

/** Newest first. Throws NotFound if the policy has no run. */
export async function readRuns(
  runs: RunStore,
  policy: string,
  limit: number,
  cursor: string | undefined,
): Promise<RunPage> {
  const page = await runs.listRuns(policy, limit, cursor);
  if (page.runs.length === 0) throw new NotFound('report');
  return page;
}

async function findRun(runs: RunStore, policy: string, runId: string | undefined): Promise<Run> {
  const run =
    runId === undefined ? (await runs.listRuns(policy, 1)).runs[0] : await runs.readRun(policy, runId);
  if (run === undefined) throw new NotFound('report');
  return run;
}

type PageOfScope = Pick<ScopeResult, 'account' | 'region'> & { page: PageRef };

function pagesOf({ scopes }: Run, wanted: RowState | undefined): PageOfScope[] {
  const states = wanted === undefined ? ROW_STATES : [wanted];
  return states.flatMap((state) =>
    scopes.flatMap(({ account, region, pages, unread }) =>
      unread === undefined
        ? pages.filter((page) => page.state === state).map((page) => ({ account, region, page }))
        : [],
    ),
  );
}

/** At least one page. */
function groupAt(pages: PageOfScope[], from: number): PageOfScope[] {
  let rows = 0;
  return pages.slice(from, from + PAGES_AT_ONCE).filter(({ page }, index) => {
    rows += page.rows;
    return index === 0 || rows <= ROWS_AT_ONCE;
  });
}

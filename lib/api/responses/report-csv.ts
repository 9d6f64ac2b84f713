import type { ReportPage } from '../../activation/policies/read-reports.ts';
import { type GapRow, type Run, unreadOf } from '../../activation/policies/run.ts';
import { iso, isoIfAny } from './iso-time.ts';

type Cell = string | number | undefined;
type Line = Partial<GapRow> & Pick<GapRow, 'account' | 'region'> & { shownState: string; code?: string };

/** Each column with its cell. docs/guides/policies.md says what each means. Columns are only ever added at the end. */
const COLUMNS: [name: string, cell: (line: Line, run: Run) => Cell][] = [
  ['policy', (_, { policy }) => policy],
  ['run', (_, { runId }) => runId],
  ['planned_at', (_, { plannedAt }) => iso(plannedAt)],
  ['account', ({ account }) => account],
  ['region', ({ region }) => region],
  ['flow_log_id', ({ flowLogId }) => flowLogId],
  ['name', ({ name }) => name],
  ['status', ({ status }) => status],
  ['lock_reason', ({ lockReason }) => lockReason],
  ['state', ({ shownState }) => shownState],
  ['kind', ({ kind, code }) => kind ?? code],
  ['since', ({ since }) => isoIfAny(since)],
  ['repair', ({ repair }) => repair],
  ['activation_id', ({ activationId }) => activationId],
  ['failure', ({ failure }) => failure],
  ['contradicted_by', ({ contradictedBy }) => contradictedBy?.join(' ')],
  ['excluded_rule', ({ excludedBy }) => excludedBy?.rule],
  ['excluded_reason', ({ excludedBy }) => excludedBy?.reason],
  ['excluded_until', ({ excludedBy }) => isoIfAny(excludedBy?.until)],
  ['last_gap_kind', ({ lastGap }) => lastGap?.kind],
  ['last_gap_since', ({ lastGap }) => isoIfAny(lastGap?.since)],
  ['last_gap_ended_at', ({ lastGap }) => isoIfAny(lastGap?.endedAt)],
  ['last_gap_activation_id', ({ lastGap }) => lastGap?.activationId],
];

export const CSV_COLUMNS = COLUMNS.map(([name]) => name);

/** Without it, spreadsheets take the text for another encoding than UTF-8. */
const BYTE_ORDER_MARK = '\ufeff';

/**
 * A page of a report as RFC 4180 has it. The first page begins with a byte order mark, the names of the columns, and a
 * line for each account and region that could not be read.
 */
export function reportCsv({ run, isFirst, rows }: ReportPage): string {
  const unread = isFirst ? unreadOf(run).map((each): Line => ({ ...each, shownState: 'unread' })) : [];
  const lines = [...unread, ...rows.map((row): Line => ({ ...row, shownState: row.state }))];
  const text = lines.map((line) => csvLine(COLUMNS.map(([, cell]) => cell(line, run)))).join('');
  return isFirst ? BYTE_ORDER_MARK + csvLine(CSV_COLUMNS) + text : text;
}

function csvLine(cells: Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/**
 * A spreadsheet may take a cell that begins with one of these for a formula, also after spaces or in full width. A name
 * chosen by somebody else must not become one (OWASP, CSV injection). An apostrophe makes it a text.
 */
const FORMULA = /^(?:\s*[=+\-@＝＋－＠|%]|[\t\r\n])/;

function csvCell(value: Cell): string {
  if (value === undefined) return '';
  const text = String(value);
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

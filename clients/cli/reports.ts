import { type Api, given } from '../http/api.ts';
import type { FlowLogActivator } from '../http/client.ts';
import { printable } from '../terminal/printable.ts';
import type { Context } from './command.ts';
import { countsOf, flowLogs, shortTime } from './describe.ts';
import { type Row, tableLines } from './output.ts';

type Query = { run?: string | undefined; state?: 'gap' | 'excluded' | 'compliant' | undefined };

type Report = NonNullable<Awaited<ReturnType<typeof readPage>>>;

/** Every policy that has run, with what its last run found. */
export async function listReports({ out, typed }: Context, { api }: FlowLogActivator): Promise<void> {
  const list = given((await api.GET('/reports')).data);
  out.value(list);
  const rows = list.reports.map(({ policy, lastRun, running }): Row => {
    const { gap, compliant, excluded } = lastRun?.counts ?? { gap: 0, compliant: 0, excluded: 0 };
    const found = [gap, compliant, excluded, lastRun?.unread ?? 0].map(String);
    const ended = lastRun && `${shortTime(Date.now() - Date.parse(lastRun.finishedAt))} ago`;
    const when = [ended, running && 'running'].filter(Boolean).join(', ') || 'never ended';
    const cells = [policy, ...found, when];
    return { cells, styles: { 1: gap > 0 ? 'red' : 'green', 4: lastRun?.unread ? 'red' : 'gray' } };
  });
  if (rows.length === 0) return out.print('No policy has run.');
  out.print(...tableLines(out, ['policy', 'gaps', 'compliant', 'excluded', 'unread', 'last run'], rows));
  const off = list.reports.find(({ lastRun }) => (lastRun?.counts.gap ?? 0) > 0);
  if (off !== undefined) out.print('', `What is off, and why: ${typed(`report ${off.policy}`)}`);
}

/** What a run found, for people: the gaps, what could not be read, and exclusions that match nothing. */
export async function showReport(context: Context, api: Api, policy: string, query: Query): Promise<void> {
  const { out } = context;
  const { state = out.isJson ? undefined : 'gap' } = query;
  const report = await readWhole(api, policy, { ...query, state });
  out.value(report);
  const { runId, finishedAt, desired, repair, counts, unread, unreadTotal, exclusions, windowOpen } = report;
  const { compliant, gap, excluded, repaired } = counts;
  const closed = repair === 'tell' || windowOpen ? '' : ', outside its window';
  out.print(out.paint('bold', policy));
  out.prose(`Run ${runId}, ended ${finishedAt}; wants ${desired}, repair: ${repair}${closed}.`);
  out.prose(
    `${flowLogs(compliant)} compliant, ${repaired} of them repaired since the run before; ${gap} not; ${excluded} excluded.`,
  );
  const rows = report.rows.map((row): Row => {
    const { kind, since, repair: how = '', failure, contradictedBy, excludedBy } = row;
    const why = kind ?? printable(excludedBy?.reason ?? row.state);
    const detail = failure ?? contradictedBy?.join(', ');
    const what = detail === undefined ? how : `${how} (${detail})`;
    const age = since === undefined ? '' : shortTime(Date.now() - Date.parse(since));
    return { cells: [row.flowLogId, why, age, what, row.account, row.region, printable(row.name)] };
  });
  const heads = ['flow log', 'why', 'for', 'repair', 'account', 'region', 'name'];
  if (rows.length > 0) out.print('', ...tableLines(out, heads, rows));
  if (unreadTotal > 0) {
    out.print('', 'Not read, so that nothing is known about the flow logs of:');
    for (const { account, region, code, since } of unread)
      out.print(`  ${account}, ${region}: ${code} since ${since}`);
    if (unreadTotal > unread.length) out.print(`  and ${unreadTotal - unread.length} more: --output csv`);
  }
  for (const { rule, reason, state } of exclusions)
    if (state === 'stale' || state === 'ended') {
      out.print('');
      out.prose(
        `Exclusion ${rule} (${printable(reason)}) ${state === 'ended' ? 'has ended' : 'matches nothing'}.`,
      );
    }
  if (rows.length > 1) {
    out.print('');
    out.prose(countsOf(report.rows.map((row) => row.kind ?? row.state)));
  }
}

/** The whole report as CSV, page after page. */
export async function writeCsv({ out }: Context, api: Api, policy: string, query: Query): Promise<void> {
  let cursor: string | undefined;
  do {
    const params = { path: { policy }, query: { ...query, format: 'csv' as const, cursor } };
    const { data, response } = await api.GET('/reports/{policy}', { params, parseAs: 'text' });
    // fetch takes the byte order mark away.
    out.terminal.write(cursor === undefined ? `\ufeff${String(data)}` : String(data));
    const [, next] = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '') ?? [];
    cursor = next && (new URL(next, 'http://localhost').searchParams.get('cursor') ?? undefined);
  } while (cursor !== undefined);
}

/** The runs that are kept, newest first: the latest 50. */
export async function listRuns({ out }: Context, api: Api, policy: string): Promise<void> {
  const list = given((await api.GET('/reports/{policy}/runs', { params: { path: { policy } } })).data);
  out.value(list);
  const rows = list.runs.map(({ runId, counts, unreadTotal }): Row => {
    const { gap, compliant, excluded, repaired } = counts;
    return { cells: [runId, ...[gap, compliant, repaired, excluded, unreadTotal].map(String)] };
  });
  out.print(...tableLines(out, ['run', 'gaps', 'compliant', 'repaired', 'excluded', 'unread'], rows));
}

async function readPage(api: Api, policy: string, query: Query & { cursor?: string | undefined }) {
  const { data } = await api.GET('/reports/{policy}', { params: { path: { policy }, query } });
  const report = given(data);
  return typeof report === 'string' ? undefined : report;
}

async function readWhole(api: Api, policy: string, query: Query): Promise<Report> {
  const first = given(await readPage(api, policy, query));
  const rows = [...first.rows];
  let { nextCursor: cursor } = first;
  while (cursor !== undefined) {
    const page = given(await readPage(api, policy, { ...query, cursor }));
    rows.push(...page.rows);
    cursor = page.nextCursor;
  }
  const { nextCursor: _, ...report } = first;
  return { ...report, rows };
}

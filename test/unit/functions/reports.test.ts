import { parse as parseCsv } from 'csv-parse/sync';
import { beforeEach, describe, expect, test } from 'vitest';
import { handleRead } from '../../../functions/read-activations.ts';
import { storeRows } from '../../../lib/activation/policies/row-pages.ts';
import { noCounts, type Row, type Run, type ScopeResult } from '../../../lib/activation/policies/run.ts';
import { toProblem } from '../../../lib/api/problems/error-to-problem.ts';
import { CSV_COLUMNS } from '../../../lib/api/responses/report-csv.ts';
import { httpHandler } from '../../../lib/http/http-handler.ts';
import { responseOf } from '../../support/builders/http-response.ts';
import { inMemoryDeps } from '../../support/builders/in-memory-deps.ts';
import { aRun } from '../../support/builders/policies.ts';
import { START } from '../../support/fakes/activations.ts';
import { context, httpEvent } from '../../support/fakes/lambda.ts';

let deps = inMemoryDeps();
beforeEach(() => {
  deps = inMemoryDeps();
});

const aRow = (flowLogId: string, change: Partial<Row> = {}): Row => ({
  flowLogId,
  name: `name of ${flowLogId}`,
  status: 'Active',
  state: 'compliant',
  ...change,
});
const aGap = (flowLogId: string, change: Partial<Row> = {}) =>
  aRow(flowLogId, {
    status: 'Inactive',
    state: 'gap',
    kind: 'inactive',
    since: START,
    repair: 'told',
    ...change,
  });

async function store(byRegion: Record<string, Row[]>, change: Partial<Run> = {}) {
  const run = aRun(0, change);
  const scopes: ScopeResult[] = [];
  for (const [region, rows] of Object.entries(byRegion)) {
    const pages = await storeRows(deps.runs, run.policy, rows, [], START);
    scopes.push({ account: 'default', region, pages, counts: noCounts(), kinds: {}, excluded: [] });
  }
  await deps.runs.createRun({ ...run, scopes: [...scopes, ...(change.scopes ?? [])] });
  return run;
}

const get = (path: string, query: Record<string, string> = {}, headers: Record<string, string> = {}) => {
  const [, , policy = '', runs] = path.split('/');
  const routes = { '': 'GET /reports', policy: 'GET /reports/{policy}', runs: 'GET /reports/{policy}/runs' };
  const routeKey = routes[runs ? 'runs' : policy ? 'policy' : ''];
  const event = {
    ...httpEvent('GET', path),
    routeKey,
    pathParameters: { policy },
    queryStringParameters: query,
  };
  return { ...event, headers: { ...event.headers, ...headers } };
};
const read = (...given: Parameters<typeof get>) =>
  responseOf((event) => handleRead(() => deps, event), get(...given));
/** As it is sent. */
const raw = (...given: Parameters<typeof get>) =>
  httpHandler((event) => handleRead(() => deps, event), toProblem)(get(...given), context());
const rowsOf = (csv: string | undefined): Record<string, string>[] =>
  parseCsv(csv ?? '', { bom: true, columns: true, relax_column_count: false, record_delimiter: '\r\n' });

test('the list of policies, with a run that is going on', async () => {
  const { scopes: _, ...open } = {
    plannedAt: START,
    startedAt: START,
    leaseUntil: 0,
    fingerprint: '',
    scopes: [],
  };
  const last = {
    runId: '20260102T030000Z',
    plannedAt: START,
    finishedAt: START,
    counts: noCounts(),
    unread: 0,
  };
  await deps.runs.saveState({ policy: 'keep-active', version: 1, last, open: { ...open, scopes: [] } });
  const { status, body } = await read('/reports');
  expect(status).toBe(200);
  expect(body).toEqual({
    reports: [
      {
        policy: 'keep-active',
        lastRun: { ...last, plannedAt: '2026-01-02T03:04:05.000Z', finishedAt: '2026-01-02T03:04:05.000Z' },
        running: { plannedAt: '2026-01-02T03:04:05.000Z', startedAt: '2026-01-02T03:04:05.000Z' },
      },
    ],
  });
  deps.clock.now += 86_400_000;
  // Its policy was removed, or it is given up for a new one.
  expect((await read('/reports')).body.reports[0]).not.toHaveProperty('running');
});

test('the latest report: gaps first, then what is excluded, then what is compliant; unread accounts apart', async () => {
  await store(
    {
      'cn-beijing': [aRow('fl-1'), aGap('fl-2')],
      'cn-shanghai': [
        aGap('fl-3'),
        aRow('fl-4', { state: 'excluded', excludedBy: { rule: 1, reason: 'lab' } }),
      ],
    },
    { scopes: aRun(0).scopes },
  );
  const { body } = await read('/reports/keep-active');
  expect(body).toMatchObject({
    policy: 'keep-active',
    unreadTotal: 1,
    unread: [{ code: 'describe-failed' }],
  });
  expect(body.rows.map(({ flowLogId }: Row) => flowLogId)).toEqual(['fl-2', 'fl-3', 'fl-4', 'fl-1']);
  expect(body.rows[0]).toEqual({
    account: 'default',
    region: 'cn-beijing',
    flowLogId: 'fl-2',
    name: 'name of fl-2',
    status: 'Inactive',
    state: 'gap',
    kind: 'inactive',
    since: '2026-01-02T03:04:05.000Z',
    repair: 'told',
  });
  const { body: excluded } = await read('/reports/keep-active', { state: 'excluded' });
  expect(excluded.rows.map(({ flowLogId }: Row) => flowLogId)).toEqual(['fl-4']);
});

test('pages are of one run, also if another one ends in between', async () => {
  const ids = Array.from({ length: 2_500 }, (_, index) => `fl-${String(index).padStart(5, '0')}`);
  const { runId } = await store({ 'cn-beijing': ids.map((id) => aRow(id)) });
  const first = await read('/reports/keep-active');
  await deps.runs.createRun(aRun(1, { scopes: [] }));
  const shown: string[] = [];
  for (let page = first; ; page = await read('/reports/keep-active', { cursor: page.body.nextCursor })) {
    expect(page.body.runId).toBe(runId);
    shown.push(...page.body.rows.map(({ flowLogId }: Row) => flowLogId));
    if (page.body.nextCursor === undefined) break;
  }
  expect(shown).toEqual(ids);
});

test('earlier runs are listed, newest first, and read by their id', async () => {
  for (const hour of [0, 1, 2]) await deps.runs.createRun(aRun(hour));
  const { body } = await read('/reports/keep-active/runs');
  const runIds = body.runs.map(({ runId }: Run) => runId);
  expect(runIds).toEqual([aRun(2).runId, aRun(1).runId, aRun(0).runId]);
  expect((await read('/reports/keep-active', { run: runIds[1] })).body).toMatchObject({ runId: runIds[1] });
});

test.each(['/reports/unknown', '/reports/unknown/runs', '/reports/=cmd', '/reports/%23'])(
  '%s: 404',
  async (path) => {
    await deps.runs.createRun(aRun(0));
    expect(await read(path)).toMatchObject({
      status: 404,
      body: { type: expect.stringMatching(/report-not-found$/) },
    });
  },
);

test('a run of another time is 404; a cursor of another run, another state and another parameter are refused', async () => {
  await deps.runs.createRun(aRun(0));
  expect((await read('/reports/keep-active', { run: '20200101T000000Z' })).status).toBe(404);
  const refused: Record<string, string>[] = [
    { cursor: 'x' },
    { run: aRun(0).runId, cursor: '20200101T000000Z.1' },
    { state: 'odd' },
    { page: '2' },
    { format: 'xml' },
  ];
  for (const query of refused) {
    expect((await read('/reports/keep-active', query)).status).toBe(422);
  }
});

describe('CSV', () => {
  const ODD = [
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', "'\r=1"],
    ['＝1+1', "'＝1+1"],
    [' =1', "' =1"],
    ['a,b', 'a,b'],
    ['say "no"', 'say "no"'],
    ['two\nlines', 'two\nlines'],
    ['名字 ü', '名字 ü'],
    ['', ''],
  ];

  test('is parsed to what it was, whatever a name has; what begins as a formula is a text', async () => {
    await store({ 'cn-beijing': ODD.map(([name = ''], index) => aGap(`fl-${index + 10}`, { name })) });
    const { headers, body } = await raw('/reports/keep-active', { format: 'csv' });
    const contentType = 'text/csv; charset=utf-8; header=present';
    expect(headers).toEqual({ 'content-type': contentType, 'x-request-id': 'request-1' });
    expect(body?.startsWith('\ufeffpolicy,run,planned_at,')).toBe(true);
    const rows = rowsOf(body);
    expect(rows.map(({ name }) => name)).toEqual(ODD.map(([, shown]) => shown));
    expect(Object.keys(rows[0] ?? {})).toEqual(CSV_COLUMNS);
    expect(rows[0]).toMatchObject({
      account: 'default',
      state: 'gap',
      kind: 'inactive',
      since: '2026-01-02T03:04:05.000Z',
    });
  });

  test('names what could not be read, first', async () => {
    await store({ 'cn-beijing': [aGap('fl-1')] }, { scopes: aRun(0).scopes });
    const rows = rowsOf((await raw('/reports/keep-active', {}, { accept: 'text/csv' })).body);
    expect(rows.map(({ state, kind, account }) => [state, kind, account])).toEqual([
      ['unread', 'describe-failed', 'default'],
      ['gap', 'inactive', 'default'],
    ]);
  });

  test('of small rows with long names of policy and region fits into a response too', async () => {
    const policy = 'p'.repeat(64);
    const rows = Array.from({ length: 40_000 }, (_, index) => aRow(`fl-${index + 10_000}`, { name: '' }));
    await store({ [`cn-${'x'.repeat(29)}`]: rows }, { policy });
    const response = await raw(`/reports/${policy}`, { format: 'csv' });
    expect(response.headers?.link).toContain('rel="next"');
    expect(Buffer.byteLength(JSON.stringify(response))).toBeLessThan(6_000_000);
  });

  test('of more than a response can hold goes on in pages without a line of names, which Link names', async () => {
    const name = '"'.repeat(128);
    const ids = Array.from({ length: 9_000 }, (_, index) => `fl-${String(index).padStart(5, '0')}`);
    await store({ 'cn-beijing': ids.map((id) => aGap(id, { name })) });
    let csv = '';
    let query: Record<string, string> = { format: 'csv' };
    for (let pages = 0; pages < 10; pages += 1) {
      const { body = '', headers } = await raw('/reports/keep-active', query);
      expect(Buffer.byteLength(body)).toBeLessThan(6_000_000);
      csv += body;
      const link = String(headers?.link ?? '');
      if (link === '') break;
      const { searchParams } = new URL(link.slice(1, link.indexOf('>')), 'http://localhost');
      query = Object.fromEntries(searchParams);
    }
    expect(rowsOf(csv).map(({ flow_log_id }) => flow_log_id)).toEqual(ids);
  });
});

import { execFile } from 'node:child_process';
import { promisify, stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../../clients/cli/commands.ts';
import { run } from '../../../../clients/cli/run.ts';
import { FakeTerminal } from '../../../support/fakes/fake-terminal.ts';
import { startServer } from '../../../support/start-server.ts';

const BATCH = `b-${'0'.repeat(32)}`;

type Stored = { flowLogId: string; status: string; reason?: string; [field: string]: unknown };

/** An activation as the service returns it. */
function stored({ flowLogId, ...more }: Stored) {
  const at = '2026-01-02T03:04:05.000Z';
  return {
    activationId: `default.cn-beijing.${flowLogId}.${BATCH}`,
    flowLogId,
    region: 'cn-beijing',
    account: 'default',
    generation: 1,
    attempts: 1,
    batchIds: [BATCH],
    source: 'api',
    metadata: {},
    createdAt: at,
    updatedAt: at,
    queuedAt: at,
    deadlineAt: at,
    history: [{ at, generation: 1, attempt: 0, event: 'opened', by: 'arn:aws:iam::1:user/alice' }],
    ...more,
  };
}

type Service = { url: string; requests: string[] };

/** A service that has these activations, all of one batch. `refuse` answers instead, if it returns something. */
async function serve(activations: Stored[], refuse?: (path: string) => [number, object] | undefined) {
  const requests: string[] = [];
  const url = await startServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    requests.push(`${request.method} ${request.url}`);
    const reply = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const refused = refuse?.(pathname);
    if (refused !== undefined) return reply(...refused);
    const all = activations.map(stored);
    const isDone = activations.every(({ status }) => status === 'completed' || status === 'failed');
    if (request.method === 'POST') return reply(202, { batchId: BATCH, activations: all });
    if (pathname === `/batches/${BATCH}`)
      return reply(200, { batchId: BATCH, total: all.length, done: isDone });
    if (pathname.startsWith('/activations/')) {
      return reply(200, all.find(({ activationId }) => pathname.endsWith(activationId)) ?? {});
    }
    const flowLogId = searchParams.get('flowLogId');
    const reason = searchParams.get('reason');
    const isAsked = (one: (typeof all)[number] & { reason?: string; held?: object }) =>
      (flowLogId === null || one.flowLogId === flowLogId) &&
      (reason === null || one.reason === reason) &&
      (!searchParams.has('held') || one.held !== undefined) &&
      !searchParams.has('drift');
    return reply(200, { activations: all.filter(isAsked) });
  });
  return { url, requests };
}

/** Runs a command line; piped, or on a terminal of so many columns. */
async function type(
  service: Pick<Service, 'url'> | undefined,
  args: string[],
  columns?: number,
  ask?: (question: string) => Promise<string>,
) {
  const stdout = new FakeTerminal(columns ?? Number.POSITIVE_INFINITY, columns !== undefined);
  const stderr = new FakeTerminal(Number.POSITIVE_INFINITY, false);
  const status = await run(args, {
    stdout,
    stderr,
    env: service === undefined ? {} : { FLOW_LOG_ACTIVATOR_URL: service.url },
    signal: new AbortController().signal,
    ...(ask && { ask }),
    version: '1.2.3',
    packageDir: '.',
  });
  const textOf = ({ lines }: FakeTerminal) => stripVTControlCharacters(lines.join('\n'));
  return { status, stdout: textOf(stdout), stderr: textOf(stderr), lines: stdout.lines };
}

test('console: the local world serves the page itself, and the address is said', async () => {
  const { status, stdout } = await type({ url: 'http://127.0.0.1:3456' }, ['console']);
  expect([status, stdout]).toEqual([0, 'The local world serves the page: http://127.0.0.1:3456/\n']);
});

const FATES: Stored[] = [
  { flowLogId: 'fl-plain', status: 'completed' },
  {
    flowLogId: 'fl-cold',
    status: 'failed',
    reason: 'frozen',
    lastError: { code: 'X', message: 'is in freeze' },
  },
];

describe('the exit status of activate --wait', () => {
  test.each([
    ['0 when all are Active', 0, [FATES[0]]],
    ['1 when some failed', 1, FATES],
    ['3 when some are still open in the end', 3, [...FATES, { flowLogId: 'fl-slow', status: 'pending' }]],
  ])('is %s', async (_name, status, activations) => {
    const service = await serve(activations as Stored[]);
    expect((await type(service, ['activate', 'fl-1', '--wait', '1s'])).status).toBe(status);
  });

  test('is 4 when nobody is there, and when the service refuses us', async () => {
    const nobody = await type({ url: 'http://127.0.0.1:9' }, ['activate', 'fl-1', '--wait', '1s']);
    expect(nobody.status).toBe(4);
    expect(nobody.stderr).toMatch(/cannot be reached/);
    const service = await serve([], () => [403, { message: 'Forbidden' }]);
    const refused = await type(service, ['activate', 'fl-1']);
    expect(refused.status).toBe(4);
    expect(refused.stderr).toMatch(/refuses us: Forbidden \(HTTP 403\)/);
  });

  test('is 4 when the service is lost on the way, with how to go on', async () => {
    let looks = 0;
    const isLost = (path: string): [number, object] | undefined => {
      looks += path === '/activations' ? 1 : 0;
      return looks > 2 ? [500, { message: 'Internal Server Error' }] : undefined;
    };
    const service = await serve([{ flowLogId: 'fl-slow', status: 'pending' }], isLost);
    const { status, stderr } = await type(service, ['activate', 'fl-slow', '--wait', '1m']);
    expect(status).toBe(4);
    expect(stderr).toContain(`To go on: flow-log-activator watch ${BATCH}`);
  });
});

test.each([
  ['no command', []],
  ['a command that does not exist', ['activte']],
  ['an option that does not exist', ['list', '--sttus', 'failed']],
  ['no id', ['activate']],
  ['switching off without a terminal and without --yes', ['deactivate', 'fl-1']],
  ['switching off for a program without --yes', ['deactivate', 'fl-1', '--output', 'json']],
  ['a time without unit', ['activate', 'fl-1', '--wait', '5']],
  ['metadata without a value', ['activate', 'fl-1', '--metadata', 'ticket']],
  ['a state that does not exist', ['list', '--status', 'done']],
  ['two shells', ['completion', 'bash', 'zsh']],
  ['a shell that does not exist', ['completion', 'csh']],
  ['two ways at once', ['redrive', 'fl-1', '--all']],
  ['neither an id nor a filter', ['retry']],
  ['no selector', ['plan']],
  ['a URL that is none', ['list', '--url', 'example.com']],
])('%s: nothing is sent, and the exit status is 2', async (_name, args) => {
  const service = await serve([]);
  const { status, stdout, stderr } = await type(service, args);
  expect({ status, stdout, requests: service.requests }).toEqual({ status: 2, stdout: '', requests: [] });
  expect(stderr).not.toBe('');
});

describe('deactivate', () => {
  const off: Stored = { flowLogId: 'fl-plain', status: 'completed', desired: 'Inactive' };

  test('on a terminal it says what and how many, and goes on only with that number', async () => {
    const service = await serve([off]);
    const questions: string[] = [];
    const answerWith = (answer: string) => (question: string) => {
      questions.push(question);
      return Promise.resolve(answer);
    };
    const no = await type(service, ['deactivate', 'fl-1', 'fl-2', 'fl-1'], 80, answerWith('y'));
    expect([no.status, no.stdout, service.requests]).toEqual([1, 'Nothing was done.\n', []]);
    expect(no.stderr).toContain(
      `switches off 2 flow logs of the account default, at ${service.url}: fl-1, fl-2.`,
    );
    expect(no.stderr).toContain('their traffic is not logged');
    expect(questions).toEqual(['Type 2 to go on: ']);
    const yes = await type(service, ['deactivate', 'fl-1', 'fl-2'], 80, answerWith(' 2 '));
    expect([yes.status, service.requests]).toEqual([0, ['POST /deactivations']]);
  });

  test('with --yes nobody is asked, and with --wait it says what they are', async () => {
    const service = await serve([off]);
    const { status, stdout } = await type(service, ['deactivate', 'fl-plain', '--yes', '--wait', '5s']);
    expect(status).toBe(0);
    expect(stdout).toContain('fl-plain  completed → Inactive');
    expect(stdout).toContain('1 Inactive.');
  });

  test('where it is not allowed it says how to allow it', async () => {
    const problem = { type: 'urn:flow-log-activator:problem:deactivation-disabled', title: 'x', status: 403 };
    const { status, stderr } = await type(await serve([], () => [403, problem]), [
      'deactivate',
      'fl-1',
      '--yes',
    ]);
    expect(status).toBe(1);
    expect(stderr).toContain('--param allowDeactivation=true');
  });
});

test('bad fields are named as the service names them, and the exit status is 2', async () => {
  const errors = [{ field: 'flowLogIds[0]', message: 'must be 1 to 64 letters' }];
  const service = await serve([], () => [
    422,
    { type: 'urn:flow-log-activator:problem:invalid-content', title: 'x', status: 422, errors },
  ]);
  const { status, stderr } = await type(service, ['activate', 'fl 1']);
  expect(status).toBe(2);
  expect(stderr).toContain('flowLogIds[0] must be 1 to 64 letters.');
});

test('piped, each change is a line; then the end, the reasons, and what to do now', async () => {
  const { stdout } = await type(await serve(FATES), ['activate', 'fl-plain', 'fl-cold', '--wait', '5s']);
  expect(stdout).toMatch(/^Stored as b-0{32}: 2 flow logs\.\n +\d\.\d s {2}fl-plain {2}completed\n/);
  expect(stdout).toMatch(
    /fl-cold {2}failed \(frozen\): X\n\n1 Active, 1 failed\.\n\n1 frozen\n {2}fl-cold\n/,
  );
  expect(stdout).toContain('Volcengine: is in freeze');
  expect(stdout).toContain('flow-log-activator redrive fl-cold');
});

test('with --output json there is one object and nothing else', async () => {
  const args = ['activate', 'fl-plain', 'fl-cold', '--wait', '5s', '--output', 'json'];
  const { stdout } = await type(await serve(FATES), args);
  expect(JSON.parse(stdout)).toMatchObject({
    batchId: BATCH,
    outcome: 'failed',
    activations: [{ flowLogId: 'fl-plain' }, { flowLogId: 'fl-cold' }],
    reasons: [{ reason: 'frozen', count: 1, flowLogIds: ['fl-cold'] }],
  });
});

test.each([80, 120])('on a terminal of %i columns 100 flow logs are a table that fits', async (columns) => {
  const many = Array.from(
    { length: 100 },
    (_, index): Stored => ({
      flowLogId: `fl-${String(index).padStart(21, '0')}`,
      status: index % 10 === 0 ? 'failed' : 'completed',
      reason: index % 10 === 0 ? 'deadline-exceeded' : undefined,
      lastError: { code: 'InvalidOperation.Conflict'.repeat(3), message: 'the flow log is busy' },
    }),
  );
  const { lines, stdout } = await type(await serve(many), ['activate', 'x', '--wait', '5s'], columns);
  expect(Math.max(...lines.map((line) => stringWidth(stripVTControlCharacters(line))))).toBeLessThanOrEqual(
    columns,
  );
  expect(stdout).toMatch(/90 of 100 Active, 10 failed, 0 pending, 0 queued/);
  expect(stdout).toMatch(/… and 55 more: 55 completed/);
  expect(stdout).toMatch(/\n90 Active, 10 failed\.\n\n10 deadline-exceeded\n/);
});

test('a flow log is found by its own id', async () => {
  const service = await serve(FATES);
  const { stdout, status } = await type(service, ['get', 'fl-cold']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^fl-cold {2}failed \(frozen\)\n/);
  expect(stdout).toContain('opened, by arn:aws:iam::1:user/alice');
  expect(stdout).toContain('Pay the overdue bill');
  const nobody = await type(service, ['get', 'fl-other']);
  expect({ status: nobody.status, stderr: nobody.stderr.trim() }).toEqual({
    status: 1,
    stderr: 'Nobody has asked for the flow log fl-other.',
  });
});

test('failures are grouped by reason, with what is on hold; the exit status says whether there are any', async () => {
  const held = { since: '2026-01-02T03:04:05.000Z', code: 'AccessDenied' };
  const service = await serve([...FATES, { flowLogId: 'fl-held', status: 'queued', held }]);
  const { status, stdout } = await type(service, ['failures']);
  expect(status).toBe(1);
  expect(stdout).toMatch(/1 frozen\n {2}fl-cold\n[\s\S]*1 on hold\n {2}fl-held\n/);
  expect(await type(await serve([]), ['failures'])).toMatchObject({ status: 0 });
});

test('what others wrote cannot command the terminal', async () => {
  const lastError = { code: 'X', message: '\u001b[2Jgone' };
  const evil = { flowLogId: 'fl-1', status: 'failed', reason: 'unexpected', lastError };
  const stdout = new FakeTerminal(80, false);
  const { url } = await serve([evil]);
  const streams = { stdout, stderr: new FakeTerminal(80, false), signal: new AbortController().signal };
  await run(['get', 'fl-1'], {
    ...streams,
    env: { FLOW_LOG_ACTIVATOR_URL: url },
    version: '1',
    packageDir: '.',
  });
  expect(stdout.lines.join('\n')).toContain('\\u001b[2Jgone');
});

describe('the help', () => {
  test('has every command, and each command its own', async () => {
    const { stdout } = await type(undefined, ['--help']);
    for (const { name, summary } of COMMANDS) expect(stdout).toContain(`  ${name.padEnd(10)}  ${summary}`);
    for (const { name, options = {}, examples } of COMMANDS) {
      const help = await type(undefined, [name, '--help']);
      expect(help.status).toBe(0);
      for (const option of Object.keys(options)) expect(help.stdout).toContain(`  --${option}`);
      for (const [args] of examples)
        expect(help.stdout).toContain(`flow-log-activator ${name} ${args}`.trim());
    }
  });

  test('fits into a terminal of 80 columns', async () => {
    const helps = [['--help'], ...COMMANDS.map(({ name }) => [name, '--help'])];
    for (const args of helps) {
      const { stdout } = await type(undefined, args, 80);
      // The examples are typed as they are.
      const [text = ''] = stdout.split(/^(?:Examples|First steps):$/m);
      expect({ args, widest: Math.max(...text.split('\n').map((line) => stringWidth(line))) }).toEqual({
        args,
        widest: expect.toSatisfy((widest: number) => widest <= 80),
      });
    }
  });

  test('is printed to standard error when there is no command', async () => {
    expect((await type(undefined, [])).stderr).toContain('Usage: flow-log-activator <command>');
  });

  test('the version', async () => {
    expect(await type(undefined, ['--version'])).toMatchObject({ status: 0, stdout: '1.2.3\n' });
  });
});

describe('the completion for bash', () => {
  async function complete(...words: string[]): Promise<string[]> {
    const { stdout: script } = await type(undefined, ['completion', 'bash']);
    const typed = ['flow-log-activator', ...words].map((word) => `'${word}'`).join(' ');
    const source = `${script}\nCOMP_WORDS=(${typed}); COMP_CWORD=${words.length}\n_flow_log_activator\nIFS=,; echo "$\{COMPREPLY[*]}"`;
    const { stdout } = await promisify(execFile)('bash', ['--noprofile', '--norc', '-c', source]);
    return stdout.trim().split(',');
  }

  test.each([
    ['a command', ['act'], ['activate']],
    ['an option', ['activate', 'fl-1', '--me'], ['--metadata']],
    ['one of the words of an option', ['list', '--status', 'p'], ['pending']],
    ['nothing for a value that is free', ['list', '--flow-log', ''], ['']],
    ['a word of a command', ['completion', 'f'], ['fish']],
  ])('completes %s', async (_name, words, found) => {
    expect(await complete(...words)).toEqual(found);
  });
});

describe('entries of the stored configuration that are disabled', () => {
  const problems = ['every must be a time', 'repair must be one of activate, tell'];
  const disabled = [
    { kind: 'account', name: 'audit', problems: ['secretKey is missing'] },
    ...['p1', 'p2', 'p3', 'p4'].map((name) => ({ kind: 'policy', name, problems })),
  ];
  const count = { count: 0 };
  const at = '2026-01-02T03:04:05.000Z';
  const account = { state: 'ok', open: count, pending: count, held: count, drifted: count, failed: [] };
  const report = {
    at,
    api: { version: '1.2.3' },
    poller: { lastTickAt: at },
    bus: { state: 'ok' },
    outbox: { waiting: count },
    queues: [],
    configuration: { source: 'file:/x.json', disabled },
    accounts: ['default', 'audit'].map((alias) => ({ account: alias, ...account })),
  };
  const serveStatus = async () => ({
    url: await startServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(report));
    }),
  });

  test('status names the first three, and the account that is held by one', async () => {
    const { status, stdout } = await type(await serveStatus(), ['status']);
    expect(status).toBe(1);
    expect(stdout).toContain(
      'account audit is disabled: secretKey is missing; ' +
        'policy p1 is disabled: every must be a time; repair must be one of activate, tell; policy p2 ',
    );
    expect(stdout).toContain('2 more: `config check` names them');
    expect(stdout).not.toContain('p3');
    expect(stdout).toMatch(/^audit\s+disabled/m);
    expect(stdout).toMatch(/^default\s+ok/m);
  });

  test('config check names each, with a line for each problem', async () => {
    const { status, stdout } = await type(await serveStatus(), ['config', 'check']);
    expect(status).toBe(1);
    const ofPolicy = ` is disabled:\n  ${problems.join('\n  ')}\n`;
    expect(stdout).toBe(
      `account audit is disabled:\n  secretKey is missing\npolicy p1${ofPolicy}policy p2${ofPolicy}policy p3${ofPolicy}policy p4${ofPolicy}`,
    );
  });
});

describe('report', () => {
  const counts = { compliant: 1, gap: 1, excluded: 0, repaired: 0 };
  const at = '2026-01-02T03:04:05.000Z';
  const run = {
    policy: 'keep-active',
    runId: '20260102T030000Z',
    plannedAt: at,
    startedAt: at,
    finishedAt: at,
    desired: 'Active',
    repair: 'activate',
    windowOpen: false,
    counts,
    kinds: { frozen: 1 },
    exclusions: [{ rule: 1, reason: 'old laboratory', matched: 0, state: 'stale' }],
    unread: [{ account: 'security', region: 'cn-beijing', code: 'account-paused', since: at }],
    unreadTotal: 1,
  };
  const row = { account: 'default', region: 'cn-beijing', name: 'prod-a\u001b[31m', status: 'Inactive' };
  const gap = { ...row, flowLogId: 'fl-1', state: 'gap', kind: 'frozen', since: at, repair: 'impossible' };
  const contradicted = {
    ...{ ...gap, flowLogId: 'fl-3', kind: 'inactive', repair: 'contradicted' },
    contradictedBy: ['laboratory-off'],
  };
  const compliant = { ...row, flowLogId: 'fl-2', state: 'compliant', status: 'Active' };

  /** Two pages, in JSON and in CSV. */
  async function serveReports() {
    const url = await startServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
      const cursor = searchParams.get('cursor');
      const reply = (body: object) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (pathname === '/reports') {
        return reply({ reports: [{ policy: 'keep-active', lastRun: { ...run, unread: 1 } }] });
      }
      if (pathname === '/reports/keep-active/runs') return reply({ runs: [run] });
      if (searchParams.get('format') === 'csv') {
        const link = '</reports/keep-active?format=csv&cursor=20260102T030000Z.1>; rel="next"';
        const headers = { 'content-type': 'text/csv; charset=utf-8', ...(cursor === null && { link }) };
        return response.writeHead(200, headers).end(cursor === null ? '\ufeffpolicy\r\na\r\n' : 'b\r\n');
      }
      if (searchParams.get('state') === 'gap') return reply({ ...run, rows: [gap, contradicted] });
      const rest =
        cursor === null ? { rows: [gap], nextCursor: '20260102T030000Z.1' } : { rows: [compliant] };
      return reply({ ...run, ...rest });
    });
    return { url };
  }

  test('shows the gaps, what could not be read, and exclusions that match nothing', async () => {
    const { status, stdout } = await type(await serveReports(), ['report', 'keep-active']);
    expect(status).toBe(0);
    expect(stdout).toContain('wants Active, repair: activate, outside its window');
    expect(stdout).toMatch(/fl-1\s+frozen\s+\d+d\s+impossible\s+default\s+cn-beijing/);
    expect(stdout).toMatch(/fl-3\s+inactive\s+\d+d\s+contradicted \(laboratory-off\)/);
    expect(stdout).not.toContain('fl-2');
    expect(stdout).toContain('security, cn-beijing: account-paused since');
    expect(stdout).toContain('Exclusion 1 (old laboratory) matches nothing.');
  });

  test('with --output json it is one report of all pages, with --output csv one file of all pages', async () => {
    const service = await serveReports();
    const json = await type(service, ['report', 'keep-active', '--output', 'json']);
    expect(JSON.parse(json.stdout)).toEqual({ ...run, rows: [gap, compliant] });
    const csv = await type(service, ['report', 'keep-active', '--output', 'csv']);
    expect(csv.lines.join('\n')).toBe('\ufeffpolicy\r\na\r\nb\r\n');
  });

  test('fits into a terminal of 80 columns, whatever the names are', async () => {
    const long = (length: number) => 'a-long-name-'.repeat(20).slice(0, length);
    const excluded = { ...row, flowLogId: `fl-${long(24)}`, state: 'excluded', name: long(128) };
    const rows = [gap, { ...excluded, account: long(64), excludedBy: { rule: 1, reason: long(200) } }];
    const exclusions = [{ rule: 1, reason: long(200).replaceAll('-', ' '), matched: 0, state: 'stale' }];
    const url = await startServer((request, response) => {
      const reports = [{ policy: long(64), lastRun: { ...run, unread: 1 } }];
      const body = request.url === '/reports' ? { reports } : { ...run, exclusions, rows };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    const list = await type({ url }, ['report'], 80);
    expect(list.stdout).toMatch(/^a-long-[a-z-]+…\s+1\s+1\s+0\s+1\s+\d+d ago$/m);
    const report = await type({ url }, ['report', 'keep-active'], 80);
    expect(report.stdout).toContain(`fl-${long(24)}`);
    const lines = `${list.stdout}\n${report.stdout}`
      .split('\n')
      .filter((line) => !line.startsWith('What is'));
    expect(lines.filter((line) => stringWidth(line) > 80)).toEqual([]);
  });

  test('without a policy, and as policy list, it lists the policies; with --runs the runs', async () => {
    const service = await serveReports();
    const { stdout } = await type(service, ['report']);
    expect(stdout).toMatch(/keep-active\s+1\s+1\s+0\s+1/);
    expect((await type(service, ['policy', 'list'])).stdout).toBe(stdout);
    expect((await type(service, ['report', 'keep-active', '--runs'])).stdout).toContain('20260102T030000Z');
    expect((await type(service, ['report', '--output', 'csv'])).status).toBe(2);
  });

  test('of a policy that never ran says where those are that did', async () => {
    const problem = {
      type: 'urn:flow-log-activator:problem:report-not-found',
      title: 'Not found',
      status: 404,
      detail: 'there is no such report',
    };
    const refused = await type(await serve([], () => [404, problem]), ['report', 'keep-actve']);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(
      /^there is no such report\.\n.*`flow-log-activator report` lists the policies/,
    );
  });
});

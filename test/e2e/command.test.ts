import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { expect, onTestFinished, test } from 'vitest';
import { run } from '../../clients/cli/run.ts';
import { buildCommand } from '../../scripts/build-command.ts';
import { PROJECT_DIR } from '../../scripts/osls.ts';
import { FakeTerminal } from '../support/fakes/fake-terminal.ts';
import { startTestWorld, type TestWorld, until } from './world.ts';

const region = 'cn-beijing';

/** What becomes of a flow log whose number ends in this digit; all others are activated at once. */
const FATES: Record<number, { seed?: object; reason?: string; code?: string }> = {
  1: { seed: { frozen: true }, reason: 'frozen' },
  2: { reason: 'not-found' },
  3: { seed: { status: 'Deleting' }, reason: 'deleting' },
  4: { seed: { status: 'Active' } },
  5: { seed: {}, code: 'InvalidOperation.Conflict' },
  6: { seed: {}, code: 'InternalError' },
};
const PLAIN = { seed: {} };

const IDS = Array.from({ length: 100 }, (_, index) => `fl-${String(index).padStart(3, '0')}`);
const fateOf = (flowLogId: string): (typeof FATES)[number] => FATES[Number(flowLogId.at(-1))] ?? PLAIN;

/** A local world with 100 flow logs: 70 become Active, 10 each are frozen, missing, being deleted. */
async function startMixedWorld(): Promise<TestWorld> {
  const seeds = IDS.flatMap((flowLogId) => {
    const { seed } = fateOf(flowLogId);
    return seed === undefined ? [] : [{ region, flowLogId, pendingMs: 100, ...seed }];
  });
  const world = await startTestWorld({ fake: { seeds }, env: { RETRY_BASE_MS: '100' } });
  const faults = IDS.flatMap((flowLogId) => {
    const { code } = fateOf(flowLogId);
    return code === undefined ? [] : [{ kind: 'error', action: 'ActiveFlowLog', code, flowLogId, nth: [1] }];
  });
  await world.addFaults(faults);
  return world;
}

/** Types a command in a terminal of this process. */
async function onTerminal({ apiUrl }: TestWorld, columns: number, ...args: string[]) {
  const stdout = new FakeTerminal(columns);
  const stderr = new FakeTerminal(columns);
  const signal = new AbortController().signal;
  const env = { FLOW_LOG_ACTIVATOR_URL: apiUrl };
  const status = await run(args, { stdout, stderr, env, signal, version: '', packageDir: '.' });
  return { status, lines: stdout.lines.map(stripVTControlCharacters) };
}

/** Starts the bundled command as a shell does, with its output in pipes. */
function piped({ apiUrl }: Pick<TestWorld, 'apiUrl'>, ...args: string[]) {
  const command = spawn(
    process.execPath,
    [`${PROJECT_DIR}/dist/package/cli/flow-log-activator.mjs`, ...args],
    {
      env: { FLOW_LOG_ACTIVATOR_URL: apiUrl },
    },
  );
  onTestFinished(() => void command.kill('SIGKILL'));
  return command;
}

async function endOf(command: ChildProcessWithoutNullStreams) {
  const [stdout, stderr, [status]] = await Promise.all([
    text(command.stdout),
    text(command.stderr),
    once(command, 'close'),
  ]);
  return { status, stdout, stderr };
}

test('activate --wait: 100 flow logs of mixed fates, piped and on a terminal of 80 columns', async () => {
  await buildCommand();
  const world = await startMixedWorld();
  const command = piped(world, 'activate', '-', '--wait', '1m', '--key', 'ticket-42');
  command.stdin.end(IDS.join('\n'));
  const { status, stdout, stderr } = await endOf(command);
  expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
  expect(stdout).toMatch(/^Stored as b-[a-f0-9]{32}: 100 flow logs\.\n/);
  const ends = IDS.filter((id) => {
    const { reason } = fateOf(id);
    const end = reason === undefined ? /completed/ : new RegExp(`failed \\(${reason}\\)`);
    return stdout.split('\n').some((line) => line.includes(`  ${id}  `) && end.test(line));
  });
  expect(ends).toEqual(IDS);
  expect(stdout).toMatch(/\n70 Active, 30 failed\.\n/);
  for (const reason of ['frozen', 'not-found', 'deleting']) expect(stdout).toContain(`\n10 ${reason}\n`);

  // The same key: nothing starts twice, and the same end is shown.
  const again = await onTerminal(world, 80, 'activate', ...IDS, '--wait', '1m', '--key', 'ticket-42');
  expect(again.status).toBe(1);
  expect(Math.max(...again.lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(80);
  expect(again.lines.join('\n')).toMatch(/70 of 100 Active, 30 failed, 0 pending, 0 queued/);
  expect((await world.volcengineCalls('ActiveFlowLog')).length).toBeLessThan(150);
});

test('the ways of the one on call: failures, get, redrive, list', async () => {
  const world = await startTestWorld({ fake: { seeds: [{ region, flowLogId: 'fl-cold', frozen: true }] } });
  expect((await onTerminal(world, 80, 'activate', 'fl-cold', '--wait', '30s')).status).toBe(1);
  const failures = await onTerminal(world, 80, 'failures');
  expect({ status: failures.status, text: failures.lines.join('\n') }).toEqual({
    status: 1,
    text: expect.stringMatching(/1 frozen\n {2}fl-cold\n[\s\S]*flow-log-activator redrive fl-cold/),
  });
  const story = (await onTerminal(world, 80, 'get', 'fl-cold')).lines.join('\n');
  expect(story).toMatch(/opened, by arn:aws:iam::000000000000:user\/local[\s\S]*failed: frozen/);

  await world.seed('fl-cold');
  await until(
    () => onTerminal(world, 80, 'redrive', 'fl-cold').catch(() => ({ status: 4 })),
    ({ status }) => status === 0,
  );
  expect((await onTerminal(world, 80, 'watch', 'fl-cold', '--wait', '30s')).status).toBe(0);
  expect((await onTerminal(world, 80, 'failures')).status).toBe(0);
  const list = await onTerminal(world, 80, 'list', '--status', 'completed', '--since', '1h');
  expect(list.lines.join('\n')).toMatch(/fl-cold +completed/);
  const doctor = await onTerminal(world, 80, 'doctor');
  expect({ status: doctor.status, text: doctor.lines.join('\n') }).toEqual({
    status: 0,
    text: expect.stringContaining('deactivations are not allowed'),
  });
});

test('an account that Volcengine refuses: held, doctor says what to mend, and retry ends the wait', async () => {
  const world = await startTestWorld({ fake: { seeds: [{ region, flowLogId: 'fl-1', pendingMs: 100 }] } });
  await world.addFaults({ kind: 'error', action: 'ActiveFlowLog', code: 'AccessDenied', nth: [1] });
  const waiting = await onTerminal(world, 80, 'activate', 'fl-1', '--wait', '4s');
  expect(waiting.status).toBe(3);
  expect(waiting.lines.join('\n')).toMatch(/Not in time: 1 on hold\./);
  const doctor = await onTerminal(world, 80, 'doctor');
  expect({ status: doctor.status, text: doctor.lines.join('\n') }).toEqual({
    status: 1,
    text: expect.stringMatching(/✗ accounts {3}default held since \S+: AccessDenied\n[\s\S]*retry --held/),
  });
  const status = await onTerminal(world, 100, 'status');
  expect({ status: status.status, text: status.lines.join('\n') }).toEqual({
    status: 1,
    text: expect.stringMatching(/\ndefault +held +1 .*AccessDenied\n/),
  });
  const retry = await onTerminal(world, 80, 'retry', '--held');
  expect({ status: retry.status, text: retry.lines.join('\n') }).toEqual({
    status: 0,
    text: expect.stringMatching(/retry-now completed: 1 done, 0 refused/),
  });
  expect((await onTerminal(world, 80, 'watch', 'fl-1', '--wait', '1m')).status).toBe(0);
});

test('an account by OIDC that Volcengine does not trust: doctor says what to compare', async () => {
  const accounts = { second: { assumeRoleWithOidc: { roleTrn: 'trn:iam::2100000001:role/flow-logs' } } };
  const world = await startTestWorld({
    env: { VOLCENGINE_ACCOUNTS: JSON.stringify(accounts) },
    fake: { roles: [] },
  });
  const waiting = await onTerminal(world, 80, 'activate', 'fl-1', '--account', 'second', '--wait', '6s');
  expect(waiting.lines.join('\n')).toMatch(/Not in time: 1 on hold\./);
  const doctor = await onTerminal(world, 80, 'doctor');
  expect({ status: doctor.status, text: doctor.lines.join('\n') }).toEqual({
    status: 1,
    text: expect.stringMatching(
      /✗ accounts {3}second held since \S+: CredentialsUnavailable\n[\s\S]*issuer\s+URL[\s\S]*retry --held/,
    ),
  });
});

test('a paused account takes requests and starts nothing; it goes on when it is resumed', async () => {
  const world = await startTestWorld({ fake: { seeds: [{ region, flowLogId: 'fl-1', pendingMs: 100 }] } });
  expect((await onTerminal(world, 80, 'pause', 'default', '--why', 'OPS-42')).status).toBe(0);
  const waiting = await onTerminal(world, 80, 'activate', 'fl-1', '--wait', '2s');
  expect(waiting.status).toBe(3);
  expect(waiting.lines.join('\n')).toMatch(
    /Not in time: 1 queued\.[\s\S]*To go on: flow-log-activator watch/,
  );
  expect((await onTerminal(world, 80, 'resume', 'default')).status).toBe(0);
  expect((await onTerminal(world, 80, 'watch', 'fl-1', '--wait', '1m')).status).toBe(0);
  expect((await onTerminal(world, 80, 'pause', 'nobody')).status).toBe(1);
});

test('a plan shows what a selector matches, and a batch starts it', async () => {
  const seeds = ['fl-1', 'fl-2'].map((flowLogId) => ({
    region,
    flowLogId,
    pendingMs: 100,
    tags: [{ key: 'env', value: 'prod' }],
  }));
  const world = await startTestWorld({ fake: { seeds } });
  const plan = await onTerminal(world, 80, 'plan', '--tag', 'env=prod');
  const [planId = ''] = plan.lines;
  expect(plan.lines.join('\n')).toMatch(/ 2 would be activated {2}fl-1, fl-2/);
  const batch = await onTerminal(world, 80, 'batch', planId, '--wait', '30s');
  expect({ status: batch.status, text: batch.lines.join('\n') }).toEqual({
    status: 0,
    text: expect.stringMatching(/\n2 Active\./),
  });
});

test('a service that is killed, and Ctrl-C: both say how to go on', async () => {
  await buildCommand();
  const world = await startTestWorld({
    fake: { seeds: [{ region, flowLogId: 'fl-slow', pendingMs: 600_000 }] },
  });
  const stopped = piped(world, 'activate', 'fl-slow', '--wait', '5m');
  await once(stopped.stdout, 'data');
  const lost = piped(world, 'watch', 'fl-slow');
  await once(lost.stdout, 'data');
  const ends = Promise.all([endOf(stopped), endOf(lost)]);
  stopped.kill('SIGINT');
  await once(stopped, 'exit');
  await world.local.stop();
  const [interrupted, unreachable] = await ends;
  expect({ status: interrupted.status, stderr: interrupted.stderr }).toEqual({
    status: 130,
    stderr: expect.stringMatching(/goes on\.\nTo go on: flow-log-activator watch b-[a-f0-9]{32}\n$/),
  });
  expect({ status: unreachable.status, stderr: unreachable.stderr }).toEqual({
    status: 4,
    stderr: expect.stringMatching(
      /cannot be reached[\s\S]*To go on: flow-log-activator watch b-[a-f0-9]{32}\n$/,
    ),
  });
});

import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { buildCommand } from '../../scripts/build-command.ts';
import { PROJECT_DIR } from '../../scripts/osls.ts';
import { tempDir } from '../support/temp-dir.ts';
import { startTestWorld } from './world.ts';

const region = 'cn-beijing';
const seeds = [
  { region, flowLogId: 'fl-1', pendingMs: 100 },
  { region, flowLogId: 'fl-2', pendingMs: 100 },
  { region, flowLogId: 'fl-cold', frozen: true },
];

/** Runs a script as a runner does, with the command on the PATH. */
async function runScript(script: string, variables: Record<string, string>) {
  await buildCommand();
  const bin = join(await tempDir(), 'bin');
  await mkdir(bin);
  const command = join(PROJECT_DIR, 'dist/package/cli/flow-log-activator.mjs');
  await symlink(command, join(bin, 'flow-log-activator'));
  const PATH = [bin, dirname(process.execPath), process.env.PATH].join(delimiter);
  const run = promisify(execFile)('bash', ['--noprofile', '--norc', '-e', '-c', script], {
    env: { PATH, ...variables },
  });
  return run.then(
    ({ stdout }) => ({ status: 0, stdout }),
    ({ code, stdout }: { code: number; stdout: string }) => ({ status: code, stdout }),
  );
}

const Action = v.object({
  inputs: v.record(v.string(), v.object({ default: v.optional(v.string()) })),
  runs: v.object({
    steps: v.tuple([v.object({ env: v.record(v.string(), v.string()), run: v.string() })]),
  }),
});

/** Does what GitHub does with a composite action: inputs become variables, outputs are read from a file. */
async function runAction(given: Record<string, string>) {
  const { inputs, runs } = v.parse(
    Action,
    parse(await readFile(join(PROJECT_DIR, 'examples/github-action/action.yml'), 'utf8')),
  );
  const [{ env, run }] = runs.steps;
  const inputOf = (name = '') => given[name] ?? inputs[name]?.default ?? '';
  const variables = Object.entries(env).map(([name, text]) => [
    name,
    text.replace(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, input: string) => inputOf(input)),
  ]);
  const RUNNER_TEMP = await tempDir();
  const GITHUB_OUTPUT = join(RUNNER_TEMP, 'output');
  await writeFile(GITHUB_OUTPUT, '');
  const runner = {
    RUNNER_TEMP,
    GITHUB_OUTPUT,
    GITHUB_RUN_ID: '7',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_ACTION: 'activate',
  };
  const { status, stdout } = await runScript(run, { ...Object.fromEntries(variables), ...runner });
  return { status, stdout, output: await readFile(GITHUB_OUTPUT, 'utf8') };
}

test('the GitHub Action waits for all, names the batch, starts nothing twice, and fails with those that fail', async () => {
  const world = await startTestWorld({ fake: { seeds } });
  const inputs = { 'flow-log-ids': 'fl-1 fl-2', url: world.apiUrl, wait: '1m' };
  const first = await runAction(inputs);
  expect({ status: first.status, output: first.output }).toEqual({
    status: 0,
    output: expect.stringMatching(/^batch-id=b-[a-f0-9]{32}\n$/),
  });
  expect(await runAction(inputs)).toMatchObject({ status: 0, output: first.output });
  expect((await world.volcengineCalls('ActiveFlowLog')).length).toBe(2);
  const other = await runAction({ ...inputs, 'flow-log-ids': 'fl-1 fl-cold' });
  // The key of this attempt was used with other flow logs.
  expect(other).toMatchObject({ status: 2, output: '' });
});

test('the Terraform recipe ends when the flow log is Active, and fails when it cannot be', async () => {
  const world = await startTestWorld({ fake: { seeds } });
  const recipe = await readFile(join(PROJECT_DIR, 'examples/terraform/main.tf'), 'utf8');
  const [, quoted = ''] = /^ +command += (".*")$/m.exec(recipe) ?? [];
  const command = v.parse(v.pipe(v.string(), v.parseJson(), v.string()), quoted);
  const apply = (FLOW_LOG_ID: string) =>
    runScript(command, { FLOW_LOG_ID, FLOW_LOG_ACTIVATOR_URL: world.apiUrl });
  expect(await apply('fl-1')).toMatchObject({ status: 0, stdout: expect.stringMatching(/\n1 Active\.\n/) });
  expect(await apply('fl-cold')).toMatchObject({ status: 1, stdout: expect.stringMatching(/\n1 frozen\n/) });
});

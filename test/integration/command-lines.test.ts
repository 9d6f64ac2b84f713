import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { expect, test, vi } from 'vitest';
import { COMPILE_CACHE_DIR } from '../../local/compile-cache.ts';
import manifest from '../../package.json' with { type: 'json' };

/** Each loads all that its program does, on a machine that others may use. */
vi.setConfig({ testTimeout: 90_000 });

const PROJECT_DIR = fileURLToPath(new URL('../..', import.meta.url));

/** The scripts that are programs of this project's own, but for the one that npm itself runs after an installation. */
const PROGRAMS = Object.entries<string>(v.parse(v.record(v.string(), v.string()), manifest.scripts)).flatMap(
  ([name, script]) => {
    const [, path] = /^node (\S+\.ts)$/.exec(script) ?? [];
    return path === undefined || name === 'prepare' ? [] : [{ name, path }];
  },
);

function run(path: string, args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, NODE_COMPILE_CACHE: COMPILE_CACHE_DIR };
  return new Promise((resolve) => {
    execFile(process.execPath, [path, ...args], { cwd: PROJECT_DIR, env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

test('they are all here', () => {
  expect(PROGRAMS.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'start',
      'demo',
      'build',
      'package',
      'contracts',
      'simulate',
      'torture',
      'fuzz',
      'load',
      'bench',
      'bench:gate',
    ]),
  );
});

test.each(PROGRAMS)('npm run $name -- --help says what it does, and does nothing', async ({ name, path }) => {
  const command = name === 'start' ? 'npm start' : `npm run ${name}`;
  const { code, stdout, stderr } = await run(path, ['--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(new RegExp(`^Usage: ${command} -- \\[options\\].*\\n\\n\\S.{40}`));
  expect(stdout).toMatch(/\n {2}--help +prints this text\n/);
  expect(stdout).toMatch(new RegExp(`\nExamples:\n {2}${command}`));
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(140);
});

test('-h is --help, of the program that builds, too', async () => {
  const { code, stdout } = await run('scripts/deploy.ts', ['-h']);
  expect({ code, usage: stdout.split('\n')[0] }).toEqual({
    code: 0,
    usage: 'Usage: npm run deploy -- [options]',
  });
});

test.each([
  ['local/start.ts', ['--prot', '1'], 'There is no option --prot. There are: --help.\n"1" is not an option.'],
  [
    'test/simulation/simulate.ts',
    ['--schedules', 'abc'],
    '--schedules must be a whole number from 1 to 10000000, not "abc".',
  ],
  ['test/simulation/simulate.ts', ['--theme', 'x'], '--theme must be one of: an outcome after its lease, '],
  [
    'test/torture/torture.ts',
    ['--flow-logs', '1'],
    '--flow-logs must be a whole number from 25 to 10000, not "1".',
  ],
  [
    'test/fuzz/fuzz.ts',
    ['--surface', 'none such'],
    '--surface must be part of a surface\'s name, not "none such".',
  ],
  [
    'bench/load.ts',
    ['--activations', '1500'],
    '--activations must be a multiple of 1000 from 2000 to 1000000, not "1500".',
  ],
  ['bench/bench.ts', ['nothing'], 'There is no bench "nothing". There are: signing, '],
  ['bench/bench.ts', ['signing', '--size', 'x=1'], '--size x: none of these benches has it. There are: '],
  [
    'bench/bench.ts',
    ['signing', '--size', 'measureMs=abc'],
    '--size must be name=number, not "measureMs=abc".',
  ],
  [
    'scripts/package.ts',
    ['--stage', 'abcdefghijklmnopqrstuvwxyz'],
    '--stage must be 1 to 23 letters, digits and hyphens, with a letter first',
  ],
  ['scripts/deploy.ts', ['-s', 'abcdefghijklmnopqrstuvwxyz'], '--stage must be 1 to 23 letters'],
  ['scripts/deploy.ts', ['--wrnog=3'], 'There is no option --wrnog. There are: '],
  ['scripts/deploy.ts', ['-s'], '--stage needs a value: --stage <name>.'],
  [
    'scripts/deploy.ts',
    ['--param', 'ratepersecond=1'],
    'There is no setting ratepersecond. The nearest is ratePerSecond.',
  ],
  [
    'scripts/package.ts',
    ['--param=workerMemory=1'],
    'workerMemory must be a whole number from 128 to 10240.',
  ],
])('%s %j is refused by name, with what is allowed', async (path, args, sentence) => {
  const { code, stdout, stderr } = await run(path, args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(sentence);
});

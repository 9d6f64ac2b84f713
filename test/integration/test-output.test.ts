import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const FIXTURE_DIR = fileURLToPath(new URL('../fixtures/test-output', import.meta.url));
const vitestPath = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

test('the output of tests is one line a file, then what a failed one printed, its error, the counts', () => {
  const { PATH, HOME } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [vitestPath, 'run'], {
    cwd: FIXTURE_DIR,
    env: { PATH, HOME, NO_COLOR: '1' },
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stdout).not.toContain('of what passes');
  expect(stderr).not.toContain('of what passes');
  expect(stdout.match(/\.case\.ts/g)).toHaveLength(2);
  expect(stdout).toMatch(/✓ quiet\.case\.ts \(4 tests \| 1 skipped\).*\n\s+↓ cannot run: for a reason/);
  expect(stdout).toMatch(/❯ failing\.case\.ts \(2 tests \| 1 failed\).*\n\s+× fails/);
  expect(stdout).toMatch(/Tests {2}1 failed \| 4 passed \| 1 skipped/);
  const [before, printed = ''] = stderr.split('Printed by: failing.case.ts > fails');
  expect(before?.trim()).toBe('');
  expect(printed).toMatch(/^\n {2}… 60 lines before\n.*"message":"before it failed: 60"/);
  expect(printed).toMatch(/"message":"before it failed: 99"[\s\S]*expected 'left' to be 'right'/);
});

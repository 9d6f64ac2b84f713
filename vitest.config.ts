import { defineConfig } from 'vitest/config';
import { QuietReporter } from './test/output/quiet-reporter.ts';

/** `.ci/run` wants the count of tests in a file. */
const report = process.env.TEST_REPORT;
const capture = 'test/output/capture-output.ts';

type Limits = { testTimeout: number; hookTimeout?: number };

/** One folder of test/, with all tests in it. */
function project(name: string, limits: Limits, more: object = {}) {
  return {
    test: { name, include: [`test/${name}/**/*.test.ts`], setupFiles: [capture], ...limits, ...more },
  };
}

/** After all others, one file at a time: what starts whole local worlds. */
const alone = { fileParallelism: false, sequence: { groupOrder: 1 } };

export default defineConfig({
  test: {
    reporters: report ? [new QuietReporter(), ['json', { outputFile: report }]] : [new QuietReporter()],
    silent: 'passed-only',
    // Or each slow test takes a line.
    slowTestThreshold: Number.POSITIVE_INFINITY,
    projects: [
      project('unit', { testTimeout: 30_000 }),
      project('contract', { testTimeout: 60_000, hookTimeout: 60_000 }),
      project('integration', { testTimeout: 30_000, hookTimeout: 60_000 }),
      project('simulation', { testTimeout: 300_000 }),
      project('fuzz', { testTimeout: 60_000 }),
      project(
        'e2e',
        { testTimeout: 120_000, hookTimeout: 60_000 },
        { ...alone, setupFiles: [capture, 'test/e2e/contract-check.ts'] },
      ),
      project('upgrade', { testTimeout: 600_000, hookTimeout: 60_000 }, alone),
      project('torture', { testTimeout: 240_000, hookTimeout: 60_000 }, alone),
    ],
  },
});

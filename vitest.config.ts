import { defineConfig } from 'vitest/config';
import { QuietReporter } from './test/output/quiet-reporter.ts';

/** `.ci/run` wants the count of tests in a file. */
const report = process.env.TEST_REPORT;
const capture = 'test/output/capture-output.ts';

export default defineConfig({
  test: {
    reporters: report ? [new QuietReporter(), ['json', { outputFile: report }]] : [new QuietReporter()],
    silent: 'passed-only',
    // Or each slow test takes a line.
    slowTestThreshold: Number.POSITIVE_INFINITY,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          setupFiles: [capture],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          setupFiles: [capture],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          setupFiles: [capture],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          setupFiles: [capture, 'test/e2e/contract-check.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});

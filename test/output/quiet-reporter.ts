import { DefaultReporter, type Reporter, type TestCase, type TestModuleState } from 'vitest/node';

type ConsoleLog = Parameters<NonNullable<Reporter['onUserConsoleLog']>>[0];

/** Of each failed test; what led to a failure is seldom further back. */
const LAST_LINES = 40;

/**
 * One line a file, or a line a test when a terminal asks for one file; and a line for each test that could not run, with
 * the reason. What failed comes last: first what it printed, then its error, then the counts.
 */
export class QuietReporter extends DefaultReporter {
  readonly #printedByFailed = new Map<string, string>();

  /** With `silent: 'passed-only'`, called once more for what a failed test has printed. */
  override onUserConsoleLog({ taskId = '', content }: ConsoleLog, taskState?: string): void {
    if (taskState !== 'failed') return;
    this.#printedByFailed.set(taskId, (this.#printedByFailed.get(taskId) ?? '') + content);
  }

  override printTestCase(moduleState: TestModuleState, test: TestCase): void {
    const result = test.result();
    if (this.renderSucceed || result.state === 'failed') super.printTestCase(moduleState, test);
    else if (result.state === 'skipped' && result.note) this.log(`   ↓ ${test.fullName}: ${result.note}`);
  }

  override onTestRunEnd(...[modules, errors, reason]: Parameters<DefaultReporter['onTestRunEnd']>): void {
    for (const [taskId, printed] of this.#printedByFailed) {
      const task = this.ctx.state.idMap.get(taskId);
      const lines = printed.trimEnd().split('\n');
      const left = Math.max(0, lines.length - LAST_LINES);
      this.error(`\nPrinted by: ${task ? this.getFullName(task, ' > ') : 'a test'}`);
      if (left > 0) this.error(`  … ${left} lines before`);
      for (const line of lines.slice(left)) this.error(`  ${line}`);
    }
    super.onTestRunEnd(modules, errors, reason);
  }
}

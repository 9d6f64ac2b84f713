import { expect, test } from 'vitest';
import { examplesOf, openTerminal, startAsWritten } from './page-terminal.ts';

test('README, "Try it": every example, as it is written', async () => {
  const { start, ask } = await examplesOf('README.md', 'Try it', ['start', 'ask']);
  const API = await startAsWritten(start);
  const terminal = openTerminal({ API, FLOW_LOG_ACTIVATOR_URL: API });
  const batchId = 'b-5a8297000da1b6b4e02ef2fb2856b69a';
  const { stdout } = await terminal.run(ask);
  expect(stdout).toMatch(new RegExp(`^Stored as ${batchId}: 2 flow logs\\.\n[\\s\\S]*\n2 Active\\.\n`));
  expect(stdout).toMatch(/\nfl-1 {2}completed\n[\s\S]*Nothing has failed/);
});

import { expect, test } from 'vitest';
import { examplesOf, openTerminal, startAsWritten } from './page-terminal.ts';
import { untilDone } from './world.ts';

test('README, "Try it": every example, as it is written', async () => {
  const { start, ask, read } = await examplesOf('README.md', 'Try it', ['start', 'ask', 'read']);
  const API = await startAsWritten(start);
  const terminal = openTerminal({ API });
  const batchId = 'b-5a8297000da1b6b4e02ef2fb2856b69a';
  expect((await terminal.run(ask)).stdout).toContain(`{"batchId":"${batchId}","activations":[`);
  await untilDone(API, batchId);
  expect((await terminal.run(read)).stdout).toContain(
    '"counts":{"queued":0,"pending":0,"completed":2,"failed":0},"done":true',
  );
});

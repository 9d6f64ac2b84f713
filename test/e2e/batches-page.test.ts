import { expect, test } from 'vitest';
import { examplesOf, openTerminal, startAsWritten } from './page-terminal.ts';
import { untilDone } from './world.ts';

test('docs/guides/batches.md, "Try it": every example, as it is written', async () => {
  const names = ['seed', 'plan', 'direct', 'fire'] as const;
  const { seed, plan, direct, fire } = await examplesOf('docs/guides/batches.md', 'Try it', names);
  const API = await startAsWritten('npm start');
  const terminal = openTerminal({ API });

  await terminal.run(seed);
  const { stdout: planned } = await terminal.run(plan);
  expect(planned).toContain('"counts":{"wouldActivate":1,"alreadyOpen":0,"alreadyActive":0,"frozen":1,');
  expect(planned).toContain('HTTP/1.1 202 Accepted');
  const [, batchId] = /"batches":\[\{"batchId":"(b-\w+)","total":1\}\]/.exec(planned) ?? [];
  expect((await terminal.run(direct)).stdout).toContain(`"batches":[{"batchId":"b-`);
  await untilDone(API, batchId);
  const { stdout: fired } = await terminal.run(fire);
  expect(fired).toMatch(/\{"eventId":"p-\w+\.planned","counts":\{"wouldActivate":0,/);
  expect(fired).toContain('"frozen":1');
});

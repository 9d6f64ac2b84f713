import { expect, test } from 'vitest';
import { examplesOf, openTerminal, startAsWritten } from './page-terminal.ts';
import { call, until, untilDone } from './world.ts';

test('the tour of docs/guides/try-locally.md: every example, as it is written', async () => {
  const names = ['ask', 'look', 'bad', 'watch', 'trouble'] as const;
  const { ask, look, bad, watch, trouble } = await examplesOf('docs/guides/try-locally.md', 'A tour', names);
  const API = await startAsWritten('npm start');
  const terminal = openTerminal({ API });

  expect((await terminal.run(ask)).stdout).toContain('HTTP/1.1 202 Accepted');
  await untilDone(API, 'b-5a8297000da1b6b4e02ef2fb2856b69a');
  const { stdout: looked } = await terminal.run(look);
  expect(looked).toContain('"counts":{"queued":0,"pending":0,"completed":2,"failed":0},"done":true');
  expect(looked).toContain('"metadata":{"ticket":"OPS-42"}');
  expect(looked).toContain('"requestedBy":"arn:aws:iam::000000000000:user/local"');
  expect(looked).toContain('"nextCursor"');
  expect((await terminal.run(bad)).stdout).toContain(
    '{"field":"metdata","message":"is not a field of this request"}',
  );
  expect((await terminal.run(watch)).stdout).toContain('flow-log-activation.submitted.v1');
  expect((await terminal.run(trouble)).stdout).toContain('"flowLogId":"fl-cold"');
  const frozen = `${API}/activations?flowLogId=fl-cold&status=failed`;
  await until(
    () => call(frozen),
    ({ body }) => JSON.stringify(body).includes('"reason":"frozen"'),
  );
});

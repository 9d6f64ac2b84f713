import { expect, test } from 'vitest';
import { examplesOf, openTerminal } from './page-terminal.ts';
import { startTestWorld, until } from './world.ts';

const PAGE = 'docs/guides/operate.md';
const region = 'cn-beijing';

test('docs/guides/operate.md: every example, as it is written', async () => {
  const { redrive } = await examplesOf(PAGE, 'Redrive', ['redrive']);
  const { cancel } = await examplesOf(PAGE, 'Cancel', ['cancel']);
  const { start, followAndAbort } = await examplesOf(PAGE, 'Many at once', ['start', 'followAndAbort']);
  const { pause, resume } = await examplesOf(PAGE, 'Pause', ['pause', 'resume']);
  const { check } = await examplesOf(PAGE, 'Drift checks', ['check']);

  const world = await startTestWorld({ fake: { seeds: [{ region, flowLogId: 'fl-cold', frozen: true }] } });
  const [ID = ''] = await world.request('fl-cold');
  const terminal = openTerminal({ API: world.apiUrl, ID });
  await world.untilActivation(ID, ({ status }) => status === 'failed');
  const refused = await until(
    () => terminal.run(redrive),
    ({ stdout }) => stdout.includes('not-redrivable'),
  );
  expect(refused.stdout).toContain('"queued":0,"adopted":0,"refused":1');

  await world.seed('fl-cold');
  expect((await terminal.run(redrive)).stdout).toContain('"status":"queued"');
  await world.untilActivation(ID, ({ status, generation }) => status === 'completed' && generation === 2);
  expect((await terminal.run(cancel)).stdout).toContain('not-cancellable');
  const { stdout } = await terminal.run(start);
  const OPERATION = /"operationId":"(o-[a-f0-9]{32})"/.exec(stdout)?.[1] ?? '';
  const followed = await openTerminal({ API: world.apiUrl, OPERATION }).run(followAndAbort);
  expect(followed.stdout).toContain('"refusals":[]');
  expect((await terminal.run(pause)).stdout).toContain('"paused":true');
  expect((await terminal.run(resume)).stdout).toContain('"paused":false');
  expect((await terminal.run(check)).stderr).toBe('');
  await world.untilLogged('checked for drift');
});

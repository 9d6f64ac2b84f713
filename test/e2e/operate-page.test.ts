import { expect, test } from 'vitest';
import { examplesOf, openTerminal } from './page-terminal.ts';
import { startTestWorld, until } from './world.ts';

const PAGE = 'docs/guides/operate.md';
const region = 'cn-beijing';

test('docs/guides/operate.md: every example, as it is written', async () => {
  const { look } = await examplesOf(PAGE, 'What is wrong', ['look']);
  const { status } = await examplesOf(PAGE, 'Status', ['status']);
  const { redrive } = await examplesOf(PAGE, 'Redrive', ['redrive']);
  const { cancel } = await examplesOf(PAGE, 'Cancel', ['cancel']);
  const { many } = await examplesOf(PAGE, 'Many at once', ['many']);
  const { pause, resume } = await examplesOf(PAGE, 'Pause', ['pause', 'resume']);
  const { check } = await examplesOf(PAGE, 'Drift checks', ['check']);

  const world = await startTestWorld({ fake: { seeds: [{ region, flowLogId: 'fl-cold', frozen: true }] } });
  const [ID = ''] = await world.request('fl-cold');
  const terminal = openTerminal({ API: world.apiUrl, FLOW_LOG_ACTIVATOR_URL: world.apiUrl });
  await world.untilActivation(ID, ({ status }) => status === 'failed');
  const refused = await until(
    () => terminal.run(redrive),
    ({ stdout }) => stdout.includes('refused: it cannot be redriven: the flow log is still frozen'),
  );
  expect(refused.stdout).toContain('redrive completed: 0 done, 1 refused');
  const { stdout: looked } = await terminal.run(look);
  expect(looked).toMatch(
    /1 frozen\n[\s\S]*1 frozen\n {2}fl-cold\n[\s\S]*fl-cold {2}failed \(frozen\)\n[\s\S]*✓ accounts {3}default ok\n/,
  );
  expect((await terminal.run(status)).stdout).toContain('"failed":[{"reason":"frozen","count":{"count":1}}]');

  await world.seed('fl-cold');
  expect((await terminal.run(redrive)).stdout).toMatch(/fl-cold {2}queued\n[\s\S]*redrive completed: 0 done/);
  await world.untilActivation(ID, ({ status, generation }) => status === 'completed' && generation === 2);
  expect((await terminal.run(cancel)).stdout).toContain('fl-cold  refused: ');
  const operations = (await terminal.run(many)).stdout;
  for (const action of ['redrive', 'cancel', 'retry-now']) {
    expect(operations).toContain(`${action} completed: 0 done, 0 refused, `);
  }
  expect(operations).toMatch(/\no-[a-f0-9]{32} {2}redrive completed/);
  expect((await terminal.run(pause)).stdout).toContain('default is paused');
  expect((await terminal.run(resume)).stdout).toContain('default is not paused.');
  expect((await terminal.run(check)).stderr).toBe('');
  await world.untilLogged('checked for drift');
});

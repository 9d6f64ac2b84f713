import * as v from 'valibot';
import { expect, test } from 'vitest';
import { examplesOf, openTerminal } from './page-terminal.ts';
import { activationOf, call, post, startTestWorld, until } from './world.ts';

const PAGE = 'docs/guides/operate.md';
const region = 'cn-beijing';
const openedBody = v.object({ activations: v.tuple([v.object({ activationId: v.string() })]) });

test('docs/guides/operate.md: every example, as it is written', async () => {
  const [redrive = '', ...more] = await examplesOf(PAGE, 'Redrive');
  const [cancel = '', ...other] = await examplesOf(PAGE, 'Cancel');
  const [check = '', ...rest] = await examplesOf(PAGE, 'Drift checks');
  expect([more, other, rest]).toEqual([[], [], []]);

  const world = await startTestWorld({ fake: { seeds: [{ region, flowLogId: 'fl-cold', frozen: true }] } });
  const { activations } = v.parse(openedBody, (await post(world, { flowLogIds: ['fl-cold'] })).body);
  const [{ activationId: ID }] = activations;
  const terminal = openTerminal({ API: world.apiUrl, ID });
  await until(
    () => activationOf(world, ID),
    ({ status }) => status === 'failed',
  );
  const refused = await until(
    () => terminal.run(redrive),
    ({ stdout }) => stdout.includes('not-redrivable'),
  );
  expect(refused.stdout).toContain('"queued":0,"adopted":0,"refused":1');

  const thawed = JSON.stringify({ region, flowLogId: 'fl-cold', pendingMs: 100 });
  await call(`${world.description.volcengine}/_fake/flow-logs`, { method: 'PUT', body: thawed });
  expect((await terminal.run(redrive)).stdout).toContain('"status":"queued"');
  await until(
    () => activationOf(world, ID),
    ({ status, generation }) => status === 'completed' && generation === 2,
  );
  expect((await terminal.run(cancel)).stdout).toContain('not-cancellable');
  expect((await terminal.run(check)).stderr).toBe('');
  await until(
    () => world.logs,
    (lines) => lines.some(({ message }) => message === 'checked for drift'),
  );
});

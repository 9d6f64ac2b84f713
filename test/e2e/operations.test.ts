import * as v from 'valibot';
import { expect, test } from 'vitest';
import { call, startTestWorld, type TestWorld, until } from './world.ts';

const region = 'cn-beijing';
const ids = Array.from({ length: 12 }, (_, index) => `fl-${index}`);

const refusals = v.array(v.object({ activationId: v.string(), why: v.string() }));
const completedCount = v.object({ completed: v.number() });

const ended = (world: TestWorld, operationId: string) =>
  until(
    () => call(`${world.apiUrl}/operations/${operationId}`),
    ({ body }) => body.finishedAt !== undefined,
  );

test('an operation redrives all that failed, and lists those that are still frozen', async () => {
  const world = await startTestWorld({
    fake: { seeds: ids.map((flowLogId) => ({ region, flowLogId, frozen: true, pendingMs: 100 })) },
  });
  const { body } = await world.post({ flowLogIds: ids });
  await world.untilDone(body.batchId);
  for (const flowLogId of ids.slice(2)) await world.seed(flowLogId, { pendingMs: 100 });
  const filter = { reason: 'frozen', account: 'default' };
  const { body: started } = await world.postTo('/operations', { action: 'redrive', filter });

  const { body: operation } = await ended(world, String(started.operationId));
  expect(operation).toMatchObject({ status: 'completed', filter, looked: 12, done: 10, refused: 2 });
  const refused = v.parse(refusals, operation.refusals).map(({ activationId }) => activationId.split('.')[2]);
  expect(refused.sort()).toEqual(['fl-0', 'fl-1']);
  const batch = await until(
    () => call(`${world.apiUrl}/batches/${body.batchId}`),
    ({ body: { counts } }) => v.parse(completedCount, counts).completed === 10,
  );
  expect(batch.body.counts).toMatchObject({ completed: 10, failed: 2 });
});

test('a paused account is not called; resumed, what waited completes', async () => {
  const world = await startTestWorld({
    fake: { seeds: [{ region, flowLogId: 'fl-waits', pendingMs: 100 }] },
  });
  const pause = (method: string) => call(`${world.apiUrl}/accounts/default/pause`, { method });
  expect((await pause('PUT')).body).toMatchObject({ account: 'default', paused: true });
  const [activationId = ''] = await world.request('fl-waits');
  await world.untilLogged('job dropped: its account is paused');
  const selected = await world.postTo('/batches', { selector: {} });
  expect([selected.status, selected.body.type]).toEqual([
    409,
    'urn:flow-log-activator:problem:account-paused',
  ]);
  expect(await world.volcengineCalls('ActiveFlowLog')).toEqual([]);
  expect(await world.volcengineCalls('DescribeFlowLogs')).toEqual([]);

  expect((await pause('DELETE')).body).toEqual({ account: 'default', paused: false });
  await world.untilActivation(activationId, ({ status }) => status === 'completed');
});

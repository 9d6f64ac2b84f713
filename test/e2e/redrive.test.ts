import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { activationIdsOf, call, startTestWorld, type TestWorld, until } from './world.ts';

const region = 'cn-beijing';

/** Asks, and waits until it is final and its facts are told. */
async function ended(world: TestWorld, flowLogId: string): Promise<string> {
  const { body } = await world.post({ flowLogIds: [flowLogId] });
  await world.untilDone(body.batchId);
  const [activationId = ''] = activationIdsOf(body);
  return activationId;
}

test('a frozen one: refused while it is frozen, redriven when it is not, adopted when it is Active', async () => {
  const world = await startTestWorld({
    fake: { seeds: ['fl-1', 'fl-2'].map((flowLogId) => ({ region, flowLogId, frozen: true })) },
  });
  const [first, second] = [await ended(world, 'fl-1'), await ended(world, 'fl-2')];
  await world.receive(world.description.queues.deadLetter);
  await world.receive(world.description.queues.deadLetter);

  const refusal = await world.redriveWhenTold(first);
  expect([refusal.status, refusal.body.type]).toEqual([409, 'urn:flow-log-activator:problem:not-redrivable']);
  expect(refusal.body.detail).toContain('still frozen');

  await world.seed('fl-1');
  await world.seed('fl-2', { status: 'Active' });
  for (let time = 0; time < 2; time += 1) {
    const redriven = await world.redrive(first, { generation: 1 });
    expect(redriven).toMatchObject({ status: 202, body: { generation: 2 } });
  }
  const done = await world.untilActivation(first, ({ status }) => status === 'completed');
  expect(done).toMatchObject({ generation: 2, adopted: false });
  const adopted = { status: 202, body: { status: 'completed', adopted: true } };
  expect(await world.redrive(second)).toMatchObject(adopted);
  expect((await world.redrive(second)).status).toBe(409);

  const calls = await world.volcengineCalls('ActiveFlowLog');
  const ofFirst = calls.filter(({ flowLogIds }) => flowLogIds.includes('fl-1'));
  expect(new Set(ofFirst.map(({ clientToken }) => clientToken)).size).toBe(2);
});

test('a whole reason at once; a throttled look is 503 with Retry-After', async () => {
  const seeds = Array.from({ length: 5 }, (_, index) => ({ region, flowLogId: `fl-${index}`, frozen: true }));
  const world = await startTestWorld({ fake: { seeds } });
  const { body } = await world.post({ flowLogIds: seeds.map(({ flowLogId }) => flowLogId) });
  await world.untilDone(body.batchId);
  for (const _ of seeds) await world.receive(world.description.queues.deadLetter);
  for (const { flowLogId } of seeds.slice(1)) await world.seed(flowLogId);

  const all = (filter: unknown) => world.postTo('/dead-letters/redrive', filter);
  await world.addFaults({
    kind: 'error',
    action: 'DescribeFlowLogs',
    code: 'FlowLimitExceeded',
    retryAfterSeconds: 7,
    // The group, then one id of it alone: what that one is answered too is the account's.
    times: 2,
  });
  const throttled = await until(
    () => all({ reason: 'frozen' }),
    ({ body: answer }) => answer.type !== 'urn:flow-log-activator:problem:outbox-pending',
  );
  expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([503, '7']);

  let queued = 0;
  await until(
    async () => {
      const answer = await all({ reason: 'frozen', limit: 10 });
      if (answer.status === 202) queued += Number(answer.body.queued);
      return queued;
    },
    (count) => count === 4,
  );
  const { counts } = await world.untilBatch(body.batchId, (seen) => seen.counts.completed === 4);
  expect(counts.failed).toBe(1);
  expect(await all({ reason: 'not-found' })).toMatchObject({
    status: 202,
    body: { queued: 0, refused: 0, more: false },
  });
  expect(await all({ reason: 'tired' })).toMatchObject({ status: 422 });
});

test('a dead letter moved back to the work queue is a redrive of its generation, once', async () => {
  const world = await startTestWorld();
  const { queues } = world.description;
  const id = await ended(world, 'fl-late');
  const deadLetter = await world.receive(queues.deadLetter);
  await world.seed('fl-late');
  for (let copy = 0; copy < 3; copy += 1) {
    await world.sqs.send(
      new SendMessageCommand({ QueueUrl: queues.activation, MessageBody: deadLetter?.Body }),
    );
  }
  const done = await world.untilActivation(id, ({ status }) => status === 'completed');
  expect(done.generation).toBe(2);
});

test('cancel: while it waits, once; not what others wait for, nor what Volcengine has', async () => {
  const flowLogIds = ['fl-waits', 'fl-shared', 'fl-pending'];
  const world = await startTestWorld({
    env: { RETRY_BASE_MS: '900000' },
    fake: { seeds: flowLogIds.map((flowLogId) => ({ region, flowLogId, pendingMs: 60_000 })) },
  });
  const conflict = { kind: 'error', action: 'ActiveFlowLog', code: 'InvalidOperation.Conflict' };
  await world.addFaults([
    { ...conflict, flowLogId: 'fl-waits' },
    { ...conflict, flowLogId: 'fl-shared' },
  ]);
  const [waits = '', shared = '', pending = ''] = await world.request(...flowLogIds);
  await world.request('fl-shared');
  await world.untilActivation(waits, ({ lastError }) => lastError !== undefined);
  await world.untilActivation(shared, ({ lastError }) => lastError !== undefined);
  await world.untilActivation(pending, ({ status }) => status === 'pending');

  const cancel = (id: string) => call(`${world.apiUrl}/activations/${id}`, { method: 'DELETE' });
  const cancelled = { status: 202, body: { status: 'failed', reason: 'cancelled' } };
  expect(await cancel(waits)).toMatchObject(cancelled);
  expect(await cancel(waits)).toMatchObject(cancelled);
  const refusals = [await cancel(shared), await cancel(pending), await cancel('nonsense')];
  expect(refusals.map(({ status, body: { detail } }) => [status, detail])).toEqual([
    [409, expect.stringContaining('1 other batch waits')],
    [409, expect.stringContaining('has been called')],
    [404, expect.any(String)],
  ]);
  const isCancelled = (text = '') => text.includes('"reason":"cancelled"');
  const event = await until(
    () => world.receive(world.description.queues.events),
    (message) => isCancelled(message?.Body),
  );
  expect(event?.Body).toContain('flow-log-activation.failed.v1');
});

test('wrong keys hold every job, raise the alarm, and all goes on when they are right', async () => {
  const wrong = { account: 'default', accessKey: 'AK', secretKey: 'SK' };
  const world = await startTestWorld({
    env: { HOLD_RETRY_MS: '1000', VOLCENGINE_ACCESS_KEY: 'AK', VOLCENGINE_SECRET_KEY: 'SK' },
    fake: {
      credentials: [{ ...wrong, secretKey: 'another' }],
      seeds: ['fl-1', 'fl-2', 'fl-3'].map((flowLogId) => ({ region, flowLogId, pendingMs: 100 })),
    },
  });
  const { body } = await world.post({ flowLogIds: ['fl-1', 'fl-2', 'fl-3'] });
  const held = () =>
    world.logs.filter(({ level, fields }) => level === 'METRIC' && 'HeldActivations' in fields).length;
  await until(held, (count) => count >= 3);
  expect((await world.batch(body.batchId)).counts).toMatchObject({ queued: 3, failed: 0 });
  await world.changeSettings({ credentials: [wrong] });
  const { counts } = await world.untilDone(body.batchId);
  expect(counts).toMatchObject({ completed: 3, failed: 0 });
});

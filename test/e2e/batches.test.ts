import * as v from 'valibot';
import { expect, test } from 'vitest';
import { batchPlannedSchema } from '../../events/batch-planned-v1.ts';
import { call, startTestWorld, type TestWorld } from './world.ts';

const region = 'cn-beijing';

const started = v.object({
  planId: v.string(),
  counts: v.record(v.string(), v.number()),
  batches: v.array(v.object({ batchId: v.string(), total: v.number() })),
});

const postBatch = (world: TestWorld, body: unknown, headers?: Record<string, string>) =>
  world.postTo('/batches', body, headers);

/** As `aws lambda invoke` does. Throws what the function throws. */
async function fire(world: TestWorld, event: unknown): Promise<unknown> {
  const url = `${world.apiUrl}/2015-03-31/functions/start-scheduled-batch/invocations`;
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(event) });
  const answer: unknown = await response.json();
  if (response.headers.has('x-amz-function-error')) throw new Error(JSON.stringify(answer));
  return answer;
}

test('a schedule that fires twice at once, and once more later, starts one batch, and all of it completes', async () => {
  const ids = Array.from({ length: 40 }, (_, index) => `fl-${index}`);
  const world = await startTestWorld({
    fake: {
      seeds: [
        ...ids.map((flowLogId) => ({ region, flowLogId, flowLogName: `prod-${flowLogId}`, pendingMs: 200 })),
        { region, flowLogId: 'fl-other', flowLogName: 'dev' },
        { region, flowLogId: 'fl-cold', flowLogName: 'prod-cold', frozen: true },
        { region, flowLogId: 'fl-on', flowLogName: 'prod-on', status: 'Active' },
      ],
    },
  });
  const nightly = {
    schedule: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/nightly',
    scheduledAt: '2026-01-02T01:00:00Z',
    selector: { name: 'prod-*' },
    metadata: { by: 'night' },
  };
  const [first, second] = await Promise.all([fire(world, nightly), fire(world, nightly)]);
  expect(second).toEqual(first);
  const { batches, counts } = v.parse(started, first);
  expect(batches).toMatchObject([{ total: 40 }]);
  expect(counts).toMatchObject({ wouldActivate: 40, frozen: 1, alreadyActive: 1, otherStatus: 0 });
  const { counts: ended } = await world.untilDone(batches[0]?.batchId, 60_000);
  expect(ended).toEqual({ queued: 0, pending: 0, completed: 40, failed: 0 });
  expect(await fire(world, nightly)).toEqual(first);

  const activated = await world.volcengineCalls('ActiveFlowLog');
  expect(activated.flatMap(({ flowLogIds }) => flowLogIds).sort()).toEqual(ids.toSorted());
  const list = await call(`${world.apiUrl}/activations?limit=1`);
  expect(list.body).toMatchObject({
    activations: [{ source: 'schedule:default/nightly', metadata: { by: 'night' } }],
  });
});

test('a schedule whose input is wrong fails, and says in the log what is wrong with it', async () => {
  const world = await startTestWorld();
  const fired = fire(world, { schedule: 'x', scheduledAt: 'y', selector: { vpc: 1 } });
  await expect(fired).rejects.toThrow('scheduledAt');
  const refused = await world.untilLogged('the input of the schedule is refused');
  expect(JSON.stringify(refused)).toContain('selector.vpc');
});

test('a dry run over 5,000 flow logs: 50 calls, and one more for each that failed', async () => {
  const ids = Array.from({ length: 5_000 }, (_, index) => `fl-${String(index).padStart(4, '0')}`);
  const world = await startTestWorld({ fake: { seeds: ids.map((flowLogId) => ({ region, flowLogId })) } });
  const { status, body } = await postBatch(world, { selector: {}, dryRun: true });
  expect(status).toBe(200);
  expect(body).toMatchObject({ counts: { wouldActivate: 5_000 }, more: true });
  expect(v.parse(v.object({ wouldActivate: v.array(v.string()) }), body.ids).wouldActivate).toEqual(
    ids.slice(0, 100),
  );
  expect(await world.volcengineCalls('DescribeFlowLogs')).toHaveLength(50);

  await world.addFaults([
    { kind: 'error', action: 'DescribeFlowLogs', code: 'AccountFlowLimitExceeded', nth: [1] },
    { kind: 'truncated', action: 'DescribeFlowLogs', nth: [20] },
    { kind: 'error', action: 'DescribeFlowLogs', code: 'InternalError', nth: [40] },
  ]);
  const nightly = { schedule: 'nightly', scheduledAt: '2026-01-02T01:00:00Z', selector: {}, dryRun: true };
  const planned = await fire(world, nightly);
  expect(planned).toMatchObject({ counts: { wouldActivate: 5_000 }, more: true });
  const calls = (await world.volcengineCalls('DescribeFlowLogs')).slice(50);
  expect(calls.filter(({ fault }) => fault !== undefined)).toHaveLength(3);
  expect(calls).toHaveLength(53);

  const message = await world.receive(world.description.queues.events);
  const { detail } = v.parse(v.object({ detail: batchPlannedSchema }), JSON.parse(message?.Body ?? ''));
  expect(detail).toMatchObject({
    subject: 'nightly',
    data: { scheduledAt: '2026-01-02T01:00:00.000Z', counts: { wouldActivate: 5_000 }, more: true },
  });
  expect(detail.data.ids.wouldActivate).toHaveLength(100);
  const { body: activations } = await call(`${world.apiUrl}/activations`);
  expect(activations).toEqual({ activations: [] });
});

test('POST /batches: by selector, dry, and by plan; again; and when the world has moved', async () => {
  const ids = Array.from({ length: 60 }, (_, index) => `fl-${index}`);
  const seeds = ids.map((flowLogId, index) => ({
    region,
    flowLogId,
    pendingMs: 100,
    vpcId: index < 40 ? 'vpc-a' : 'vpc-b',
    tags: [{ key: 'env', value: index % 2 === 0 ? 'prod' : 'dev' }],
  }));
  const world = await startTestWorld({ fake: { seeds } });
  const key = { 'idempotency-key': 'ticket-1' };

  const bySelector = {
    selector: { vpcId: 'vpc-b', tags: { env: ['prod', 'staging'] } },
    metadata: { a: '1' },
  };
  const first = await postBatch(world, bySelector, key);
  expect(first).toMatchObject({
    status: 202,
    body: { counts: { wouldActivate: 10 }, batches: [{ total: 10 }] },
  });
  expect((await postBatch(world, bySelector, key)).body).toEqual(first.body);
  expect(await postBatch(world, { selector: {} }, key)).toMatchObject({
    status: 422,
    body: { type: 'urn:flow-log-activator:problem:idempotency-key-reused' },
  });
  const [{ batchId } = { batchId: '' }] = v.parse(started, first.body).batches;
  await world.untilDone(batchId, 60_000);

  const dry = await postBatch(world, { selector: {}, dryRun: true, metadata: { a: '2' } });
  expect(dry).toMatchObject({ status: 200, body: { counts: { wouldActivate: 50, alreadyActive: 10 } } });
  const { planId } = dry.body;
  await world.seed('fl-0', { frozen: true, vpcId: 'vpc-a' });
  expect(await postBatch(world, { planId })).toMatchObject({
    status: 409,
    body: {
      type: 'urn:flow-log-activator:problem:plan-outdated',
      difference: {
        appeared: { count: 0 },
        gone: { count: 0 },
        changed: { count: 1, flowLogs: [{ flowLogId: 'fl-0', from: 'wouldActivate', to: 'frozen' }] },
      },
    },
  });
  await world.seed('fl-0', { frozen: false, vpcId: 'vpc-a' });
  const byPlan = await postBatch(world, { planId });
  expect(byPlan).toMatchObject({ status: 202, body: { planId, batches: [{ total: 50 }] } });
  expect((await postBatch(world, { planId })).body).toEqual(byPlan.body);
  const [ofPlan] = v.parse(started, byPlan.body).batches;
  const { counts } = await world.untilDone(ofPlan?.batchId, 60_000);
  expect(counts.completed).toBe(50);
  expect(await postBatch(world, { selector: {} })).toMatchObject({ status: 200, body: { batches: [] } });
});

import { parse } from 'valibot';
import { beforeEach, describe, expect, test } from 'vitest';
import { flowLogDriftedSchema } from '../../../../events/flow-log-drifted-v1.ts';
import { checkDrift } from '../../../../lib/activation/drift/check-drift.ts';
import type { Activation } from '../../../../lib/activation/model/activation.ts';
import { complete } from '../../../../lib/activation/model/endings.ts';
import type { CallFailure } from '../../../../lib/activation/model/outcome.ts';
import { createPoller } from '../../../../lib/activation/poller/poll-activations.ts';
import { aCompletedActivation, numberedIds, published } from '../../../support/builders/activations.ts';
import { callFailure, refusedPermanently } from '../../../support/builders/call-failures.ts';
import { inMemoryDeps } from '../../../support/builders/in-memory-deps.ts';
import { anActivation, batchIdOf, START } from '../../../support/fakes/activations.ts';

const LAG_MS = 5_000;
/** So long ago that no replica shows the state before it. */
const COMPLETED_AT = START - LAG_MS;

let deps = inMemoryDeps();
let { clock, store, api, limiter, metrics, log, publisher } = deps;

beforeEach(() => {
  deps = inMemoryDeps();
  ({ clock, store, api, limiter, metrics, log, publisher } = deps);
});

const check = (ms = 600_000) =>
  checkDrift(
    { ...deps, replicaLagMs: LAG_MS },
    { readUntil: clock.now + ms, describeUntil: clock.now + 2 * ms },
  );
const put = async (flowLogIds: string[], change: Partial<Activation> = {}) => {
  for (const flowLogId of flowLogIds) {
    const completed = complete(anActivation({ flowLogId, ...change }), false, COMPLETED_AT);
    await store.open({ ...published(completed), ...change });
  }
};
/** DescribeFlowLogs shows them from now on. */
const putShown = async (status: string, flowLogIds: string[], change: Partial<Activation> = {}) => {
  await put(flowLogIds, change);
  api.show(status, flowLogIds);
};
const driftOf = async (flowLogId: string) => (await store.currentOf(flowLogId)).drift;
const callsFor = (account: string) => api.describedScopes.filter((scope) => scope.account === account);
/** Each call takes so long. */
const slowDown = (ms: number) => {
  api.duringDescribe = () => {
    clock.now += ms;
  };
};

test('without completed activations: makes no call and writes nothing', async () => {
  await store.open(anActivation());
  expect(await check()).toEqual({
    checked: 0,
    drifted: 0,
    recovered: 0,
    paused: 0,
    unchecked: 0,
    isWhole: true,
  });
  expect(api.described).toEqual([]);
  expect(await deps.checkpoints.read('check-drift')).toEqual({ version: 0 });
});

test('a flow log that is no longer Active is recorded and counted once, and the poller publishes it once', async () => {
  await putShown('Active', numberedIds(3));
  api.show('Inactive', ['fl-1']);
  expect(await check()).toMatchObject({ checked: 3, drifted: 1, unchecked: 0 });
  expect(metrics.counts.get('DriftedFlowLogs')).toBe(1);
  const poller = createPoller(deps);
  await poller.tick(clock.now + 60_000);
  await check();
  await poller.tick(clock.now + 60_000);
  const [event, ...others] = publisher.published;
  expect(others).toEqual([]);
  const body = JSON.parse(event?.body ?? '');
  expect(parse(flowLogDriftedSchema, body)).toEqual(body);
  expect(body).toMatchObject({
    id: `default.cn-beijing.fl-1.${batchIdOf(1)}.1.drifted`,
    subject: 'fl-1',
    data: {
      kind: 'inactive',
      status: 'Inactive',
      ordinal: 1,
      completedAt: new Date(COMPLETED_AT).toISOString(),
    },
  });
  api.show('Active');
  clock.now += LAG_MS;
  expect(await check()).toMatchObject({ recovered: 1 });
  api.show('Inactive');
  clock.now += LAG_MS;
  expect(await check()).toMatchObject({ drifted: 1 });
  await poller.tick(clock.now + 60_000);
  expect(publisher.published.map(({ id }) => id)).toEqual([
    `default.cn-beijing.fl-1.${batchIdOf(1)}.1.drifted`,
    `default.cn-beijing.fl-1.${batchIdOf(1)}.2.drifted`,
  ]);
});

describe('absent', () => {
  test('once: described again later, in a second call', async () => {
    await put(['fl-1']);
    api.duringDescribe = () => api.described.length > 1 && api.show('Active');
    expect(await check()).toMatchObject({ drifted: 0 });
    expect(api.described).toEqual([['fl-1'], ['fl-1']]);
    expect(clock.now).toBe(START + LAG_MS);
  });

  test('three times, each one replica lag later: gone', async () => {
    await put(['fl-1']);
    expect(await check()).toMatchObject({ drifted: 1, recovered: 0 });
    expect(await driftOf('fl-1')).toMatchObject({ kind: 'gone', detectedAt: START + 2 * LAG_MS });
  });

  test('thousands of them: the number in memory is bounded, and none is lost', async () => {
    await put(numberedIds(2_345));
    expect(await check(3_600_000)).toMatchObject({ drifted: 2_345, unchecked: 0 });
    expect(Math.max(...api.described.map((ids) => ids.length))).toBe(100);
  });
});

test('calls have 100 ids of one account and region, in any order of the table', async () => {
  for (const [index, flowLogId] of numberedIds(130).entries()) {
    await put([flowLogId]);
    await put([flowLogId], { region: 'cn-shanghai' });
    if (index < 30) await put([flowLogId], { account: 'other' });
  }
  api.show('Active', numberedIds(130));
  store.completedPageSize = 7;
  expect(await check()).toMatchObject({ checked: 290, drifted: 0 });
  const sizes = api.described.map(({ length }, index) => {
    const { account, region } = api.describedScopes[index] ?? expect.unreachable();
    return `${account} ${region} ${length}`;
  });
  expect(sizes.sort()).toEqual([
    'default cn-beijing 100',
    'default cn-beijing 30',
    'default cn-shanghai 100',
    'default cn-shanghai 30',
    'other cn-beijing 30',
  ]);
});

describe('an account', () => {
  const failFor = (bad: string, failure: CallFailure) => {
    api.describeFailureOf = (_ids, { account }) => (account === bad ? failure : undefined);
  };
  beforeEach(async () => {
    const bad = numberedIds(250).map((id) => `bad-${id}`);
    await putShown('Active', bad, { account: 'bad' });
    await putShown('Inactive', numberedIds(3));
  });

  test('that is refused gets one more call, because its keys may be new, then is skipped; it stops no other', async () => {
    failFor('bad', callFailure('hold', 'Refused'));
    expect(await check()).toMatchObject({ checked: 3, drifted: 3, unchecked: 250, isWhole: true });
    // A call for the page and one for one id of it, each made twice.
    expect(callsFor('bad')).toHaveLength(4);
    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  test.each(['throttled', 'retry'] as const)(
    'that is %s gets a few more calls, with pauses',
    async (kind) => {
      failFor('bad', callFailure(kind, 'Refused'));
      expect(await check()).toMatchObject({ checked: 3, drifted: 3, unchecked: 250 });
      expect(callsFor('bad')).toHaveLength(6);
      expect(limiter.throttles).toBe(kind === 'throttled' ? 6 : 0);
      // Two pauses for the page, two for one id of it.
      expect(clock.now).toBe(START + 8_000);
    },
  );

  test('that recovers in between is checked completely', async () => {
    api.describeFailureOf = (_ids, { account }) =>
      account === 'bad' && api.described.length % 2 === 1 ? callFailure('retry', 'Refused') : undefined;
    expect(await check()).toMatchObject({ checked: 253, unchecked: 0 });
  });

  test('without a token is skipped', async () => {
    limiter.tokens = 0;
    expect(await check()).toMatchObject({ checked: 0, unchecked: 253 });
    expect(api.described).toEqual([]);
  });
});

test('one id that Volcengine refuses hides no other', async () => {
  await putShown('Inactive', numberedIds(10));
  api.refuseIds(['fl-3'], refusedPermanently('invalid-request', 'InvalidParameter'));
  expect(await check()).toMatchObject({ drifted: 9, unchecked: 1 });
});

test.each(['fl-0', 'fl-9'])('an id for which Volcengine fails hides no other: %s', async (bad) => {
  await putShown('Inactive', numberedIds(10));
  api.refuseIds([bad], callFailure('retry', 'InternalError', 500));
  expect(await check()).toMatchObject({ drifted: 9, unchecked: 1 });
});

test('an id that Volcengine does not find is gone, like an absent one', async () => {
  await putShown('Active', numberedIds(10));
  api.refuseIds(['fl-3'], refusedPermanently('not-found', 'InvalidFlowLog.NotFound', 404));
  expect(await check()).toMatchObject({ drifted: 1, unchecked: 0 });
  expect(await driftOf('fl-3')).toMatchObject({ kind: 'gone' });
});

test('stops in time, and the next check continues there', async () => {
  store.completedPageSize = 100;
  await putShown('Active', numberedIds(1_000));
  slowDown(1_000);
  expect(await check(2_500)).toMatchObject({ checked: 300, isWhole: false });
  expect(await check(2_500)).toMatchObject({ checked: 300, isWhole: false });
  expect(await check(60_000)).toMatchObject({ checked: 400, isWhole: true });
  expect(new Set(api.described.flat()).size).toBe(1_000);
  expect(await check(60_000)).toMatchObject({ checked: 1_000 });
});

test('the next check repeats a check that crashed', async () => {
  store.completedPageSize = 100;
  await putShown('Active', numberedIds(300));
  api.duringDescribe = () => {
    if (api.described.length === 2) throw new Error('crash');
  };
  await expect(check()).rejects.toThrow('crash');
  expect(await check()).toMatchObject({ checked: 300 });
});

test('two checks at once record a drift once', async () => {
  await putShown('Inactive', numberedIds(20));
  const both = await Promise.all([check(), check()]);
  expect(both.reduce((sum, { drifted }) => sum + drifted, 0)).toBe(20);
  expect(store.writes.filter((write) => write === 'transition')).toHaveLength(20);
});

test('a new activation that is opened in between wins', async () => {
  await putShown('Inactive', ['fl-1']);
  api.duringDescribe = async () =>
    store.replace(await store.currentOf('fl-1'), anActivation({ batchId: batchIdOf(2) }));
  expect(await check()).toMatchObject({ drifted: 0 });
  expect(await driftOf('fl-1')).toBeUndefined();
  expect([...store.archive.values()].map(({ drift }) => drift)).toEqual([undefined]);
});

test('a status from before the completion is no drift, even if the reply is slow', async () => {
  await putShown('Inactive', ['fl-1'], { finishedAt: START - LAG_MS + 1 });
  slowDown(4_000);
  expect(await check()).toMatchObject({ checked: 1, drifted: 0 });
  expect(await check()).toMatchObject({ checked: 1, drifted: 1 });
});

test('a status from before the drift neither ends the drift nor starts a new one', async () => {
  await putShown('Inactive', ['fl-1']);
  expect(await check()).toMatchObject({ drifted: 1 });
  await store.change('fl-1', published);
  api.show('Active');
  clock.now += LAG_MS - 1;
  expect(await check()).toMatchObject({ checked: 1, recovered: 0 });
  clock.now += 1;
  expect(await check()).toMatchObject({ checked: 1, recovered: 1 });
  api.show('Inactive');
  clock.now += LAG_MS - 1;
  expect(await check()).toMatchObject({ checked: 1, drifted: 0 });
  clock.now += 1;
  expect(await check()).toMatchObject({ checked: 1, drifted: 1 });
});

test('an activation with a filled outbox is left to the next check', async () => {
  await store.open(aCompletedActivation());
  api.show('Inactive');
  expect(await check()).toMatchObject({ checked: 1, drifted: 0 });
});

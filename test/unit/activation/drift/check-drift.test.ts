import { parse } from 'valibot';
import { beforeEach, describe, expect, test } from 'vitest';
import { flowLogDriftedSchema } from '../../../../events/flow-log-drifted-v1.ts';
import { type CheckDeps, checkDrift } from '../../../../lib/activation/drift/check-drift.ts';
import type { Activation } from '../../../../lib/activation/model/activation.ts';
import { clearOutbox, complete } from '../../../../lib/activation/model/endings.ts';
import type { DescribeOutcome } from '../../../../lib/activation/model/outcome.ts';
import { createPoller } from '../../../../lib/activation/poller/poll-activations.ts';
import { inMemoryDeps } from '../../../support/builders/in-memory-deps.ts';
import { anActivation, batchIdOf, policy, START } from '../../../support/fakes/activations.ts';
import { RecordingDeadLetters, RecordingPublisher, RecordingQueue } from '../../../support/fakes/ports.ts';

const LAG_MS = 5_000;
/** So long ago that no replica shows the state before it. */
const COMPLETED_AT = START - LAG_MS;

let fakes = inMemoryDeps();
let { clock, store, api, limiter, metrics, log } = fakes;
let deps: CheckDeps;
let asked: { account: string; region: string; ids: string[] }[];
/** Replaces the scripted outcome. */
let answer: (scope: { account: string; region: string }, ids: string[]) => DescribeOutcome | undefined;

beforeEach(() => {
  fakes = inMemoryDeps();
  ({ clock, store, api, limiter, metrics, log } = fakes);
  asked = [];
  answer = () => undefined;
  deps = {
    ...fakes,
    api: {
      async describeFlowLogs(scope, ids) {
        asked.push({ ...scope, ids });
        return answer(scope, ids) ?? api.describeFlowLogs(scope, ids);
      },
    },
    replicaLagMs: LAG_MS,
  };
});

const check = (ms = 600_000) =>
  checkDrift(deps, { readUntil: clock.now + ms, describeUntil: clock.now + 2 * ms });

async function putCompleted(flowLogId: string, change: Partial<Activation> = {}): Promise<void> {
  const { account = 'default', region = 'cn-beijing' } = change;
  const activationId = `${account}.${region}.${flowLogId}.${batchIdOf(1)}`;
  const opened = anActivation({ flowLogId, activationId, ...change });
  const completed = complete(opened, false, COMPLETED_AT);
  await store.open({ ...clearOutbox(completed, new Set(completed.outbox)), ...change });
}
async function putMany(count: number, change: Partial<Activation> = {}, prefix = 'fl'): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  for (const id of ids) await putCompleted(id, change);
  return ids;
}
const show = (status: string, ids: string[]) => {
  const others = api.views.filter(({ flowLogId }) => !ids.includes(flowLogId));
  api.views = [...others, ...ids.map((flowLogId) => ({ flowLogId, status, locked: false }))];
};
const driftOf = async (flowLogId: string) =>
  (await store.readCurrent({ account: 'default', region: 'cn-beijing', flowLogId }))?.drift;
const failure = (kind: 'throttled' | 'retry' | 'hold'): DescribeOutcome => ({
  kind,
  error: { code: 'Refused', message: 'refused' },
});

test('without completed activations: makes no call and writes nothing', async () => {
  await store.open(anActivation());
  expect(await check()).toEqual({ checked: 0, drifted: 0, recovered: 0, unchecked: 0, isWhole: true });
  expect(asked).toEqual([]);
  expect(await deps.checkpoints.read('check-drift')).toEqual({ version: 0 });
});

test('a flow log that is no longer Active is recorded and counted once, and the poller publishes it once', async () => {
  const ids = await putMany(3);
  show('Active', ids);
  show('Inactive', ['fl-1']);
  expect(await check()).toMatchObject({ checked: 3, drifted: 1, unchecked: 0 });
  expect(metrics.counts.get('DriftedFlowLogs')).toBe(1);
  const publisher = new RecordingPublisher();
  const poller = createPoller({
    ...deps,
    store,
    api,
    publisher,
    queue: new RecordingQueue(),
    deadLetters: new RecordingDeadLetters(),
    random: () => 0.5,
    policy,
  });
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
  show('Active', ids);
  clock.now += LAG_MS;
  expect(await check()).toMatchObject({ recovered: 1 });
  show('Inactive', ['fl-1']);
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
    await putCompleted('fl-1');
    answer = (_scope, ids) => {
      if (asked.length > 1) show('Active', ids);
      return undefined;
    };
    expect(await check()).toMatchObject({ drifted: 0 });
    expect(asked.map(({ ids }) => ids)).toEqual([['fl-1'], ['fl-1']]);
    expect(clock.now).toBe(START + LAG_MS);
  });

  test('three times, each one replica lag later: gone', async () => {
    await putCompleted('fl-1');
    expect(await check()).toMatchObject({ drifted: 1, recovered: 0 });
    expect(await driftOf('fl-1')).toMatchObject({ kind: 'gone', detectedAt: START + 2 * LAG_MS });
  });

  test('thousands of them: the number in memory is bounded, and none is lost', async () => {
    await putMany(2_345);
    expect(await check(3_600_000)).toMatchObject({ drifted: 2_345, unchecked: 0 });
    expect(Math.max(...asked.map(({ ids }) => ids.length))).toBe(100);
  });
});

test('calls have 100 ids of one account and region, in any order of the table', async () => {
  for (let index = 0; index < 130; index += 1) {
    await putCompleted(`fl-a-${index}`);
    await putCompleted(`fl-b-${index}`, { region: 'cn-shanghai' });
    if (index < 30) await putCompleted(`fl-c-${index}`, { account: 'other' });
  }
  store.completedPageSize = 7;
  answer = (_scope, ids) => {
    show('Active', ids);
    return undefined;
  };
  expect(await check()).toMatchObject({ checked: 290, drifted: 0 });
  const sizes = asked.map(({ account, region, ids }) => `${account} ${region} ${ids.length}`).sort();
  expect(sizes).toEqual([
    'default cn-beijing 100',
    'default cn-beijing 30',
    'default cn-shanghai 100',
    'default cn-shanghai 30',
    'other cn-beijing 30',
  ]);
});

describe('an account', () => {
  beforeEach(async () => {
    show('Active', await putMany(250, { account: 'bad' }, 'bad'));
    show('Inactive', await putMany(3));
  });

  test('that is refused gets one more call, because its keys may be new, then is skipped; it stops no other', async () => {
    answer = ({ account }) => (account === 'bad' ? failure('hold') : undefined);
    expect(await check()).toMatchObject({ checked: 3, drifted: 3, unchecked: 250, isWhole: true });
    // A call for the page and one for one id of it, each made twice.
    expect(asked.filter(({ account }) => account === 'bad')).toHaveLength(4);
    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  test.each(['throttled', 'retry'] as const)(
    'that is %s gets a few more calls, with pauses',
    async (kind) => {
      answer = ({ account }) => (account === 'bad' ? failure(kind) : undefined);
      expect(await check()).toMatchObject({ checked: 3, drifted: 3, unchecked: 250 });
      expect(asked.filter(({ account }) => account === 'bad')).toHaveLength(6);
      expect(limiter.throttles).toBe(kind === 'throttled' ? 6 : 0);
      // Two pauses for the page, two for one id of it.
      expect(clock.now).toBe(START + 8_000);
    },
  );

  test('that recovers in between is checked completely', async () => {
    answer = ({ account }) => (account === 'bad' && asked.length % 2 === 1 ? failure('retry') : undefined);
    expect(await check()).toMatchObject({ checked: 253, unchecked: 0 });
  });

  test('without a token is skipped', async () => {
    limiter.tokens = 0;
    expect(await check()).toMatchObject({ checked: 0, unchecked: 253 });
    expect(asked).toEqual([]);
  });
});

test('one id that Volcengine refuses hides no other', async () => {
  show('Inactive', await putMany(10));
  const error = { code: 'InvalidParameter', message: 'fl-3', httpStatus: 400 };
  answer = (_scope, ids) =>
    ids.includes('fl-3') ? { kind: 'dead-letter', reason: 'invalid-request', error } : undefined;
  expect(await check()).toMatchObject({ drifted: 9, unchecked: 1 });
});

test.each(['fl-0', 'fl-9'])('an id for which Volcengine fails hides no other: %s', async (bad) => {
  show('Inactive', await putMany(10));
  const error = { code: 'InternalError', message: bad, httpStatus: 500 };
  answer = (_scope, ids) => (ids.includes(bad) ? { kind: 'retry', error } : undefined);
  expect(await check()).toMatchObject({ drifted: 9, unchecked: 1 });
});

test('an id that Volcengine does not find is gone, like an absent one', async () => {
  show('Active', await putMany(10));
  const error = { code: 'InvalidFlowLog.NotFound', message: 'fl-3', httpStatus: 404 };
  answer = (_scope, ids) =>
    ids.includes('fl-3') ? { kind: 'dead-letter', reason: 'not-found', error } : undefined;
  expect(await check()).toMatchObject({ drifted: 1, unchecked: 0 });
  expect(await driftOf('fl-3')).toMatchObject({ kind: 'gone' });
});

test('stops in time, and the next check continues there', async () => {
  store.completedPageSize = 100;
  show('Active', await putMany(1_000));
  answer = () => {
    clock.now += 1_000;
    return undefined;
  };
  expect(await check(2_500)).toMatchObject({ checked: 300, isWhole: false });
  expect(await check(2_500)).toMatchObject({ checked: 300, isWhole: false });
  expect(await check(60_000)).toMatchObject({ checked: 400, isWhole: true });
  expect(new Set(asked.flatMap(({ ids }) => ids)).size).toBe(1_000);
  expect(await check(60_000)).toMatchObject({ checked: 1_000 });
});

test('the next check repeats a check that crashed', async () => {
  store.completedPageSize = 100;
  show('Active', await putMany(300));
  answer = () => {
    if (asked.length === 2) throw new Error('crash');
    return undefined;
  };
  await expect(check()).rejects.toThrow('crash');
  expect(await check()).toMatchObject({ checked: 300 });
});

test('two checks at once record a drift once', async () => {
  show('Inactive', await putMany(20));
  const both = await Promise.all([check(), check()]);
  expect(both.reduce((sum, { drifted }) => sum + drifted, 0)).toBe(20);
  expect(store.writes.filter((write) => write === 'transition')).toHaveLength(20);
});

test('a new activation that is opened in between wins', async () => {
  await putCompleted('fl-1');
  show('Inactive', ['fl-1']);
  answer = () => {
    const [completed] = store.current.values();
    if (completed) {
      const batchId = batchIdOf(2);
      void store.replace(
        completed,
        anActivation({ batchId, activationId: `default.cn-beijing.fl-1.${batchId}` }),
      );
    }
    return undefined;
  };
  expect(await check()).toMatchObject({ drifted: 0 });
  expect(await driftOf('fl-1')).toBeUndefined();
  expect([...store.archive.values()].map(({ drift }) => drift)).toEqual([undefined]);
});

test('a status from before the completion is no drift, even if the answer is slow', async () => {
  await putCompleted('fl-1', { finishedAt: START - LAG_MS + 1 });
  show('Inactive', ['fl-1']);
  answer = () => {
    clock.now += 4_000;
    return undefined;
  };
  expect(await check()).toMatchObject({ checked: 1, drifted: 0 });
  expect(await check()).toMatchObject({ checked: 1, drifted: 1 });
});

test('a status from before the drift neither ends the drift nor starts a new one', async () => {
  await putCompleted('fl-1');
  show('Inactive', ['fl-1']);
  expect(await check()).toMatchObject({ drifted: 1 });
  const tell = async () => {
    for (const drifted of store.current.values()) {
      await store.transition(drifted, clearOutbox(drifted, new Set(drifted.outbox)));
    }
  };
  await tell();
  show('Active', ['fl-1']);
  clock.now += LAG_MS - 1;
  expect(await check()).toMatchObject({ checked: 1, recovered: 0 });
  clock.now += 1;
  expect(await check()).toMatchObject({ checked: 1, recovered: 1 });
  show('Inactive', ['fl-1']);
  clock.now += LAG_MS - 1;
  expect(await check()).toMatchObject({ checked: 1, drifted: 0 });
  clock.now += 1;
  expect(await check()).toMatchObject({ checked: 1, drifted: 1 });
});

test('an activation with a filled outbox is left to the next check', async () => {
  await store.open(complete(anActivation(), false, START));
  show('Inactive', ['fl-1']);
  expect(await check()).toMatchObject({ checked: 1, drifted: 0 });
});

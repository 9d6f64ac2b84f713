import { beforeEach, describe, expect, test } from 'vitest';
import { InMemoryQuotaStore, inMemoryQuota } from '../../../support/fakes/in-memory-quota-store.ts';
import { RecordingLog } from '../../../support/fakes/ports.ts';

const START = Date.UTC(2026, 0, 2);
const RATE = 4;

let now: number;
let slept: number[];
let store: InMemoryQuotaStore;
let log: RecordingLog;

const container = (clockAheadMs = 0, ratePerSecond = RATE) =>
  inMemoryQuota(
    {
      ratePerSecond,
      now: () => now + clockAheadMs,
      sleep: async (ms) => {
        slept.push(ms);
      },
    },
    store,
    log,
  );
type Container = ReturnType<typeof container>;

/** Takes all tokens that are granted without a wait. */
async function drain(quota: Container, account = 'a'): Promise<number> {
  let taken = 0;
  while ((await quota.acquire(account, 0)) === 0) taken += 1;
  return taken;
}

beforeEach(() => {
  now = START;
  slept = [];
  store = new InMemoryQuotaStore();
  log = new RecordingLog();
});

describe('tokens', () => {
  test('1.25 seconds of the rate at once, then each caller waits for its own token', async () => {
    const quota = container();
    for (let index = 0; index < 8; index += 1) expect(await quota.acquire('a', 60_000)).toBe(0);
    const gatherMs = 10;
    expect(slept.filter((ms) => ms > gatherMs)).toEqual([250, 500, 750]);
  });

  test('a wait that is too long is refused at once and uses no token', async () => {
    const quota = container();
    expect(await drain(quota)).toBe(5);
    expect(await quota.acquire('a', 249)).toBe(250);
    expect(await quota.acquire('a', 250)).toBe(0);
  });

  test('accounts have separate quotas', async () => {
    const quota = container();
    await drain(quota);
    expect(await quota.acquire('b', 0)).toBe(0);
  });

  test.each([
    ['one container', 1],
    ['twenty containers', 20],
  ])('over a long time, %s do not exceed the rate', async (_what, containers) => {
    const quotas = Array.from({ length: containers }, () => container());
    let taken = 0;
    for (let second = 0; second < 100; second += 1) {
      for (const quota of quotas) taken += await drain(quota);
      now += 1_000;
    }
    expect(taken).toBe(5 + 99 * RATE);
  });

  test.each([
    [0.01, 1],
    [0.5, 1],
    [1, 1],
    [2.5, 3],
    [1_000, 1_250],
  ])('at %s calls per second the first %i are granted at once', async (ratePerSecond, burst) => {
    expect(await drain(container(0, ratePerSecond))).toBe(burst);
  });

  test('what one container leaves, another may use', async () => {
    const [one, other] = [container(), container()];
    expect(await one.acquire('a', 0)).toBe(0);
    expect(await drain(other)).toBe(4);
  });

  test('ten that ask at once share one read and at most two writes', async () => {
    const quota = container();
    const waits = await Promise.all(Array.from({ length: 10 }, () => quota.acquire('a', 500)));
    expect(waits.filter((waitMs) => waitMs === 0)).toHaveLength(7);
    expect(store.writes).toBeLessThanOrEqual(2);
  });

  test('a released token can be used again for a second', async () => {
    const quota = container();
    await drain(quota);
    quota.release('a');
    expect(await quota.acquire('a', 0)).toBe(0);
    quota.release('a');
    now += 1_001;
    expect(await drain(quota)).toBe(4);
  });
});

describe('throttled', () => {
  const takenIn = async (quota: Container, seconds: number) => {
    let taken = 0;
    for (let tick = 0; tick < seconds * 10; tick += 1) {
      now += 100;
      taken += await drain(quota);
    }
    return taken;
  };

  test('halves the rate of all containers once per burst, then recovers with time', async () => {
    const [one, other] = [container(), container()];
    await one.throttled('a');
    await other.throttled('a');
    expect(await takenIn(other, 10)).toBeGreaterThanOrEqual(20);
    now -= 10_000;
    store.quotas.clear();
    await one.throttled('a');
    const first = await takenIn(other, 4);
    expect(first).toBeGreaterThanOrEqual(8);
    expect(first).toBeLessThanOrEqual(9);
    now += 60_000;
    expect(await takenIn(other, 10)).toBe(40 + 4);
  });

  test('keeps a minimum rate after many throttled calls', async () => {
    const quota = container();
    for (let index = 0; index < 50; index += 1) {
      now += 1_000;
      await quota.throttled('a');
    }
    now += 16_000;
    expect(await quota.acquire('a', 0)).toBe(0);
  });
});

describe('turns', () => {
  test('the first burst at once, then no faster than the rate, behind the jobs of other requests', async () => {
    const quota = container();
    const first = (await quota.planTurns('a', 6)).map((turn) => turn - START);
    expect(first).toEqual([0, 0, 0, 0, 300, 1_400]);
    const [next = 0] = await container().planTurns('a', 1);
    expect(next - START).toBe(1_400);
  });

  test('those of 1.1 s have one turn: no more jobs than a burst come at once', async () => {
    const turns = await container().planTurns('a', 1_000);
    const sizes = [...Map.groupBy(turns, (turn) => turn).values()].map(({ length }) => length);
    expect(new Set(sizes.slice(2, -1))).toEqual(new Set([4, 5]));
    const gaps = [...new Set(turns)].map((turn, index, all) => turn - (all[index - 1] ?? Number.NaN));
    expect(new Set(gaps.slice(2))).toEqual(new Set([1_100]));
  });

  test('a job without a token has another turn, from the same write, in what the planned jobs leave', async () => {
    const quota = container();
    await quota.planTurns('a', 100);
    const { writes } = store;
    const refused = await Promise.all(Array.from({ length: 8 }, () => quota.acquireOrTurn('a', 0)));
    expect(store.writes).toBe(writes + 1);
    const between = 250 / (1 - 0.94);
    expect(refused).toEqual([0, 0, 0, 0, 0, ...[0, 1, 2].map((index) => Math.ceil(250 + index * between))]);
  });

  test('after the planned jobs there is the whole rate for jobs without a token', async () => {
    const quota = container();
    await drain(quota);
    const refused = await Promise.all(Array.from({ length: 3 }, () => quota.acquireOrTurn('a', 0)));
    expect(refused).toEqual([250, 500, 750]);
  });

  test('while there are jobs without a token, jobs wait for none, and other callers get theirs', async () => {
    const quota = container();
    await drain(quota);
    expect(await quota.acquireOrTurn('a', 249)).toBe(250);
    expect(await container().acquireOrTurn('a', 1_000)).toBe(500);
    expect(await container().acquire('a', 1_000)).toBe(0);
    now += 5_000;
    await drain(quota);
    expect(await quota.acquireOrTurn('a', 1_000)).toBe(0);
  });

  test('as many as a burst need no write', async () => {
    await container().planTurns('a', 3);
    expect(store.writes).toBe(0);
  });

  test('what is expected is what is taken, and takes nothing', async () => {
    const quota = container();
    const expected = await quota.expectTurns('a', 50);
    expect(await quota.expectTurns('a', 50)).toEqual(expected);
    expect(await quota.planTurns('a', 50)).toEqual(expected);
  });

  test('ten requests of 100 have the turns of one of 1,000', async () => {
    const together = await container().planTurns('one', 1_000);
    const apart: number[] = [];
    for (let request = 0; request < 10; request += 1) {
      apart.push(...(await container().planTurns('ten', 100)));
    }
    expect(apart).toEqual(together);
  });

  test('a slowed account has its turns later, and only until it has recovered', async () => {
    const quota = container();
    const full = await quota.planTurns('full', 1_000);
    await quota.throttled('a');
    const slowed = await quota.planTurns('a', 1_000);
    const delayMs = (index: number) => (slowed[index] ?? 0) - (full[index] ?? 0);
    expect(delayMs(20)).toBeGreaterThan(3_000);
    expect(delayMs(999)).toBeLessThan(20_000);
  });
});

describe('a pause', () => {
  const pause = { pausedAt: START, pausedBy: 'alice', pausedWhy: 'OPS-42' };

  test('takes the tokens of all containers, and of no other account', async () => {
    const [one, other] = [container(), container()];
    await one.pause('a', pause);
    for (const quota of [one, other]) expect(await quota.acquire('a', 60_000)).toBe(Number.POSITIVE_INFINITY);
    expect(await other.availability('a')).toBe('paused');
    expect(await other.acquire('b', 0)).toBe(0);
  });

  test('lasts whatever else is written, and leaves tokens, turns and speed as they were', async () => {
    const quota = container();
    await drain(quota);
    const before = await store.read('a');
    await quota.pause('a', pause);
    await quota.throttled('a');
    await quota.planTurns('a', 100);
    const liar = container(3_600_000);
    await liar.acquireOrTurn('a', 0);
    now += 60_000;
    await quota.acquireOrTurn('a', 0);
    expect(await quota.acquire('a', 0)).toBe(Number.POSITIVE_INFINITY);
    expect(await quota.resume('a')).toEqual(pause);
    expect(await drain(quota)).toBe(5);
    await quota.pause('b', pause);
    await quota.resume('b');
    expect((await store.read('a')).state).not.toHaveProperty('pausedAt', expect.anything());
    expect((await store.read('b')).state.usedUntil).toBe(0);
    expect(before.state.usedUntil).toBeGreaterThan(0);
  });

  test('keeps the first one, also if the reply to its write was lost, and a resume without one writes nothing', async () => {
    const quota = container();
    expect(await quota.resume('a')).toBeUndefined();
    expect(store.writes).toBe(0);
    const write = store.write.bind(store);
    store.write = async (...given) => {
      await write(...given);
      return false;
    };
    expect(await quota.pause('a', pause)).toEqual(pause);
    expect(await quota.pause('a', { pausedAt: START + 1, pausedBy: 'bob' })).toEqual(pause);
    expect(store.writes).toBe(1);
  });

  test('that begins while a caller waits long for its token takes that token too', async () => {
    await drain(container());
    const quotaPausedAfter = (waitMs: number) =>
      inMemoryQuota(
        {
          ratePerSecond: RATE,
          now: () => now,
          sleep: async (ms) => {
            if (ms >= waitMs) await container().pause('a', pause);
          },
        },
        store,
      );
    const waits = await Promise.all(
      Array.from({ length: 8 }, () => quotaPausedAfter(1_500).acquire('a', 60_000)),
    );
    expect(waits.at(-1)).toBe(Number.POSITIVE_INFINITY);
  });

  test.each([
    ['idle', 3],
    ['planned', 100],
  ] as const)('without one, an account is %s with %i jobs planned', async (availability, jobs) => {
    await container().planTurns('a', jobs);
    expect(await container().availability('a')).toBe(availability);
  });
});

test('an account whose DescribeFlowLogs is answered costs no write, and none that is not refused a read', async () => {
  const [one, other] = [container(), container()];
  const scope = { account: 'a', region: 'cn-beijing' };
  await one.described(scope, undefined);
  expect(store.writes).toBe(0);
  await other.described(scope, 'AccessDenied');
  await one.acquire('a', 0);
  const { writes } = store;
  await one.described({ ...scope, region: 'cn-shanghai' }, undefined);
  expect(store.writes).toBe(writes);
  await one.described(scope, undefined);
  await one.described(scope, undefined);
  expect(store.writes).toBe(writes + 1);
  expect((await store.read('a')).state.refusals).toBeUndefined();
});

describe('clocks', () => {
  test('two seconds ahead and two behind: over the rate by a burst and the difference at most', async () => {
    const quotas = [container(-2_000), container(0), container(2_000)];
    let taken = 0;
    for (let tick = 0; tick < 1_000; tick += 1) {
      now += 100;
      for (const index of [tick % 3, (tick * 7) % 3]) taken += await drain(quotas[index] as Container);
    }
    expect(taken).toBeLessThanOrEqual(100 * RATE + 4 + 4 * RATE);
    expect(taken).toBeGreaterThanOrEqual(100 * RATE);
  });

  test('a container two seconds ahead that takes some of the tokens leaves the others to one two seconds behind', async () => {
    const [ahead, behind] = [container(2_000), container(-2_000)];
    for (let second = 0; second < 10; second += 1) {
      now += 1_000;
      expect(await ahead.acquire('a', 0)).toBe(0);
      expect(await behind.acquire('a', 0)).toBe(0);
      expect(await behind.acquire('a', 0)).toBe(0);
    }
  });

  test('an hour ahead stops nobody for an hour', async () => {
    const liar = container(3_600_000);
    await drain(liar);
    await liar.throttled('a');
    await liar.planTurns('a', 10);
    const quota = container();
    await drain(quota);
    now += 1_000;
    expect(await drain(quota)).toBeGreaterThanOrEqual(1);
    const [turn = 0] = await quota.planTurns('a', 1);
    expect(turn - now).toBeLessThan(10_000);
  });

  test('an hour behind grants nothing beyond the rate', async () => {
    const quota = container();
    await drain(quota);
    expect(await drain(container(-20_000))).toBe(0);
  });
});

describe('the table', () => {
  test('a write whose reply was lost wastes its tokens, and grants no call twice', async () => {
    const write = store.write.bind(store);
    let lost = 0;
    store.write = async (...given) => {
      const written = await write(...given);
      if (lost > 0) return written;
      lost += 1;
      return false;
    };
    const quota = container();
    expect(await drain(quota)).toBe(4);
  });

  test('an account that cannot be slowed down: logged, so that the outcome of the call is recorded', async () => {
    store.write = () => Promise.reject(new Error('table down'));
    await container().throttled('a');
    expect(log.lines.map(({ message }) => message)).toEqual(['the quota could not be slowed down']);
  });

  test('its error is the error of each call', async () => {
    store.read = () => Promise.reject(new Error('table down'));
    const quota = container();
    const calls = [quota.acquire('a', 0), quota.acquireOrTurn('a', 0), quota.planTurns('a', 9)];
    for (const outcome of await Promise.allSettled(calls)) expect(outcome.status).toBe('rejected');
    store.read = InMemoryQuotaStore.prototype.read;
    expect(await quota.acquire('a', 0)).toBe(0);
  });
});

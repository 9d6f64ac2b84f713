import { beforeEach, describe, expect, test } from 'vitest';
import {
  type Admission,
  type ContainerLoad,
  createEndpointCircuitBreaker,
  type EndpointCircuitBreaker,
  type HealthSignal,
} from '../../../../lib/webhooks/outbound/endpoint-circuit-breaker.ts';
import { SeededRandom } from '../../../support/fakes/seeded-random.ts';

const PAUSE_MS = 1_000;
const SLOW_MS = 500;
const TIMEOUT_MS = 10_000;
const QUICK_MS = 2_000;
let now = 0;
let load: ContainerLoad;
let circuitBreaker: EndpointCircuitBreaker;

// A pause itself, nothing added.
const breakerOf = (random = () => 0) =>
  createEndpointCircuitBreaker({
    maxConcurrent: 2,
    slowMs: SLOW_MS,
    timeoutMs: TIMEOUT_MS,
    quickTimeoutMs: QUICK_MS,
    load,
    failuresUntilDown: 3,
    pauseMs: PAUSE_MS,
    pauseCapMs: 4_000,
    now: () => now,
    random,
  });

beforeEach(() => {
  now = 0;
  load = { slow: new Set(), underWay: 0 };
  circuitBreaker = breakerOf();
});

async function admitted(to: EndpointCircuitBreaker) {
  const admission = await to.acquire();
  if (!admission.admitted) throw new Error(`not admitted, wait ${admission.waitMs}`);
  return admission;
}

async function acquire() {
  const { release } = await admitted(circuitBreaker);
  return (signal: HealthSignal, tookMs = 0) => release(signal, tookMs);
}

async function refused(): Promise<number> {
  const admission = await circuitBreaker.acquire();
  if (admission.admitted) throw new Error('admitted');
  return admission.waitMs;
}

async function attempt(kind: HealthSignal['kind'], retryAfterMs?: number): Promise<void> {
  const release = await acquire();
  release(kind === 'down' ? { kind, retryAfterMs } : { kind });
}

async function bringDown(): Promise<void> {
  for (let count = 0; count < 3; count += 1) await attempt('down');
}

test('so many at once, the others in turn', async () => {
  const releases = [await acquire(), await acquire()];
  const admitted: number[] = [];
  const others = [3, 4].map(async (number) => {
    const admission = await circuitBreaker.acquire();
    admitted.push(number);
    return admission;
  });
  await Promise.resolve();
  expect(admitted).toEqual([]);
  releases[0]?.({ kind: 'up' });
  await others[0];
  expect(admitted).toEqual([3]);
  releases[1]?.({ kind: 'unknown' });
  await others[1];
  expect(admitted).toEqual([3, 4]);
});

test('failures in a row bring it down, a success in between does not count them together', async () => {
  for (const signal of ['down', 'down', 'up', 'down', 'down', 'unknown', 'down'] as const) {
    await attempt(signal);
  }
  expect(await refused()).toBe(PAUSE_MS);
});

test('who waits for a place is turned away when it goes down meanwhile', async () => {
  await attempt('down');
  const releases = [await acquire(), await acquire()];
  const waiting: Promise<Admission>[] = [circuitBreaker.acquire(), circuitBreaker.acquire()];
  for (const release of releases) release({ kind: 'down' });
  const turnedAway = { admitted: false, waitMs: PAUSE_MS };
  expect(await Promise.all(waiting)).toEqual([turnedAway, turnedAway]);
});

test('after the pause one probe: while it is under way nobody else, and its failure doubles the pause up to the cap', async () => {
  await bringDown();
  let pauseMs = PAUSE_MS;
  for (const next of [2_000, 4_000, 4_000]) {
    now += pauseMs - 1;
    expect(await refused()).toBe(1);
    now += 1;
    const release = await acquire();
    expect(await refused()).toBe(PAUSE_MS);
    release({ kind: 'down' });
    expect(await refused()).toBe(next);
    pauseMs = next;
  }
});

test('a success opens it, with the first pause before it again', async () => {
  await bringDown();
  now += PAUSE_MS;
  await attempt('down');
  now += 2 * PAUSE_MS;
  await attempt('up');
  await attempt('up');
  await bringDown();
  expect(await refused()).toBe(PAUSE_MS);
});

test('a probe that was never made leaves room for another', async () => {
  await bringDown();
  now += PAUSE_MS;
  await attempt('unknown');
  await attempt('up');
  await attempt('up');
});

test('what was under way when it went down neither prolongs the pause nor ends a probe', async () => {
  const late = [await acquire(), await acquire()];
  late[0]?.({ kind: 'down' });
  await attempt('down');
  await attempt('down');
  now += PAUSE_MS;
  const probe = await acquire();
  late[1]?.({ kind: 'down' });
  expect(await refused()).toBe(PAUSE_MS);
  probe({ kind: 'up' });
  await attempt('up');
});

test('one that hung is enough, and the others of its round change nothing', async () => {
  const round = [await acquire(), await acquire()];
  for (const release of round) release({ kind: 'timed-out' });
  expect(await refused()).toBe(PAUSE_MS);
});

test('the pause is spread, up to five times as long', async () => {
  const spread = breakerOf(() => 0.999);
  const admission = await spread.acquire();
  if (admission.admitted) admission.release({ kind: 'timed-out' }, TIMEOUT_MS);
  expect(await spread.acquire()).toEqual({ admitted: false, waitMs: expect.closeTo(5 * PAUSE_MS, -1) });
});

test('a late success opens it too', async () => {
  const late = await acquire();
  await bringDown();
  late({ kind: 'up' });
  await attempt('up');
});

test('Retry-After closes it at once, for that long, and never shortens a pause', async () => {
  await attempt('down', 7_000);
  expect(await refused()).toBe(7_000);
  now += 7_000;
  await attempt('up');
  const late = await acquire();
  await bringDown();
  late({ kind: 'down', retryAfterMs: 10 });
  expect(await refused()).toBe(PAUSE_MS);
});

test('a slow failure is enough', async () => {
  (await acquire())({ kind: 'down' }, SLOW_MS);
  expect(await refused()).toBe(PAUSE_MS);
});

test('after a slow success it rests as long as that took, and nobody waits meanwhile', async () => {
  const releases = [await acquire(), await acquire()];
  const waiting = circuitBreaker.acquire();
  releases[0]?.({ kind: 'up' }, 3_000);
  expect(await waiting).toEqual({ admitted: false, waitMs: PAUSE_MS });
  now += 1_000;
  releases[1]?.({ kind: 'up' }, 4_000);
  now += 3_999;
  expect(await refused()).toBe(1);
  now += 1;
  await Promise.all([attempt('up'), attempt('up')]);
});

test('a success that is not slow lets it not rest', async () => {
  (await acquire())({ kind: 'up' }, SLOW_MS - 1);
  await attempt('up');
});

describe('with others in the container', () => {
  test('one that is not known to be slow goes on when it is the only one that is waited for', async () => {
    const well = await admitted(breakerOf());
    const [attempt, sibling] = [await admitted(circuitBreaker), await admitted(circuitBreaker)];
    expect(attempt.goesOn()).toBe(false);
    well.release({ kind: 'up' }, 10);
    expect([attempt.goesOn(), sibling.goesOn()]).toEqual([true, true]);
  });

  test('none goes on while another is slow, but one that is slow itself', async () => {
    const slow = breakerOf();
    (await admitted(slow)).release({ kind: 'up' }, 9_000);
    expect((await admitted(circuitBreaker)).goesOn()).toBe(false);
    now += 9_000;
    const again = await admitted(slow);
    expect(again.goesOn()).toBe(true);
    again.release({ kind: 'up' }, 10);
    expect((await admitted(breakerOf())).goesOn()).toBe(false);
    expect(load.slow.size).toBe(0);
  });

  test('the more are slow meanwhile the longer it rests, and one that is well again does not', async () => {
    const [first, second] = [breakerOf(), breakerOf()];
    (await admitted(first)).release({ kind: 'up' }, 3_000);
    const late = await admitted(second);
    (await admitted(circuitBreaker)).release({ kind: 'up' }, 3_000);
    now += 5_999;
    expect(await first.acquire()).toEqual({ admitted: false, waitMs: 1 });
    now += 1;
    (await admitted(first)).release({ kind: 'up' }, 10);
    late.release({ kind: 'up' }, 3_000);
    (await admitted(first)).release({ kind: 'up' }, 10);
  });

  test('one that hangs is waited for briefly and long in turns', async () => {
    const other = await admitted(breakerOf());
    const waits: boolean[] = [];
    for (let count = 0; count < 4; count += 1) {
      const attempt = await admitted(circuitBreaker);
      const goesOn = attempt.goesOn();
      waits.push(goesOn);
      attempt.release({ kind: 'timed-out' }, goesOn ? TIMEOUT_MS : QUICK_MS);
      now += 5 * TIMEOUT_MS;
    }
    other.release({ kind: 'up' }, 10);
    expect(waits).toEqual([false, true, false, true]);
  });

  test.each<[string, number, (index: number) => number]>([
    ['one hangs', 1, () => Number.POSITIVE_INFINITY],
    ['6 hang', 6, () => Number.POSITIVE_INFINITY],
    ['5 answer after 9 s', 5, () => 9_000],
    ['18 hang or answer late', 18, (index) => [Number.POSITIVE_INFINITY, 9_000, 1_500][index % 3] ?? 0],
  ])(
    '%s: all together take at most half of its time, and each has its turns',
    async (_what, count, answersAfterOf) => {
      const random = new SeededRandom(1);
      const endpoints = Array.from({ length: count }, (_, index) => ({
        circuitBreaker: breakerOf(() => random.next()),
        answersAfterMs: answersAfterOf(index),
        turns: 0,
      }));
      let heldMs = 0;
      // The worst that can be: each attempt holds up a batch of its own.
      while (now < 7_200_000) {
        for (const endpoint of endpoints) {
          const admission = await endpoint.circuitBreaker.acquire();
          if (!admission.admitted) continue;
          const limitMs = admission.goesOn() ? TIMEOUT_MS : QUICK_MS;
          const tookMs = Math.min(endpoint.answersAfterMs, limitMs);
          now += tookMs;
          heldMs += tookMs;
          endpoint.turns += 1;
          admission.release({ kind: endpoint.answersAfterMs > limitMs ? 'timed-out' : 'up' }, tookMs);
        }
        now += 100;
      }
      expect(heldMs / now).toBeLessThan(0.5);
      expect(Math.min(...endpoints.map(({ turns }) => turns))).toBeGreaterThan(
        7_200_000 / (count * 60_000) / 2,
      );
    },
  );
});

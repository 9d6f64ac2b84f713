import { beforeEach, expect, test } from 'vitest';
import {
  type Admission,
  createEndpointGate,
  type EndpointGate,
  type Sign,
} from '../../../lib/webhook-delivery/endpoint-gate.ts';

const PAUSE_MS = 1_000;
const SLOW_MS = 500;
let now = 0;
let gate: EndpointGate;

beforeEach(() => {
  now = 0;
  gate = createEndpointGate({
    places: 2,
    slowMs: SLOW_MS,
    failuresUntilDown: 3,
    pauseMs: PAUSE_MS,
    pauseCapMs: 4_000,
    now: () => now,
    // The pause itself, nothing added.
    random: () => 0,
  });
});

async function enter(): Promise<(sign: Sign, tookMs?: number) => void> {
  const admission = await gate.enter();
  if (!admission.admitted) throw new Error(`not admitted, wait ${admission.waitMs}`);
  return (sign, tookMs = 0) => admission.leave(sign, tookMs);
}

async function refused(): Promise<number> {
  const admission = await gate.enter();
  if (admission.admitted) throw new Error('admitted');
  return admission.waitMs;
}

async function attempt(kind: Sign['kind'], retryAfterMs?: number): Promise<void> {
  const leave = await enter();
  leave(kind === 'down' ? { kind, retryAfterMs } : { kind });
}

async function bringDown(): Promise<void> {
  for (let count = 0; count < 3; count += 1) await attempt('down');
}

test('so many at once, the others in turn', async () => {
  const leaves = [await enter(), await enter()];
  const admitted: number[] = [];
  const others = [3, 4].map(async (number) => {
    const admission = await gate.enter();
    admitted.push(number);
    return admission;
  });
  await Promise.resolve();
  expect(admitted).toEqual([]);
  leaves[0]?.({ kind: 'up' });
  await others[0];
  expect(admitted).toEqual([3]);
  leaves[1]?.({ kind: 'unknown' });
  await others[1];
  expect(admitted).toEqual([3, 4]);
});

test('failures in a row bring it down, a success in between does not count them together', async () => {
  await attempt('down');
  await attempt('down');
  await attempt('up');
  await attempt('down');
  await attempt('down');
  await attempt('unknown');
  await attempt('down');
  expect(await refused()).toBe(PAUSE_MS);
});

test('who waits for a place is turned away when it goes down meanwhile', async () => {
  await attempt('down');
  const leaves = [await enter(), await enter()];
  const waiting: Promise<Admission>[] = [gate.enter(), gate.enter()];
  for (const leave of leaves) leave({ kind: 'down' });
  expect(await Promise.all(waiting)).toEqual([
    { admitted: false, waitMs: PAUSE_MS },
    { admitted: false, waitMs: PAUSE_MS },
  ]);
});

test('after the pause one probe: while it is under way nobody else, and its failure doubles the pause up to the cap', async () => {
  await bringDown();
  let pauseMs = PAUSE_MS;
  for (const next of [2_000, 4_000, 4_000]) {
    now += pauseMs - 1;
    expect(await refused()).toBe(1);
    now += 1;
    const leave = await enter();
    expect(await refused()).toBe(PAUSE_MS);
    leave({ kind: 'down' });
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
  const late = [await enter(), await enter()];
  late[0]?.({ kind: 'down' });
  await attempt('down');
  await attempt('down');
  now += PAUSE_MS;
  const probe = await enter();
  late[1]?.({ kind: 'down' });
  expect(await refused()).toBe(PAUSE_MS);
  probe({ kind: 'up' });
  await attempt('up');
});

test('one that hung is enough, and the others of its round change nothing', async () => {
  const round = [await enter(), await enter()];
  for (const leave of round) leave({ kind: 'hung' });
  expect(await refused()).toBe(PAUSE_MS);
});

test('the pause is spread, up to five times as long', async () => {
  const spread = createEndpointGate({
    ...{ places: 2, slowMs: SLOW_MS, failuresUntilDown: 1, pauseMs: PAUSE_MS, pauseCapMs: 4_000 },
    now: () => now,
    random: () => 0.999,
  });
  const admission = await spread.enter();
  if (admission.admitted) admission.leave({ kind: 'down' }, 0);
  expect(await spread.enter()).toEqual({ admitted: false, waitMs: expect.closeTo(5 * PAUSE_MS, -1) });
});

test('a late success opens it too', async () => {
  const late = await enter();
  await bringDown();
  late({ kind: 'up' });
  await attempt('up');
});

test('Retry-After closes it at once, for that long, and never shortens a pause', async () => {
  await attempt('down', 7_000);
  expect(await refused()).toBe(7_000);
  now += 7_000;
  await attempt('up');
  const late = await enter();
  await bringDown();
  late({ kind: 'down', retryAfterMs: 10 });
  expect(await refused()).toBe(PAUSE_MS);
});

test('a slow failure is enough', async () => {
  (await enter())({ kind: 'down' }, SLOW_MS);
  expect(await refused()).toBe(PAUSE_MS);
});

test('after a slow success it rests as long as that took, and nobody waits meanwhile', async () => {
  const leaves = [await enter(), await enter()];
  const waiting = gate.enter();
  leaves[0]?.({ kind: 'up' }, 3_000);
  expect(await waiting).toEqual({ admitted: false, waitMs: 3_000 });
  now += 1_000;
  leaves[1]?.({ kind: 'up' }, 4_000);
  expect(await refused()).toBe(4_000);
  now += 4_000;
  await Promise.all([attempt('up'), attempt('up')]);
});

test('a success that is not slow lets it not rest', async () => {
  (await enter())({ kind: 'up' }, SLOW_MS - 1);
  await attempt('up');
});

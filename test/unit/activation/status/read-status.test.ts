import { beforeEach, expect, test } from 'vitest';
import { decideDrift } from '../../../../lib/activation/drift/drift.ts';
import type { Activation } from '../../../../lib/activation/model/activation.ts';
import { complete, fail } from '../../../../lib/activation/model/endings.ts';
import { retryLater } from '../../../../lib/activation/model/queueing.ts';
import { accept, leaseForCall } from '../../../../lib/activation/model/transitions.ts';
import type { TableSample } from '../../../../lib/activation/status/ports.ts';
import { readStatus } from '../../../../lib/activation/status/read-status.ts';
import { published } from '../../../support/builders/activations.ts';
import { inMemoryDeps } from '../../../support/builders/in-memory-deps.ts';
import { anActivation, batchIdOf, policy, START } from '../../../support/fakes/activations.ts';

let deps = inMemoryDeps();
beforeEach(() => {
  deps = inMemoryDeps();
});

let unique = 0;
/** Puts an activation of an account into the store. */
async function put(account: string, next: (queued: Activation) => Activation = (queued) => queued) {
  const flowLogId = `fl-${++unique}`;
  const activationId = `${account}.cn-beijing.${flowLogId}.${batchIdOf(1)}`;
  await deps.store.open(next(anActivation({ account, flowLogId, activationId, createdAt: START + unique })));
}

const hold = (code: string, at: number) => (queued: Activation) =>
  retryLater(
    leaseForCall(queued, 'lease-1', at, policy),
    'hold',
    { code, message: 'm' },
    policy.holdMs,
    at,
    policy,
  );
const inactive = { flowLogId: 'fl', status: 'Inactive', locked: false };
const drifted = (queued: Activation) =>
  published(decideDrift(published(complete(queued, true, START)), inactive, START));

const status = (sample?: Partial<TableSample>) => {
  const services = deps.statusDeps();
  if (sample === undefined) return readStatus(services);
  const table = { sample: async (now: number) => ({ ...(await services.table.sample(now)), ...sample }) };
  return readStatus({ ...services, table });
};
const accountOf = async (name: string, sample?: Partial<TableSample>) => {
  const { accounts } = await status(sample);
  const found = accounts.find(({ account }) => account === name);
  if (found === undefined) throw new Error(`${name} is not in the status`);
  return found;
};

test('an account counts what is open, pending, failed by reason, on hold and drifted', async () => {
  await put('default');
  await put('default', (queued) => accept(queued, 'req-1', START, policy));
  for (let time = 0; time < 2; time += 1)
    await put('default', (queued) => published(fail(queued, 'frozen', START)));
  await put('default', (queued) => published(fail(queued, 'not-found', START)));
  await put('default', drifted);
  expect(await accountOf('default')).toMatchObject({
    state: 'ok',
    ratePerSecond: policy.ratePerSecond,
    open: { count: 2 },
    pending: { count: 1 },
    failed: [
      { reason: 'not-found', count: { count: 1 } },
      { reason: 'frozen', count: { count: 2 } },
    ],
    held: { count: 0 },
    drifted: { count: 1 },
  });
  expect(await accountOf('narrow')).toMatchObject({ open: { count: 0 }, failed: [] });
});

test('held: since when, why, and the next try, of the one that was created first', async () => {
  await put('default', hold('InvalidAccessKey', START - 3_600_000));
  await put('default', hold('AccessDenied', START));
  expect(await accountOf('default')).toMatchObject({
    state: 'held',
    since: START - 3_600_000,
    code: 'InvalidAccessKey',
    nextTryAt: START - 3_600_000 + policy.holdMs,
    held: { count: 2 },
  });
  expect(await accountOf('default', { oldestHeld: [] })).toMatchObject({ state: 'held', held: { count: 2 } });
});

test('held: DescribeFlowLogs alone is refused, in one region or more, until it is answered or nobody asks any more', async () => {
  await put('default', (queued) => accept(queued, 'req-1', START, policy));
  const asked = (region: string, code?: string) => deps.turns.described({ account: 'default', region }, code);
  await asked('cn-beijing', 'AccessDenied');
  deps.clock.now += 60_000;
  await asked('cn-shanghai', 'EndpointUnreachable');
  await asked('cn-beijing', 'InvalidAccessKey');
  expect(await accountOf('default')).toMatchObject({
    state: 'held',
    since: START,
    code: 'InvalidAccessKey',
    action: 'DescribeFlowLogs',
    held: { count: 0 },
    pending: { count: 1 },
  });
  await deps.turns.acquire('default', 0);
  await asked('cn-beijing');
  expect(await accountOf('default')).toMatchObject({ since: START + 60_000, code: 'EndpointUnreachable' });
  deps.clock.now += 180_001;
  expect(await accountOf('default')).toMatchObject({ state: 'ok' });
  await put('default', hold('AccessDenied', START));
  await asked('cn-beijing', 'InvalidAccessKey');
  expect(await accountOf('default')).toMatchObject({ code: 'AccessDenied', action: 'ActiveFlowLog' });
});

test('paused, before all else: since when, by whom, and why', async () => {
  await put('default', hold('AccessDenied', START));
  await deps.pauses.pause('default', { pausedAt: START, pausedBy: 'alice', pausedWhy: 'OPS-42' });
  expect(await accountOf('default')).toMatchObject({
    state: 'paused',
    since: START,
    by: 'alice',
    why: 'OPS-42',
    held: { count: 1 },
  });
});

test('throttled: its rate now, and when that began; at the full rate again it is ok', async () => {
  await deps.turns.throttled('default');
  expect(await accountOf('default')).toMatchObject({ state: 'throttled', since: START, ratePerSecond: 2 });
  deps.clock.now += 60_000;
  const recovered = await accountOf('default');
  expect(recovered).toMatchObject({ state: 'ok', ratePerSecond: 4 });
  expect(recovered).not.toHaveProperty('since');
});

test('queued jobs: the turn of the last one, until it has come', async () => {
  const turns = await deps.turns.planTurns('default', 100);
  const { queuedUntil = 0 } = await accountOf('default');
  expect(Math.abs(queuedUntil - (turns.at(-1) ?? 0))).toBeLessThan(1_000);
  deps.clock.now = queuedUntil;
  expect(await accountOf('default')).not.toHaveProperty('queuedUntil');
});

test('an account that is not configured any more is shown while it has activations', async () => {
  await put('gone', (queued) => published(fail(queued, 'frozen', START)));
  expect((await status()).accounts.map(({ account }) => account)).toEqual(['default', 'narrow', 'gone']);
});

test('the outbox: ended ones of which something is not published, also what was refused and is sent again later; not those that are open', async () => {
  await put('default');
  await put('default', (queued) => ({ ...fail(queued, 'frozen', START), dueAt: START + 3_600_000 }));
  await put('default', (queued) => fail(queued, 'frozen', START));
  await put('default', (queued) => accept(queued, 'req-1', START, policy));
  expect((await status()).outbox).toEqual({ waiting: { count: 2 } });
});

test('the oldest that is due, and the ticks', async () => {
  await put('default', (queued) => accept(queued, 'req-1', START - 9_000, policy));
  await put('default', (queued) => accept(queued, 'req-1', START - 1_000, policy));
  await deps.checkpoints.save('poller', { version: 0 }, `${START + 1_000} id ${START - 4_000}`);
  expect((await status()).poller).toEqual({
    lastTickAt: START - 4_000,
    nextTickAt: START + 1_000,
    oldestDueAt: START - 9_000,
  });
});

test('counts of an index that was not read to its end are lower bounds', async () => {
  const flowLog = { account: 'default', region: 'cn-beijing', flowLogId: 'fl' };
  const cut = { flowLogs: [flowLog], isCut: true };
  const atLeast = { count: 1, atLeast: true };
  const none = { count: 0, atLeast: true };
  expect(await accountOf('default', { open: cut, held: cut, drifted: cut })).toMatchObject({
    open: atLeast,
    pending: none,
    held: atLeast,
    drifted: atLeast,
  });
  expect(await accountOf('narrow', { open: cut })).toMatchObject({ open: none });
  expect((await status({ open: cut })).outbox).toEqual({ waiting: none });
  expect((await status({ due: cut })).outbox).toEqual({ waiting: atLeast });
  expect((await status({ dueLater: cut })).outbox).toEqual({ waiting: atLeast });
});

test('a queue or a bus that gives no answer hides nothing', async () => {
  deps.queueDepths.depths.set('poll', undefined);
  deps.bus.current = 'unknown';
  const { queues, bus, accounts } = await status();
  expect([queues.get('poll'), bus, accounts.length]).toEqual([undefined, 'unknown', 2]);
});

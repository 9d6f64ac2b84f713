import { beforeEach, describe, expect, test } from 'vitest';
import { activateFlowLog } from '../../../lib/activation/activate-flow-log.ts';
import { selectFlowLogs } from '../../../lib/activation/batches/select-flow-logs.ts';
import { checkDrift } from '../../../lib/activation/drift/check-drift.ts';
import { AccountPaused } from '../../../lib/activation/model/errors.ts';
import { createPoller } from '../../../lib/activation/poller/poll-activations.ts';
import { pauseAccount, resumeAccount } from '../../../lib/activation/quota/pause-account.ts';
import { redriveActivation } from '../../../lib/activation/redrive/redrive-activation.ts';
import { redriveFailed } from '../../../lib/activation/redrive/redrive-failed.ts';
import { requestActivations } from '../../../lib/activation/request/request-activations.ts';
import {
  aCompletedActivation,
  aFailedActivation,
  anAcceptedActivation,
  aRequest,
  published,
} from '../../support/builders/activations.ts';
import { inMemoryDeps } from '../../support/builders/in-memory-deps.ts';
import { anActivation, policy, START } from '../../support/fakes/activations.ts';
import { aSelector } from '../../support/fakes/in-memory-flow-log-finder.ts';

const ALICE = 'arn:aws:sts::123456789012:assumed-role/ops/alice';
const BOB = 'arn:aws:sts::123456789012:assumed-role/ops/bob';
const DAY_MS = 86_400_000;

const realQuota = () => {
  const given = inMemoryDeps();
  return { ...given, limiter: given.turns };
};
let deps = realQuota();
let { clock, store, queue, api, finder, log } = deps;
let poller = createPoller(deps);

beforeEach(async () => {
  deps = realQuota();
  ({ clock, store, queue, api, finder, log } = deps);
  poller = createPoller(deps);
  await pauseAccount(deps, 'default', { by: ALICE, why: 'OPS-42' });
});

const resume = () => resumeAccount(deps, 'default', BOB);
const tick = async (afterMs = policy.tickMs) => {
  clock.now += afterMs;
  return poller.tick(clock.now + 60_000);
};
const current = (flowLogId = 'fl-1') => store.currentOf(flowLogId);
const calls = () => api.calls.length + api.described.length + finder.calls.length;
const linesOf = (start: string) => log.lines.filter(({ message }) => message.startsWith(start));

describe('who did it', () => {
  test('each pause and each resume is logged with its principal, a repeated one too', async () => {
    await pauseAccount(deps, 'default', { by: BOB });
    await resume();
    await resume();
    expect(linesOf('account ').map(({ message, fields }) => [message, fields?.by])).toEqual([
      ['account paused', ALICE],
      ['account paused', BOB],
      ['account resumed', BOB],
      ['account resumed', BOB],
    ]);
  });

  test('a second pause keeps the first one; after a resume the next one counts', async () => {
    const first = { pausedAt: START, pausedBy: ALICE, pausedWhy: 'OPS-42' };
    clock.now += 1_000;
    expect(await pauseAccount(deps, 'default', { by: BOB, why: 'later' })).toEqual(first);
    await resume();
    const second = { pausedAt: START + 1_000, pausedBy: BOB };
    expect(await pauseAccount(deps, 'default', { by: BOB })).toEqual(second);
  });
});

describe('while an account is paused', () => {
  test('a request is taken, its job makes no call, and nothing changes until it is resumed', async () => {
    await requestActivations(deps, aRequest(['fl-1']));
    const [queued] = queue.enqueued.splice(0);
    expect(await activateFlowLog(deps, queued?.job ?? expect.unreachable(), 1_000)).toBe('paused');
    const before = await current();
    expect(before).toMatchObject({ status: 'queued', attempts: 0, dueAt: clock.now });
    store.writes.length = 0;
    for (let minute = 0; minute < 60; minute += 1) await tick(60_000);
    expect([await current(), queue.enqueued, calls()]).toEqual([before, [], 0]);
    expect(store.writes).not.toContain('transition');

    await resume();
    expect(await tick(30_000)).toMatchObject({ requeued: 1 });
    expect(queue.enqueued).toMatchObject([{ job: { generation: 1 } }]);
  });

  test('a pending one is not described, whatever its age, and an idle quota makes no tick faster', async () => {
    await store.open(anAcceptedActivation());
    api.show('Active');
    expect(await tick()).toMatchObject({ due: 1, described: 0, pauseMs: policy.tickMs });
    await tick(DAY_MS);
    expect(calls()).toBe(0);
    await resume();
    await tick(30_000);
    expect(await current()).toMatchObject({ status: 'completed' });
  });

  test.each([
    ['queued', () => anActivation()],
    ['pending', () => anAcceptedActivation()],
  ])('no deadline ends what is %s; after the resume DescribeFlowLogs decides', async (_status, open) => {
    await store.open(open());
    await store.open({ ...open(), ...idsOf('fl-active') });
    api.show('Inactive', ['fl-1']);
    api.show('Active', ['fl-active']);
    for (let day = 0; day < 4; day += 1) await tick(DAY_MS);
    const waiting = [await current(), await current('fl-active')];
    expect(waiting.map(({ finishedAt }) => finishedAt)).toEqual([undefined, undefined]);
    await resume();
    await tick(30_000);
    expect(await current()).toMatchObject({ status: 'failed', reason: 'deadline-exceeded' });
    expect(await current('fl-active')).toMatchObject({ status: 'completed' });
  });

  test('another account goes on', async () => {
    const other = { account: 'other' };
    await store.open(anAcceptedActivation(other));
    await store.open(anAcceptedActivation({ flowLogId: 'fl-2' }));
    await tick();
    expect(api.describedScopes).toMatchObject([other]);
  });

  test('a redrive is refused, and so is each of many', async () => {
    await store.open(published(aFailedActivation('frozen')));
    const other = { account: 'other', flowLogId: 'fl-2' };
    await store.open(published(aFailedActivation('frozen', other)));
    api.show('Inactive', ['fl-2']);
    const { activationId } = await current();
    await expect(redriveActivation(deps, activationId, BOB)).rejects.toThrow(AccountPaused);
    const found = await redriveFailed(deps, { limit: 10, by: BOB });
    const why = 'account default is paused: nothing is called until it is resumed';
    expect(found).toMatchObject({ queued: 1, refused: 1, refusals: [{ activationId, why }], more: false });
    expect(api.describedScopes).toMatchObject([{ account: 'other' }]);
  });

  test('a selector is refused', async () => {
    const limit = { flowLogs: 10, endAt: clock.now + 20_000 };
    await expect(selectFlowLogs(deps, aSelector(), limit)).rejects.toThrow(AccountPaused);
    expect(calls()).toBe(0);
  });

  test('the drift check skips it, and does not count it as unchecked', async () => {
    await store.open(aCompletedActivation());
    const limit = { readUntil: clock.now + 1_000_000, describeUntil: clock.now + 2_000_000 };
    const checked = await checkDrift({ ...deps, replicaLagMs: 60_000 }, limit);
    expect([checked, calls()]).toMatchObject([{ checked: 0, paused: 1, unchecked: 0 }, 0]);
  });
});

function idsOf(flowLogId: string) {
  const { activationId } = anActivation({ flowLogId });
  return { flowLogId, activationId };
}

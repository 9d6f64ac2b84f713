import { parse } from 'valibot';
import { beforeEach, describe, expect, test } from 'vitest';
import { policyRunCompletedSchema } from '../../../../events/policy-run-completed-v1.ts';
import type { FlowLogDetail } from '../../../../lib/activation/batches/selector.ts';
import { complete, fail } from '../../../../lib/activation/model/endings.ts';
import { type FlowLogPolicy, plannedTime } from '../../../../lib/activation/policies/policy.ts';
import { runIdOf } from '../../../../lib/activation/policies/run.ts';
import { runPolicies } from '../../../../lib/activation/policies/run-policies.ts';
import { numberedIds, published } from '../../../support/builders/activations.ts';
import { callFailure } from '../../../support/builders/call-failures.ts';
import { inMemoryDeps } from '../../../support/builders/in-memory-deps.ts';
import { aPolicy } from '../../../support/builders/policies.ts';
import { anActivation, START } from '../../../support/fakes/activations.ts';
import {
  aFlowLog,
  flowLogIds,
  InMemoryFlowLogFinder,
} from '../../../support/fakes/in-memory-flow-log-finder.ts';

const HOUR_MS = 3_600_000;

/** Shows flow logs by account and region. */
class ScopedFinder extends InMemoryFlowLogFinder {
  readonly byScope = new Map<string, FlowLogDetail[]>();
  readonly refused = new Set<string>();
  override page(...[scope, ...rest]: Parameters<InMemoryFlowLogFinder['page']>) {
    const name = `${scope.account} ${scope.region}`;
    if (this.refused.has(name)) this.failures.unshift(callFailure('hold', 'InvalidAccessKey', 401));
    this.flowLogs = this.byScope.get(name) ?? [];
    return super.page(scope, ...rest);
  }
}

const createDeps = () => ({
  ...inMemoryDeps(),
  finder: new ScopedFinder(),
  aliases: () => ['default'],
});

let deps = createDeps();
let { clock, store, finder, runs, publisher, api } = deps;
beforeEach(() => {
  deps = createDeps();
  ({ clock, store, finder, runs, publisher, api } = deps);
});

const show = (flowLogs: FlowLogDetail[], scope = 'default cn-beijing') => finder.byScope.set(scope, flowLogs);
const limitOf = (now: number) => ({
  beginUntil: now + 300_000,
  readUntil: now + 800_000,
  openUntil: now + 850_000,
  leaseUntil: now + 900_000,
});
const run = (...policies: FlowLogPolicy[]) =>
  runPolicies(deps, policies.length > 0 ? policies : [aPolicy()], limitOf(clock.now));
const later = (ms = HOUR_MS) => {
  clock.now += ms;
};
const lastRun = async (policy = 'keep-active') => {
  const state = runs.stored.get(policy);
  const ended = await runs.readRun(policy, state?.last?.runId ?? '');
  if (ended === undefined) throw new Error('there is no run');
  return ended;
};
const rowsOf = async (policy = 'keep-active') => {
  const { scopes } = await lastRun(policy);
  return (await Promise.all(scopes.map(({ pages }) => runs.readRows(policy, pages)))).flat(2);
};
const rowOf = async (flowLogId: string) => (await rowsOf()).find((row) => row.flowLogId === flowLogId);
const completeAll = () => {
  for (const activation of store.current.values()) {
    if (activation.status !== 'queued') continue;
    store.current.set(
      [activation.account, activation.region, activation.flowLogId].join('#'),
      published(complete(activation, false, clock.now)),
    );
  }
};

test('without a policy it reads nothing', async () => {
  await expect(runPolicies({ ...deps, runs: undefined as never }, [], limitOf(START))).resolves.toMatchObject(
    { due: 0 },
  );
});

test('activates what is Inactive, names the rest, and publishes one event', async () => {
  show([
    aFlowLog('fl-active', { status: 'Active' }),
    aFlowLog('fl-frozen', { locked: true, lockReason: 'financial' }),
    aFlowLog('fl-off'),
    aFlowLog('fl-pending', { status: 'Pending' }),
  ]);
  expect(await run()).toEqual({ due: 1, ended: 1, unfinished: 0, failed: 0, unread: 0 });
  const activation = await store.currentOf('fl-off');
  expect(activation).toMatchObject({
    source: 'policy:keep-active',
    requestedBy: 'policy:keep-active',
    status: 'queued',
  });
  expect(store.current.size).toBe(1);
  expect(await lastRun()).toMatchObject({
    counts: { compliant: 1, gap: 3, excluded: 0, repaired: 0 },
    kinds: { inactive: 1, frozen: 1, pending: 1 },
  });
  expect(await rowOf('fl-off')).toMatchObject({
    repair: 'activating',
    activationId: activation.activationId,
  });
  const [event, ...others] = publisher.published;
  expect(others).toEqual([]);
  const { data } = parse(policyRunCompletedSchema, JSON.parse(event?.body ?? ''));
  expect(data).toMatchObject({ policy: 'keep-active', counts: { gap: 3 }, more: false, unreadTotal: 0 });
  expect(data.gaps.map(({ flowLogId }) => flowLogId)).toEqual(['fl-frozen', 'fl-off', 'fl-pending']);
});

test('a run in which nothing has changed starts nothing, writes no row, and makes one call for 100 flow logs', async () => {
  show([
    aFlowLog('fl-frozen', { locked: true }),
    ...flowLogIds(250).map((id) => aFlowLog(id, { status: 'Active' })),
  ]);
  await run();
  later();
  runs.writes.length = 0;
  store.writes.length = 0;
  const calls = finder.calls.length;
  await run();
  expect(finder.calls.length - calls).toBe(3);
  expect(runs.writes).toEqual(['state', 'run', 'state']);
  expect(store.writes).toEqual([]);
  expect(deps.plans.plans.size).toBe(0);
});

test('what it has activated is compliant in the next run, and was repaired', async () => {
  show([aFlowLog('fl-1')]);
  await run();
  const { activationId } = await store.currentOf('fl-1');
  completeAll();
  show([aFlowLog('fl-1', { status: 'Active' })]);
  later();
  await run();
  expect((await lastRun()).counts).toEqual({ compliant: 1, gap: 0, excluded: 0, repaired: 1 });
  expect(await rowOf('fl-1')).toMatchObject({ lastGap: { kind: 'inactive', since: START, activationId } });
  later();
  await run();
  expect((await lastRun()).counts.repaired).toBe(0);
});

test('a drift is recorded, repaired in the same run, and the new activation has none', async () => {
  await store.open(published(complete(anActivation(), false, START - HOUR_MS)));
  show([aFlowLog('fl-1')]);
  await run();
  const [drifted] = store.archive.values();
  expect(drifted).toMatchObject({ drift: { kind: 'inactive', detectedAt: START }, outbox: ['drifted#1'] });
  expect(await store.currentOf('fl-1')).toMatchObject({
    status: 'queued',
    requestedBy: 'policy:keep-active',
  });
  expect((await store.currentOf('fl-1')).drift).toBeUndefined();
});

test('a policy that only tells records the drift, starts nothing, and sees its end', async () => {
  await store.open(published(complete(anActivation(), false, START - HOUR_MS)));
  show([aFlowLog('fl-1')]);
  const tells = aPolicy({ repair: 'tell' });
  await run(tells);
  expect((await store.currentOf('fl-1')).drift).toMatchObject({ kind: 'inactive' });
  expect(deps.plans.plans.size).toBe(0);
  store.current.set('default#cn-beijing#fl-1', published(await store.currentOf('fl-1')));
  show([aFlowLog('fl-1', { status: 'Active' })]);
  later();
  await run(tells);
  expect((await store.currentOf('fl-1')).drift).toMatchObject({ endedAt: clock.now });
});

test('an open activation is not joined again and again', async () => {
  show([aFlowLog('fl-1')]);
  for (let runs = 0; runs < 3; runs += 1) {
    await run();
    later();
  }
  expect((await store.currentOf('fl-1')).joiners).toEqual([]);
  expect(store.batches.size).toBe(1);
});

test('an Inactive one whose activation failed is tried again', async () => {
  await store.open(published(fail(anActivation({ requestedBy: 'somebody' }), 'frozen', START - HOUR_MS)));
  show([aFlowLog('fl-1')]);
  await run();
  expect(await store.currentOf('fl-1')).toMatchObject({
    status: 'queued',
    requestedBy: 'policy:keep-active',
  });
  expect((await rowOf('fl-1'))?.failure).toBeUndefined();
});

describe('a flow log that is not shown any more', () => {
  beforeEach(async () => {
    show([aFlowLog('fl-1', { status: 'Active' }), aFlowLog('fl-2', { status: 'Active' })]);
    await run();
    show([aFlowLog('fl-1', { status: 'Active' })]);
    later();
  });

  test('is gone if its id is not shown either, is asked about once, and named for 30 days', async () => {
    await run();
    expect(await rowOf('fl-2')).toMatchObject({
      kind: 'gone',
      since: clock.now,
      status: 'Absent',
      repair: 'impossible',
    });
    const described = api.describedScopes.length;
    later(29 * 24 * HOUR_MS);
    await run();
    expect(await rowOf('fl-2')).toMatchObject({ kind: 'gone' });
    expect(api.describedScopes.length).toBe(described);
    later(24 * HOUR_MS);
    await run();
    expect(await rowOf('fl-2')).toBeUndefined();
  });

  test('leaves the report if it is only out of the filter', async () => {
    const policy = aPolicy({ name: 'filtered', selector: { vpcId: 'vpc-1' } });
    show([aFlowLog('fl-2')]);
    await run(policy);
    show([]);
    api.show('Inactive', ['fl-2']);
    later();
    await run(policy);
    expect(await rowsOf('filtered')).toEqual([]);
  });

  test('stays as it was if there is no filter: a page has left it out, or a replica shows it for a while', async () => {
    api.show('Active', ['fl-2']);
    await run();
    expect(await rowOf('fl-2')).toMatchObject({ state: 'compliant' });
    api.views = [];
    later();
    await run();
    expect(await rowOf('fl-2')).toMatchObject({ kind: 'gone', since: clock.now });
  });

  test('makes the account unread if nothing can be told', async () => {
    api.duringDescribe = () => {
      throw new Error('no connection');
    };
    for (let tries = 0; tries < 3; tries += 1) await run();
    expect((await lastRun()).scopes).toMatchObject([{ unread: { code: 'internal-error' } }]);
  });

  test('is not asked about if the policy selects otherwise now', async () => {
    await run(aPolicy({ selector: { vpcId: 'vpc-1' } }));
    expect(await rowOf('fl-2')).toBeUndefined();
    expect(api.describedScopes).toEqual([]);
  });
});

describe('an account that cannot be read', () => {
  /** So often that the next run reads it again. */
  const everyMs = 300_000;
  const policy = aPolicy({ accounts: ['default', 'refused'], everyMs });

  test('is unread, delays no other, and is in no count', async () => {
    show([aFlowLog('fl-1', { status: 'Active' })]);
    finder.refused.add('refused cn-beijing');
    expect(await run(policy)).toMatchObject({ ended: 1, unread: 1 });
    const { scopes, counts } = await lastRun();
    expect(scopes[1]).toMatchObject({
      account: 'refused',
      pages: [],
      unread: { code: 'describe-failed', since: START },
    });
    expect(counts).toEqual({ compliant: 1, gap: 0, excluded: 0, repaired: 0 });
  });

  test('keeps what the run before knew for the next one', async () => {
    show([aFlowLog('fl-1')]);
    const tells = aPolicy({ repair: 'tell', everyMs });
    await run(tells);
    later();
    finder.refused.add('default cn-beijing');
    await run(tells);
    expect((await lastRun()).counts).toEqual({ compliant: 0, gap: 0, excluded: 0, repaired: 0 });
    expect((await lastRun()).kinds).toEqual({});
    finder.refused.clear();
    later();
    await run(tells);
    expect(await rowOf('fl-1')).toMatchObject({ since: START });
  });

  test('of a policy that runs seldom is read again by the next two invocations, and no other is', async () => {
    const seldom = aPolicy({ accounts: ['default', 'refused'] });
    show([aFlowLog('fl-1', { status: 'Active' })]);
    show([aFlowLog('fl-2', { status: 'Active' })], 'refused cn-beijing');
    finder.refused.add('refused cn-beijing');
    expect(await run(seldom)).toMatchObject({ unfinished: 1, unread: 0 });
    later(300_000);
    finder.refused.clear();
    expect(await run(seldom)).toMatchObject({ ended: 1, unread: 0 });
    expect((await lastRun()).counts).toMatchObject({ compliant: 2 });
    expect(finder.calls.map(({ scope }) => scope.account)).toEqual(['default', 'refused', 'refused']);

    finder.refused.add('refused cn-beijing');
    later(HOUR_MS);
    const outcomes = [];
    for (let tries = 0; tries < 4; tries += 1) {
      outcomes.push(await run(seldom));
      later(300_000);
    }
    expect(outcomes.map(({ ended }) => ended)).toEqual([0, 0, 1, 0]);
    expect(outcomes[2]).toMatchObject({ unread: 1 });
  });

  test('because it is not configured, is named', async () => {
    deps.scopeRefusal = ({ account }) => (account === 'refused' ? 'not configured' : undefined);
    await run(policy);
    expect((await lastRun()).scopes[1]).toMatchObject({
      account: 'refused',
      unread: { code: 'scope-refused' },
    });
  });
});

test('a region that is enabled for some accounts is read of these; one for none is named, as it is a mistake', async () => {
  deps.aliases = () => ['default', 'security'];
  const enabled = ['default cn-beijing', 'default cn-shanghai', 'security cn-beijing'];
  deps.scopeRefusal = ({ account, region }) =>
    enabled.includes(`${account} ${region}`) ? undefined : 'not enabled';
  await run(aPolicy({ accounts: 'all', regions: ['cn-beijing', 'cn-shanghai', 'cn-bejing'] }));
  const scopes = (await lastRun()).scopes.map(
    ({ account, region, unread }) => `${account} ${region} ${unread?.code ?? 'read'}`,
  );
  expect(scopes).toEqual([
    'default cn-beijing read',
    'default cn-shanghai read',
    'default cn-bejing scope-refused',
    'security cn-beijing read',
    'security cn-bejing scope-refused',
  ]);
});

test('exclusions: by what is given, until their end; one that matches nothing is stale', async () => {
  show([aFlowLog('fl-1'), aFlowLog('fl-2', { tags: [{ key: 'lab', value: '1' }] }), aFlowLog('fl-3')]);
  await run(
    aPolicy({
      repair: 'tell',
      exclusions: [
        { flowLogIds: ['fl-1'], reason: 'migration', until: START },
        { tags: { lab: true }, reason: 'lab', until: START + 1 },
        { name: 'old-*', reason: 'old' },
        { flowLogIds: ['fl-3'], account: 'security', reason: 'elsewhere' },
      ],
    }),
  );
  expect(await rowOf('fl-2')).toMatchObject({
    state: 'excluded',
    excludedBy: { rule: 2, reason: 'lab', until: START + 1 },
  });
  const { counts, exclusions } = await lastRun();
  expect(counts).toMatchObject({ gap: 2, excluded: 1 });
  expect(exclusions.map(({ state, matched }) => [state, matched])).toEqual([
    ['ended', 0],
    ['applied', 1],
    ['stale', 0],
    ['stale', 0],
  ]);
});

test('outside its window it only tells; within, it starts what the quota can do before the end', async () => {
  show(flowLogIds(500).map((id) => aFlowLog(id)));
  // START is 03:04:05.
  await run(aPolicy({ window: { from: '04:00', to: '05:00' } }));
  expect(store.current.size).toBe(0);
  expect(await rowOf('fl-00000')).toMatchObject({ repair: 'outside-window' });
  await run(aPolicy({ name: 'short', window: { from: '03:00', to: '03:05' } }));
  expect(store.current.size).toBe(55 * deps.policy.ratePerSecond);
  expect((await rowsOf('short')).filter(({ repair }) => repair === 'later')).toHaveLength(500 - 220);
});

test('the regions of an account share what its rate allows before the window ends', async () => {
  const regions = ['cn-beijing', 'cn-shanghai'];
  for (const region of regions)
    show(
      flowLogIds(500).map((id) => aFlowLog(id)),
      `default ${region}`,
    );
  await run(aPolicy({ regions, window: { from: '03:00', to: '03:05' } }));
  expect(store.current.size).toBe(55 * deps.policy.ratePerSecond);
});

test('the policies that have been due for the longest time run first', async () => {
  const often = aPolicy({ name: 'a-often', everyMs: 300_000 });
  const seldom = aPolicy({ name: 'z-seldom' });
  await run(often, seldom);
  publisher.published.length = 0;
  later(HOUR_MS + 300_000);
  await run(often, seldom);
  expect(publisher.published.map(({ ids }) => ids.policy)).toEqual(['z-seldom', 'a-often']);
});

test('two policies that want the same flow log share its activation; two that contradict change nothing', async () => {
  show([aFlowLog('fl-1')]);
  await run(aPolicy(), aPolicy({ name: 'too' }));
  expect(store.current.size).toBe(1);
  show([aFlowLog('fl-2')]);
  later();
  await run(aPolicy(), aPolicy({ name: 'save-money', desired: 'Inactive', repair: 'tell' }));
  expect(await rowOf('fl-2')).toMatchObject({ repair: 'contradicted', contradictedBy: ['save-money'] });
  expect(store.current.size).toBe(1);
});

describe('planned times', () => {
  const planned = plannedTime(aPolicy(), START);

  test('it runs once for each, also if two are invoked for it', async () => {
    show([aFlowLog('fl-1')]);
    const both = await Promise.all([run(), run()]);
    expect(both.map(({ ended }) => ended).sort()).toEqual([0, 1]);
    expect(await run()).toMatchObject({ due: 0 });
    expect([...runs.runs.keys()]).toEqual([`keep-active ${runIdOf(planned)}`]);
    expect(store.batches.size).toBe(1);
  });

  test('a clock that was ahead by minutes causes no second run of an earlier time, one that was ahead by days is corrected', async () => {
    clock.now = planned + HOUR_MS + 1_000;
    await run();
    clock.now = planned + HOUR_MS - 30_000;
    expect(await run()).toMatchObject({ due: 0 });
    clock.now = planned + 48 * HOUR_MS;
    await run();
    clock.now = planned + 2 * HOUR_MS;
    expect(await run()).toMatchObject({ ended: 1 });
  });

  test('a lease is respected until it ends; one that is longer than any was written by a wrong clock', async () => {
    await runs.saveState({
      policy: 'keep-active',
      version: 1,
      open: { plannedAt: planned, startedAt: START, leaseUntil: START + 1, fingerprint: '', scopes: [] },
    });
    expect(await run()).toMatchObject({ due: 0 });
    later(1);
    expect(await run()).toMatchObject({ ended: 1 });
  });
});

test('a run that does not fit into one invocation goes on in the next, and reads no account twice', async () => {
  const accounts = ['a', 'b', 'c'];
  const policy = aPolicy({ accounts, regions: ['cn-beijing', 'cn-shanghai'] });
  for (const account of accounts)
    for (const region of policy.regions) show([aFlowLog('fl-1')], `${account} ${region}`);
  const limit = { ...limitOf(clock.now), beginUntil: clock.now };
  expect(await runPolicies(deps, [policy], limit)).toMatchObject({ unfinished: 1 });
  expect(finder.calls).toEqual([]);
  deps.sleep = async () => {};
  let calls = 0;
  const slow = { ...deps, now: () => clock.now + (calls++ > 20 ? 300_000 : 0) };
  expect(await runPolicies(slow, [policy], limitOf(clock.now))).toMatchObject({ unfinished: 1 });
  expect(finder.calls.length).toBeGreaterThan(0);
  later(300_000);
  expect(await run(policy)).toMatchObject({ ended: 1 });
  expect(finder.calls).toHaveLength(6);
  expect((await lastRun()).counts.gap).toBe(6);
});

test('a policy whose run would not fit into an item fails before it reads or starts anything', async () => {
  deps.aliases = () => numberedIds(2_501);
  expect(await run(aPolicy({ accounts: 'all' }))).toMatchObject({ failed: 1, ended: 0 });
  expect(finder.calls).toEqual([]);
  expect(deps.log.lines.at(-1)).toMatchObject({ fields: { error: { code: 'policy-too-large' } } });
});

test('a policy that was changed in the middle of a run reads all anew', async () => {
  show([aFlowLog('fl-1')]);
  await runPolicies(deps, [aPolicy()], { ...limitOf(clock.now), beginUntil: clock.now });
  await run(aPolicy({ repair: 'tell' }));
  expect(await lastRun()).toMatchObject({ repair: 'tell', counts: { gap: 1 } });
  expect(store.current.size).toBe(0);
});

test('an event that the bus refuses is published by the next invocation, with the same bytes', async () => {
  show([aFlowLog('fl-1')]);
  publisher.refuse = () => true;
  expect(await run()).toMatchObject({ failed: 1 });
  publisher.refuse = () => false;
  show([]);
  later(300_000);
  expect(await run()).toMatchObject({ ended: 1 });
  expect(publisher.published).toHaveLength(1);
  expect(publisher.published[0]?.body).toContain('fl-1');
});

test('while the bus refuses events, runs and repairs go on; then it gets the event of each run, once', async () => {
  publisher.refuse = () => true;
  for (let runs = 0; runs < 3; runs += 1) {
    show(numberedIds(runs + 1).map((id) => aFlowLog(id)));
    expect(await run()).toMatchObject({ failed: 1 });
    later();
    expect(await run()).toMatchObject({ failed: 1 });
  }
  expect(store.current.size).toBe(3);
  publisher.refuse = () => false;
  expect(await run()).toMatchObject({ ended: 1, failed: 0 });
  later();
  await run();
  expect(publisher.published.map(({ ids }) => ids.runId)).toEqual(
    [...runs.runs.values()].map(({ runId }) => runId),
  );
});

test('a stored run that was given up after a day is published with the next one', async () => {
  show([aFlowLog('fl-1')]);
  publisher.refuse = () => true;
  await run();
  publisher.refuse = () => false;
  later(25 * HOUR_MS);
  await run();
  expect(publisher.published.map(({ ids }) => ids.runId)).toEqual(
    [...runs.runs.values()].map(({ runId }) => runId),
  );
});

describe('a policy that wants Inactive', () => {
  const wantsOff = aPolicy({ name: 'save-money', desired: 'Inactive', repair: 'deactivate' });
  beforeEach(() => {
    deps.allowsDeactivation = true;
    show([aFlowLog('fl-off'), aFlowLog('fl-on', { status: 'Active' })]);
  });

  test('deactivates what is Active, once; what is off then was repaired, and has not drifted', async () => {
    await store.open({
      ...published(complete(anActivation({ flowLogId: 'fl-on' }), false, START - HOUR_MS)),
    });
    await run(wantsOff);
    const deactivation = await store.currentOf('fl-on');
    expect(deactivation).toMatchObject({
      desired: 'Inactive',
      status: 'queued',
      source: 'policy:save-money',
      requestedBy: 'policy:save-money',
      metadata: { policy: 'save-money' },
    });
    expect(deps.plans.plans.size).toBe(0);
    later();
    await run(wantsOff);
    expect(store.batches.size).toBe(1);
    completeAll();
    show([aFlowLog('fl-off'), aFlowLog('fl-on')]);
    later();
    await run(wantsOff);
    expect((await lastRun('save-money')).counts).toEqual({ compliant: 2, gap: 0, excluded: 0, repaired: 1 });
    expect([...store.archive.values(), ...store.current.values()].some(({ drift }) => drift)).toBe(false);
  });

  test('starts nothing where no deactivation is allowed', async () => {
    deps.allowsDeactivation = false;
    await run(wantsOff);
    expect((await lastRun('save-money')).firstGaps).toMatchObject([
      { flowLogId: 'fl-on', repair: 'disabled' },
    ]);
    expect([store.current.size, store.batches.size]).toEqual([0, 0]);
  });

  test('and one that wants Active change nothing of what both select, and name each other', async () => {
    await run(aPolicy(), wantsOff);
    expect([store.current.size, store.batches.size]).toEqual([0, 0]);
    const gaps = async (policy: string) => (await lastRun(policy)).firstGaps;
    expect(await gaps('keep-active')).toMatchObject([
      { flowLogId: 'fl-off', repair: 'contradicted', contradictedBy: ['save-money'] },
    ]);
    expect(await gaps('save-money')).toMatchObject([
      { flowLogId: 'fl-on', repair: 'contradicted', contradictedBy: ['keep-active'] },
    ]);
  });

  test('leaves alone what it excludes, and does not name what is gone', async () => {
    const exclusions = [{ flowLogIds: ['fl-on'], reason: 'needed' }];
    await run({ ...wantsOff, exclusions });
    show([]);
    later();
    await run({ ...wantsOff, exclusions });
    expect(store.current.size).toBe(0);
    expect(await rowsOf('save-money')).toEqual([]);
  });

  test('a killed run starts the same batch again: what came since is left to the next run', async () => {
    const dying = Object.assign(Object.create(runs) as typeof runs, {
      putRows: () => Promise.reject(new Error('killed')),
    });
    await runPolicies({ ...deps, runs: dying }, [wantsOff], limitOf(clock.now));
    store.current.clear();
    show([aFlowLog('fl-new', { status: 'Active' }), aFlowLog('fl-on', { status: 'Active' })]);
    await run(wantsOff);
    expect([...store.batches.values()].map(({ flowLogs }) => flowLogs)).toMatchObject([
      [{ flowLogId: 'fl-on' }],
    ]);
    expect((await rowsOf('save-money')).find(({ flowLogId }) => flowLogId === 'fl-new')?.repair).toBe(
      'later',
    );
  });

  test('killed, and its deactivation has failed meanwhile: a later run tries again', async () => {
    const dying = Object.assign(Object.create(runs) as typeof runs, {
      putRows: () => Promise.reject(new Error('killed')),
    });
    await runPolicies({ ...deps, runs: dying }, [wantsOff], limitOf(clock.now));
    const failed = published(fail(await store.currentOf('fl-on'), 'unexpected', clock.now));
    store.current.set('default#cn-beijing#fl-on', failed);
    later(900_001);
    await run(wantsOff);
    const { activationId } = failed;
    expect((await lastRun('save-money')).firstGaps).toMatchObject([
      { repair: 'later', activationId, failure: 'unexpected' },
    ]);
  });

  test('and whose invocation at the same moment has requested others leaves the rest to a later run', async () => {
    show([aFlowLog('fl-new', { status: 'Active' }), aFlowLog('fl-on', { status: 'Active' })]);
    const racing = Object.assign(Object.create(store) as typeof store, {
      async readBatch() {
        show([aFlowLog('fl-on', { status: 'Active' })]);
        later(900_001);
        await run(wantsOff);
        return undefined;
      },
    });
    await runPolicies({ ...deps, store: racing }, [wantsOff], limitOf(clock.now));
    expect([...store.current.values()].map(({ flowLogId }) => flowLogId)).toEqual(['fl-on']);
    expect(await lastRun('save-money')).toMatchObject({ counts: { gap: 1 } });
    expect(deps.log.lines.map(({ message }) => message)).not.toContain('a policy could not read an account');
  });

  test('that has wanted Active before begins anew: nothing of that time was repaired', async () => {
    show([aFlowLog('fl-1')]);
    await run(aPolicy({ repair: 'tell' }));
    later();
    await run(aPolicy({ repair: 'tell', desired: 'Inactive' }));
    expect(await rowOf('fl-1')).toEqual({
      flowLogId: 'fl-1',
      name: 'name of fl-1',
      status: 'Inactive',
      state: 'compliant',
    });
  });
});

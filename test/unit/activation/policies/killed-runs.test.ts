import { expect, test } from 'vitest';
import { activateFlowLog } from '../../../../lib/activation/activate-flow-log.ts';
import type { FlowLogPolicy } from '../../../../lib/activation/policies/policy.ts';
import { runPolicies } from '../../../../lib/activation/policies/run-policies.ts';
import { createPoller } from '../../../../lib/activation/poller/poll-activations.ts';
import { inMemoryDeps } from '../../../support/builders/in-memory-deps.ts';
import { aPolicy } from '../../../support/builders/policies.ts';
import { aFlowLog } from '../../../support/fakes/in-memory-flow-log-finder.ts';

const LEASE_MS = 900_000;
const OPPOSITE = { Active: 'Inactive', Inactive: 'Active' } as const;
const REPAIRED = ['fl-1', 'fl-2', 'fl-3'];

/** Flow logs that the policy is to repair, and others that it must leave alone. */
function startWorld(desired: FlowLogPolicy['desired']) {
  const status = OPPOSITE[desired];
  const shown = [
    ...[...REPAIRED, 'fl-contradicted', 'fl-excluded'].map((id) => aFlowLog(id, { status })),
    aFlowLog('fl-frozen', { status, locked: true }),
    aFlowLog('fl-outside', { status, vpcId: 'vpc-2' }),
    aFlowLog('fl-fine', { status: desired }),
  ];
  const deps = { ...inMemoryDeps(shown), allowsDeactivation: true, aliases: () => ['default'] };
  const { api, clock } = deps;
  const effects: string[] = [];
  api.views = shown;
  api.duringCall = async () => {
    const { flowLogId } = api.calls.at(-1) ?? {};
    const flowLog = shown.find((each) => each.flowLogId === flowLogId);
    const to = api.deactivated.at(-1) === flowLogId ? 'Inactive' : 'Active';
    if (flowLog && flowLog.status !== to) effects.push(`${flowLogId} ${to}`);
    if (flowLog) flowLog.status = to;
  };
  const repair = desired === 'Active' ? 'activate' : 'deactivate';
  const exclusions = [{ flowLogIds: ['fl-excluded'], reason: 'needed' }];
  const policies = [
    aPolicy({ name: 'tested', desired, repair, selector: { vpcId: 'vpc-1' }, exclusions }),
    aPolicy({ name: 'other', desired: status, repair: 'tell', selector: { name: '*-contradicted' } }),
  ];
  const invoke = async (given = deps) => {
    const leaseUntil = clock.now + LEASE_MS;
    const limit = { beginUntil: leaseUntil - 6e5, readUntil: leaseUntil, openUntil: leaseUntil, leaseUntil };
    await runPolicies(given, policies, limit).catch(() => undefined);
  };
  const poller = createPoller(deps);
  const settle = async () => {
    for (let ticks = 0; ticks < 20; ticks += 1) {
      for (const { job } of deps.queue.enqueued.splice(0)) await activateFlowLog(deps, job, 1_000);
      clock.now += 20_000;
      await poller.tick(clock.now + 30_000);
    }
  };
  return { deps, shown, effects, invoke, settle };
}

type World = ReturnType<typeof startWorld>;
type Accident = (call: () => Promise<unknown>, world: World, isFirst: boolean) => Promise<unknown>;

/** The accident gets each call of a port from this number on. `happened`: whether there was one. */
function withAccident(world: World, number: number, accident: Accident) {
  let calls = 0;
  const watched = (port: object) =>
    new Proxy(port, {
      get: (target, key) => {
        const member = Reflect.get(target, key);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          calls += 1;
          const call = async () => member.apply(target, args);
          return calls < number ? call() : accident(call, world, calls === number);
        };
      },
    });
  const { store, runs, plans, publisher, queue, finder, turns } = world.deps;
  const ports = Object.entries({ store, runs, plans, publisher, queue, finder, turns });
  const given = Object.fromEntries(ports.map(([name, port]) => [name, watched(port)]));
  return { given: { ...world.deps, ...given }, happened: () => calls >= number };
}

const die = () => Promise.reject(new Error('killed'));
const ACCIDENTS: Record<string, Accident> = {
  killed: die,
  'it fails': async (call, _, isFirst) => (isFirst ? die() : call()),
  'its reply is lost': async (call, _, isFirst) => (isFirst ? call().then(die) : call()),
  'another invocation by a clock ahead': async (call, { deps, invoke }, isFirst) => {
    if (!isFirst) return call();
    deps.clock.now += LEASE_MS;
    await invoke();
    deps.clock.now -= LEASE_MS;
    return call();
  },
};

const CASES = Object.keys(ACCIDENTS).flatMap((name) => [
  ['Active', name] as const,
  ['Inactive', name] as const,
]);
test.each(CASES)('wants %s, and at each of its steps: %s', async (desired, name) => {
  for (let number = 1, isOver = false; !isOver; number += 1) {
    const world = startWorld(desired);
    const { deps, shown, effects, invoke, settle } = world;
    const { given, happened } = withAccident(world, number, ACCIDENTS[name] ?? die);
    await invoke(given);
    for (const ms of [LEASE_MS, 4 * LEASE_MS]) {
      deps.clock.now += ms;
      await invoke();
      await settle();
    }
    expect(effects.sort()).toEqual(REPAIRED.map((id) => `${id} ${desired}`));
    const asDesired = shown.filter(({ status }) => status === desired).map(({ flowLogId }) => flowLogId);
    expect(asDesired).toEqual([...REPAIRED, 'fl-fine']);
    expect(deps.store.batches.size).toBe(1);
    const runs = [...deps.runs.runs.values()].filter(({ policy }) => policy === 'tested');
    const last = runs.at(-1);
    const rows = (await deps.runs.readRows('tested', last?.scopes[0]?.pages ?? [])).flat();
    expect(rows.map(({ flowLogId, repair = 'none' }) => `${flowLogId} ${repair}`)).toEqual([
      'fl-contradicted contradicted',
      'fl-frozen impossible',
      ...['fl-excluded', ...asDesired].map((id) => `${id} none`),
    ]);
    expect(last?.counts).toMatchObject({ compliant: 4, gap: 2, excluded: 1 });
    const events = deps.publisher.published.filter(({ ids }) => ids.policy === 'tested');
    for (const same of ['id', 'body'] as const)
      expect(new Set(events.map((event) => event[same])).size).toBe(runs.length);
    isOver = !happened();
    if (isOver) expect(number).toBeGreaterThan(15);
  }
});

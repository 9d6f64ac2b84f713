import { beforeEach, describe, expect, test } from 'vitest';
import {
  PlanExecutedOtherwise,
  PlanOutdated,
  ScopeRefused,
} from '../../../../lib/activation/batches/errors.ts';
import { PLAN_LIFE_MS } from '../../../../lib/activation/batches/plan.ts';
import { executePlan, planBatch, startBatch } from '../../../../lib/activation/batches/start-batch.ts';
import {
  IdempotencyKeyReused,
  NotFound,
  RequestUnfinished,
} from '../../../../lib/activation/model/errors.ts';
import { inMemoryDeps } from '../../../support/builders/in-memory-deps.ts';
import { anActivation, batchIdOf, flowLogOf, policy, START } from '../../../support/fakes/activations.ts';
import { beforeCall } from '../../../support/fakes/before-call.ts';
import {
  aFlowLog,
  aSelector,
  flowLogIds,
  InMemoryFlowLogFinder,
} from '../../../support/fakes/in-memory-flow-log-finder.ts';

const createDeps = () => {
  let drawn = 0;
  return { ...inMemoryDeps(), newPlanId: () => `p-${String(++drawn).padStart(32, '0')}` };
};

let deps = createDeps();
let { clock, store, finder } = deps;

const reset = () => {
  deps = createDeps();
  ({ clock, store, finder } = deps);
};
beforeEach(reset);

const limit = { flowLogs: 10_000, selectBy: START + 60_000, openUntil: START + 120_000 };

const request = (change: Partial<Parameters<typeof startBatch>[1]> = {}) => ({
  callerScope: 'api',
  selector: aSelector(),
  metadata: {},
  source: 'api',
  requestedBy: 'someone',
  ...change,
});
const keyed = request({ idempotencyKey: 'key-1' });
const start = (asked = request()) => startBatch(deps, asked, limit);
const plan = (asked = request()) => planBatch(deps, asked, limit);
const execute = (planId: string, metadata?: Record<string, string>) =>
  executePlan(deps, { planId, source: 'api', requestedBy: 'executor', ...(metadata && { metadata }) }, limit);
const putFlowLogs = (count: number) => {
  finder.flowLogs = flowLogIds(count).map((id) => aFlowLog(id));
};

test('a plan of a region that is no longer enabled starts nothing, executed before or not', async () => {
  finder.flowLogs = [aFlowLog('fl-1')];
  const { planId } = await plan();
  const begun = await start(request({ selector: aSelector({ name: 'x' }) }));
  const batches = store.batches.size;
  deps.scopeRefusal = ({ region }) => `the region ${region} is not enabled`;
  for (const id of [planId, begun.plan.planId]) {
    await expect(execute(id)).rejects.toThrow(ScopeRefused);
  }
  expect(store.batches.size).toBe(batches);
});

describe('a start', () => {
  test('opens the selected flow logs, joins open ones, and does not touch the rest', async () => {
    const earlier = anActivation({ flowLogId: 'fl-open', batchId: batchIdOf(7) });
    await store.open(earlier);
    finder.flowLogs = [
      aFlowLog('fl-1'),
      aFlowLog('fl-active', { status: 'Active' }),
      aFlowLog('fl-deleting', { status: 'Deleting' }),
      aFlowLog('fl-frozen', { locked: true }),
      aFlowLog('fl-open', { status: 'Pending' }),
      aFlowLog('fl-pending', { status: 'Pending' }),
    ];
    const { plan: made, batches } = await start(request({ metadata: { ticket: 'OPS-1' } }));
    expect(made.flowLogs).toEqual({
      wouldActivate: ['fl-1'],
      alreadyOpen: ['fl-open'],
      alreadyActive: ['fl-active'],
      frozen: ['fl-frozen'],
      deleting: ['fl-deleting'],
      otherStatus: ['fl-pending'],
    });
    const [batch, ...others] = store.batches.values();
    expect(others).toEqual([]);
    expect(batch).toMatchObject({
      flowLogs: [flowLogOf('fl-1'), flowLogOf('fl-open')],
      metadata: { ticket: 'OPS-1' },
      source: 'api',
    });
    expect(batches).toEqual([{ batchId: batch?.batchId, total: 2 }]);
    expect(store.current.size).toBe(2);
    expect((await store.currentOf('fl-open')).joiners).toEqual([batch?.batchId]);
  });

  test('of 2,001 flow logs is three batches', async () => {
    putFlowLogs(2_001);
    const { batches } = await start();
    expect(batches.map(({ total }) => total)).toEqual([1_000, 1_000, 1]);
    expect(new Set(batches.map(({ batchId }) => batchId)).size).toBe(3);
    expect(store.current.size).toBe(2_001);
  });

  test('without a match stores its plan, so that a replay starts nothing either', async () => {
    const { batches } = await start(keyed);
    expect(batches).toEqual([]);
    finder.flowLogs = [aFlowLog('fl-1')];
    expect((await start(keyed)).batches).toEqual([]);
    expect(store.writes).toEqual([]);
  });

  test('with a key: a replay does not select again, and returns the same batches', async () => {
    finder.flowLogs = [aFlowLog('fl-1')];
    const first = await start(keyed);
    finder.flowLogs = [aFlowLog('fl-1', { status: 'Active' }), aFlowLog('fl-2')];
    beforeCall(store, 'open', () => expect.unreachable());
    expect(await start(keyed)).toEqual(first);
    expect(finder.calls).toHaveLength(1);
    expect(store.batches.size).toBe(1);
  });

  test('without a key makes a new plan each time', async () => {
    finder.flowLogs = [aFlowLog('fl-1')];
    const [first, second] = [await start(), await start()];
    expect(second.plan.planId).not.toBe(first.plan.planId);
    expect(second.plan.flowLogs.alreadyOpen).toEqual(['fl-1']);
    expect(store.batches.size).toBe(2);
  });

  test.each([
    ['another selector', { selector: aSelector({ name: 'x' }) }],
    ['other metadata', { metadata: { a: '1' } }],
  ])('the same key with %s is refused, and nothing is written', async (_what, change) => {
    await start(keyed);
    finder.flowLogs = [aFlowLog('fl-1')];
    await expect(start({ ...keyed, ...change })).rejects.toBeInstanceOf(IdempotencyKeyReused);
    await expect(plan(keyed)).rejects.toBeInstanceOf(IdempotencyKeyReused);
    expect(store.writes).toEqual([]);
  });

  test('the same key of another caller makes another request', async () => {
    finder.flowLogs = [aFlowLog('fl-1')];
    const [mine, theirs] = [await start(keyed), await start({ ...keyed, callerScope: 'other' })];
    expect(theirs.plan.planId).not.toBe(mine.plan.planId);
  });

  test('out of time: stores all batches; the poller or a repetition opens the rest', async () => {
    putFlowLogs(2_500);
    const speedUp = beforeCall(store, 'open', () => {
      clock.now += 100;
    });
    const first = await start(keyed);
    expect(first.batches.map(({ total }) => total)).toEqual([1_000, 1_000, 500]);
    expect([...store.batches.keys()]).toEqual(first.batches.map(({ batchId }) => batchId));
    // 120 s at 100 ms each, and the slice in progress.
    expect(store.current.size).toBe(1_400);
    clock.now = START;
    speedUp();
    expect((await start(keyed)).batches).toEqual(first.batches);
    expect(finder.calls).toHaveLength(25);
    expect(store.current.size).toBe(2_500);
  });

  test('the jobs of thousands have their turns at the rate of the account, and so have their dueAt', async () => {
    putFlowLogs(2_001);
    await start();
    const dueAt = flowLogIds(2_001).map((id) => store.current.get(`default#cn-beijing#${id}`)?.dueAt ?? 0);
    const waits = (await deps.turns.planTurns('unused', 2_001)).map((turnAt) => turnAt - START);
    // 4 calls per second, of which 0.94 are for jobs, after a burst of 5; turns are 1.1 s apart.
    const latest = (2_000 * 1_000) / (4 * 0.94) - 1_000;
    expect(waits.at(-1)).toBeGreaterThanOrEqual(latest);
    expect(waits.at(-1)).toBeLessThan(latest + 1_100);
    expect(dueAt).toEqual(waits.map((waitMs) => START + policy.requeueAfterMs + waitMs));
    expect(deps.queue.enqueued.map(({ delayMs }) => delayMs).sort((a, b) => a - b)).toEqual(waits);
  });

  test('a batch that cannot be finished now does not stop the others', async () => {
    const joiners = Array.from({ length: 500 }, (_, index) => batchIdOf(index + 100));
    await store.open({ ...anActivation({ flowLogId: 'fl-00000' }), joiners });
    putFlowLogs(1_001);
    await expect(start()).rejects.toBeInstanceOf(RequestUnfinished);
    expect(store.batches.size).toBe(2);
    expect(store.current.size).toBe(1_001);
  });
});

test('interrupted before or after any step and repeated: starts only the batch of the first plan', async () => {
  let crashes = 0;
  for (let step = 1; ; step += 1) {
    reset();
    finder.flowLogs = [aFlowLog('fl-1'), aFlowLog('fl-2'), aFlowLog('fl-3', { status: 'Active' })];
    const { crashing, crashed } = crashingAt(deps, step);
    const first = await startBatch(crashing, keyed, limit).catch(() => undefined);
    if (!crashed()) break;
    crashes += 1;
    expect(first).toBeUndefined();
    // The flow logs change. A plan that was not stored is made again; a stored plan is not.
    if (deps.plans.plans.size > 0) finder.flowLogs = [aFlowLog('fl-new')];
    const { batches } = await start(keyed);
    expect(batches).toMatchObject([{ total: 2 }]);
    expect([...store.batches.keys()]).toEqual(batches.map(({ batchId }) => batchId));
    expect([...store.current.values()].map(({ flowLogId }) => flowLogId).sort()).toEqual(['fl-1', 'fl-2']);
  }
  expect(crashes).toBeGreaterThan(10);
});

test.each([1, 2, 3, 4])('interrupted around one of two batches (%i): both exist in the end', async (step) => {
  putFlowLogs(1_001);
  const createBatch = store.createBatch.bind(deps.store);
  let steps = 0;
  const tick = () => {
    steps += 1;
    if (steps === step) throw new Error('crash');
  };
  store.createBatch = async (batch) => {
    tick();
    const existing = await createBatch(batch);
    tick();
    return existing;
  };
  await expect(start(keyed)).rejects.toThrow('crash');
  const { batches } = await start(keyed);
  expect(batches.map(({ total }) => total)).toEqual([1_000, 1]);
  expect([...store.batches.keys()].sort()).toEqual(batches.map(({ batchId }) => batchId).sort());
  expect(store.current.size).toBe(1_001);
});

/** Counts each call of a port twice, before and after its effect. Throws once, at the given count. */
function crashingAt(given: typeof deps, step: number) {
  let steps = 0;
  const tick = () => {
    steps += 1;
    if (steps === step) throw new Error(`crash at step ${step}`);
  };
  const around = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]) => {
          tick();
          const result: unknown = await Reflect.apply(method, target, args);
          tick();
          return result;
        };
      },
    });
  const crashing = {
    ...given,
    store: around(given.store),
    plans: around(given.plans),
    finder: around(given.finder),
    queue: around(given.queue),
  };
  return { crashing, crashed: () => steps >= step };
}

test('two starts at once with one key and different selections start the batches of one plan', async () => {
  const other = { ...deps, finder: new InMemoryFlowLogFinder([aFlowLog('fl-2')]) };
  finder.flowLogs = [aFlowLog('fl-1')];
  const [first, second] = await Promise.all([start(keyed), startBatch(other, keyed, limit)]);
  expect(second).toEqual(first);
  expect(finder.calls.length + other.finder.calls.length).toBe(2);
  expect(store.batches.size).toBe(1);
  expect(store.current.size).toBe(1);
});

describe('a plan', () => {
  test('is stored, starts nothing, and is returned again for the same key', async () => {
    finder.flowLogs = [aFlowLog('fl-1')];
    const first = await plan(keyed);
    finder.flowLogs = [];
    expect(await plan(keyed)).toEqual(first);
    expect(store.writes).toEqual([]);
    expect(deps.queue.enqueued).toEqual([]);
  });

  test('starts exactly its flow logs when executed, once', async () => {
    finder.flowLogs = [aFlowLog('fl-1'), aFlowLog('fl-2', { locked: true })];
    const { planId } = await plan(request({ metadata: { ticket: 'OPS-1' } }));
    const first = await execute(planId);
    expect([...store.batches.values()]).toMatchObject([
      {
        flowLogs: [flowLogOf('fl-1')],
        metadata: { ticket: 'OPS-1' },
        source: 'api',
        requestedBy: 'executor',
      },
    ]);
    finder.flowLogs = [];
    const calls = finder.calls.length;
    expect((await execute(planId)).batches).toEqual(first.batches);
    expect((await execute(planId, { ticket: 'OPS-1' })).batches).toEqual(first.batches);
    expect(finder.calls).toHaveLength(calls);
    await expect(execute(planId, { ticket: 'OPS-2' })).rejects.toBeInstanceOf(PlanExecutedOtherwise);
    expect(store.batches.size).toBe(1);
  });

  test('takes the metadata of its execution', async () => {
    finder.flowLogs = [aFlowLog('fl-1')];
    const { planId } = await plan(request({ metadata: { ticket: 'OPS-1' } }));
    await execute(planId, { ticket: 'OPS-2' });
    expect([...store.batches.values()][0]?.metadata).toEqual({ ticket: 'OPS-2' });
  });

  test('is refused with the difference if the flow logs changed, and accepted if they change back', async () => {
    finder.flowLogs = [aFlowLog('fl-1'), aFlowLog('fl-2')];
    const { planId } = await plan();
    finder.flowLogs = [aFlowLog('fl-1', { status: 'Active' }), aFlowLog('fl-3')];
    const refused = await execute(planId).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(PlanOutdated);
    expect(refused).toMatchObject({
      difference: {
        appeared: { count: 1, flowLogIds: ['fl-3'] },
        gone: { count: 1, flowLogIds: ['fl-2'] },
        changed: {
          count: 1,
          flowLogs: [{ flowLogId: 'fl-1', from: 'wouldActivate', to: 'alreadyActive' }],
        },
      },
    });
    expect(store.writes).toEqual([]);
    finder.flowLogs = [aFlowLog('fl-1'), aFlowLog('fl-2')];
    expect((await execute(planId)).batches).toHaveLength(1);
  });

  test('is executed once by two requests at once, even if the second sees the work of the first', async () => {
    finder.flowLogs = [aFlowLog('fl-1')];
    const { planId } = await plan();
    const page = finder.page.bind(deps.finder);
    let first: Awaited<ReturnType<typeof execute>> | undefined;
    finder.page = async (...args) => {
      finder.page = page;
      first = await execute(planId);
      finder.flowLogs = [aFlowLog('fl-1', { status: 'Active' })];
      store.current.clear();
      return page(...args);
    };
    expect((await execute(planId)).batches).toEqual(first?.batches);
    expect(store.batches.size).toBe(1);
  });

  test('continues without a selection after an interruption', async () => {
    finder.flowLogs = [aFlowLog('fl-1')];
    const { planId } = await plan();
    const recover = beforeCall(store, 'createBatch', () => Promise.reject(new Error('crash')));
    await expect(execute(planId)).rejects.toThrow('crash');
    recover();
    finder.flowLogs = [];
    expect((await execute(planId)).batches).toHaveLength(1);
    expect(store.current.size).toBe(1);
  });

  test('that does not exist or is expired is not found', async () => {
    await expect(execute(`p-${'0'.repeat(32)}`)).rejects.toBeInstanceOf(NotFound);
    const { planId } = await plan();
    clock.now = START + PLAN_LIFE_MS;
    await expect(execute(planId)).rejects.toBeInstanceOf(NotFound);
  });

  test('of a key whose first plan is expired is a new one, with its own batches', async () => {
    finder.flowLogs = [aFlowLog('fl-1')];
    const first = await start(keyed);
    clock.now = START + PLAN_LIFE_MS;
    finder.flowLogs = [aFlowLog('fl-2')];
    const later = { ...limit, selectBy: clock.now + 60_000, openUntil: clock.now + 60_000 };
    const second = await startBatch(deps, keyed, later);
    expect(second.plan.planId).toBe(first.plan.planId);
    expect(second.batches[0]?.batchId).not.toBe(first.batches[0]?.batchId);
  });
});

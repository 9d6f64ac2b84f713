import { beforeEach, describe, expect, test } from 'vitest';
import type { Activation } from '../../../lib/activation/model/activation.ts';
import { fail } from '../../../lib/activation/model/endings.ts';
import { IdempotencyKeyReused, NotFound, RecordUnreadable } from '../../../lib/activation/model/errors.ts';
import type { FailureReason } from '../../../lib/activation/model/outcome.ts';
import { reopen, retryLater } from '../../../lib/activation/model/queueing.ts';
import type { OperationRequest } from '../../../lib/activation/operations/operation.ts';
import {
  abortOperation,
  readRefusals,
  requestOperation,
} from '../../../lib/activation/operations/request-operation.ts';
import { createPoller } from '../../../lib/activation/poller/poll-activations.ts';
import { pauseAccount } from '../../../lib/activation/quota/pause-account.ts';
import { requestActivations } from '../../../lib/activation/request/request-activations.ts';
import {
  aFailedActivation,
  aLeasedActivation,
  anAcceptedActivation,
  aRequest,
  numberedIds,
  published,
} from '../../support/builders/activations.ts';
import { callFailure, refusedPermanently } from '../../support/builders/call-failures.ts';
import { inMemoryDeps } from '../../support/builders/in-memory-deps.ts';
import { anActivation, batchIdOf, policy, START } from '../../support/fakes/activations.ts';
import { beforeCall } from '../../support/fakes/before-call.ts';

const ALICE = 'arn:aws:sts::123456789012:assumed-role/ops/alice';
const BOB = 'arn:aws:sts::123456789012:assumed-role/ops/bob';
const DENIED = { code: 'AccessDenied', message: 'no', httpStatus: 403 };

let deps = inMemoryDeps();
let { clock, store, operations, queue, api, log } = deps;
let poller = createPoller(deps);

beforeEach(() => {
  deps = inMemoryDeps();
  ({ clock, store, operations, queue, api, log } = deps);
  clock.now = START + 600_000;
  poller = createPoller(deps);
});

const ask = (
  action: OperationRequest['action'],
  filter: OperationRequest['filter'] = {},
  change: { limit?: number; idempotencyKey?: string; requestedBy?: string } = {},
) => requestOperation(deps, { action, filter, callerScope: 'api', requestedBy: ALICE, ...change });
const tick = async (afterMs = 1_000) => {
  clock.now += afterMs;
  return poller.tick(clock.now + 50_000);
};
const stored = async () => [...operations.operations.values()][0] ?? expect.unreachable();
const untilEnded = async (ticks = 50) => {
  for (let round = 0; round < ticks && (await stored()).dueAt !== undefined; round += 1) await tick();
  return stored();
};
const refusals = async () => (await readRefusals(operations, await stored(), 1)).refusals;
const current = (flowLogId: string) => store.currentOf(flowLogId);
const put = async (...activations: Activation[]) => {
  for (const activation of activations) await store.open(activation);
};
const failed = (flowLogId: string, reason: FailureReason = 'frozen', change: Partial<Activation> = {}) =>
  published(aFailedActivation(reason, { flowLogId, ...change }));
/** After a call that did not succeed. */
const waiting = (flowLogId: string, kind = 'retry') =>
  retryLater(aLeasedActivation({ flowLogId }), kind, DENIED, 800_000, START, policy);
const queued = (flowLogId: string) => anActivation({ flowLogId, dueAt: START + 9_000_000 });
/** What an operation changes: no poller changes it in between. */
const decided = (flowLogIds: string[]) =>
  Promise.all(
    flowLogIds.map(async (id) => {
      const { status, generation, attempts, history, updatedAt } = await current(id);
      return { status, generation, attempts, history, updatedAt };
    }),
  );
const generations = async (flowLogIds: string[]) =>
  Promise.all(flowLogIds.map(async (id) => (await current(id)).generation));

describe('an operation', () => {
  test('is stored, then carried out by the poller, and ends', async () => {
    await put(...numberedIds(250).map((id) => failed(id)));
    api.show('Inactive', numberedIds(250));
    expect(await ask('redrive')).toMatchObject({ status: 'running', dueAt: clock.now });
    expect(await generations(['fl-0'])).toEqual([1]);
    expect(await tick()).toMatchObject({ due: 1 });
    expect(await untilEnded()).toMatchObject({
      status: 'completed',
      looked: 250,
      done: 250,
      refused: 0,
      finishedAt: clock.now,
    });
    expect(new Set(await generations(numberedIds(250)))).toEqual(new Set([2]));
    expect((await current('fl-0')).history.at(-1)).toMatchObject({ event: 'redriven', by: ALICE });
    expect(queue.enqueued).toHaveLength(250);
    expect(api.described).toHaveLength(3);
    const ended = { action: 'redrive', status: 'completed', requestedBy: ALICE, done: 250 };
    expect(log.lines.at(-1)).toMatchObject({ message: 'operation ended', fields: ended });
  });

  test('that finds nothing ends with its first slice', async () => {
    await ask('cancel');
    await tick();
    expect(await stored()).toMatchObject({ status: 'completed', looked: 0, done: 0 });
  });

  test('makes the poller tick each second while it runs', async () => {
    api.describeFailure = callFailure('retry', 'InternalError', 500);
    await put(failed('fl-1'));
    await ask('redrive');
    expect(await tick()).toMatchObject({ pauseMs: 1_000 });
  });

  test('wakes the poller after it is stored, and is logged with its principal', async () => {
    const steps: string[] = [];
    const { create } = operations;
    operations.create = async (one) => {
      steps.push('stored');
      return create.call(operations, one);
    };
    deps.wake = async () => {
      steps.push('woken');
    };
    await ask('cancel', { account: 'default' });
    expect(steps).toEqual(['stored', 'woken']);
    expect(log.lines).toMatchObject([
      { message: 'operation requested', fields: { action: 'cancel', requestedBy: ALICE } },
    ]);
  });

  test('with the same key is the same, and with other content refused', async () => {
    const key = { idempotencyKey: 'k' };
    const { operationId } = await ask('cancel', { account: 'a' }, key);
    await untilEnded();
    expect(await ask('cancel', { account: 'a' }, { ...key, requestedBy: BOB })).toMatchObject({
      operationId,
      status: 'completed',
      requestedBy: ALICE,
    });
    await expect(ask('cancel', { account: 'b' }, key)).rejects.toThrow(IdempotencyKeyReused);
    await expect(ask('retry-now', { account: 'a' }, key)).rejects.toThrow(IdempotencyKeyReused);
    expect(operations.operations.size).toBe(1);
  });

  test('for a batch that does not exist is refused', async () => {
    await expect(ask('cancel', { batchId: batchIdOf(7) })).rejects.toThrow(NotFound);
    expect(operations.operations.size).toBe(0);
  });

  test('ends when `limit` are done, and decides no more than that', async () => {
    await put(...numberedIds(30).map((id) => failed(id)));
    api.show('Inactive', numberedIds(30));
    api.show('Inactive', numberedIds(3), { locked: true });
    await ask('redrive', {}, { limit: 20 });
    expect(await untilEnded()).toMatchObject({ status: 'completed', done: 20 });
    expect(queue.enqueued).toHaveLength(20);
  });
});

describe('what matches', () => {
  const redrivenBy = async (filter: OperationRequest['filter']) => {
    await ask('redrive', filter);
    await untilEnded();
    return [...store.current.values()].filter(({ generation }) => generation > 1).map((one) => one.flowLogId);
  };

  beforeEach(async () => {
    await put(
      failed('fl-frozen'),
      failed('fl-late', 'deadline-exceeded'),
      failed('fl-cancelled', 'cancelled'),
      failed('fl-old', 'frozen', { createdAt: START - 86_400_000 }),
      failed('fl-shanghai', 'frozen', { region: 'cn-shanghai' }),
      failed('fl-other', 'frozen', { account: 'other' }),
      failed('fl-joined', 'frozen', { joiners: [batchIdOf(5)] }),
      anAcceptedActivation({ flowLogId: 'fl-pending' }),
    );
    api.show(
      'Inactive',
      [...store.current.values()].map((one) => one.flowLogId),
    );
  });

  test.each([
    [
      'all, without what a person has cancelled',
      {},
      ['fl-frozen', 'fl-late', 'fl-old', 'fl-shanghai', 'fl-other', 'fl-joined'],
    ],
    ['a reason', { reason: 'deadline-exceeded' }, ['fl-late']],
    ['what was cancelled, by its reason', { reason: 'cancelled' }, ['fl-cancelled']],
    ['an account', { account: 'other' }, ['fl-other']],
    ['a region', { region: 'cn-shanghai' }, ['fl-shanghai']],
    ['times', { createdUntil: START - 1 }, ['fl-old']],
    [
      'a reason and times',
      { reason: 'frozen', account: 'default', region: 'cn-beijing', createdFrom: START },
      ['fl-frozen', 'fl-joined'],
    ],
    [
      'flow logs',
      {
        flowLogIds: ['fl-late', 'fl-none', 'fl-frozen', 'fl-pending'],
        account: 'default',
        region: 'cn-beijing',
      },
      ['fl-frozen', 'fl-late'],
    ],
    [
      'flow logs of a batch',
      {
        flowLogIds: ['fl-late', 'fl-joined'],
        account: 'default',
        region: 'cn-beijing',
        batchId: batchIdOf(5),
      },
      ['fl-joined'],
    ],
  ] as const)('%s', async (_what, filter, expected) => {
    const { batchId } = filter as { batchId?: string };
    if (batchId) store.batches.set(batchId, { ...aBatchOf(['fl-joined']), batchId });
    expect((await redrivenBy(structuredClone(filter) as OperationRequest['filter'])).sort()).toEqual(
      [...expected].sort(),
    );
  });

  test('a batch: what it opened and what it joined', async () => {
    store.batches.set(batchIdOf(5), { ...aBatchOf(['fl-frozen', 'fl-joined']), batchId: batchIdOf(5) });
    expect(await redrivenBy({ batchId: batchIdOf(5) })).toEqual(['fl-joined']);
  });

  test('nothing that was created after the operation, and nothing that is in a later generation', async () => {
    const { createdAt } = await ask('redrive');
    await put(failed('fl-later', 'frozen', { createdAt: createdAt + 1 }));
    api.show('Inactive', ['fl-later']);
    await untilEnded();
    expect(await generations(['fl-later', 'fl-frozen'])).toEqual([1, 2]);
  });
});

describe('cancel', () => {
  test('cancels what is queued, and lists what cannot be cancelled', async () => {
    await put(queued('fl-1'), {
      ...aLeasedActivation({ flowLogId: 'fl-called' }),
      leaseUntil: clock.now + 15_000,
    });
    await put(
      { ...queued('fl-joined'), joiners: [batchIdOf(2)] },
      anAcceptedActivation({ flowLogId: 'fl-2' }),
    );
    await ask('cancel');
    expect(await untilEnded()).toMatchObject({ done: 1, refused: 2 });
    expect(await current('fl-1')).toMatchObject({ status: 'failed', reason: 'cancelled' });
    expect((await current('fl-1')).history.at(-1)).toMatchObject({ by: ALICE });
    expect((await refusals()).map(({ why }) => why).sort()).toEqual([
      'it cannot be cancelled: 1 other batch waits for it',
      'it cannot be cancelled: Volcengine is being called for it',
    ]);
  });
});

describe('retry-now', () => {
  test('plans the next calls of what waits after a call, at the turns of the account', async () => {
    const ids = numberedIds(10);
    await put(...ids.map((id) => waiting(id)), queued('fl-first'));
    await ask('retry-now');
    expect(await untilEnded()).toMatchObject({ done: 10, refused: 0 });
    const other = inMemoryDeps();
    other.clock.now = clock.now;
    const turns = (await other.turns.planTurns('default', 10)).map((turn) => turn - clock.now);
    expect(queue.enqueued.map(({ delayMs }) => delayMs)).toEqual(turns);
    expect(turns.at(-1)).toBeGreaterThan(1_000);
    for (const id of ids) {
      const { dueAt = 0, history } = await current(id);
      expect(dueAt).toBeLessThan(clock.now + policy.requeueAfterMs + 5_000);
      expect(history.at(-1)).toMatchObject({ event: 'retry now', by: ALICE });
    }
    expect(await current('fl-first')).toMatchObject({ version: 1 });
  });

  test('with `held`: only what is on hold', async () => {
    await put(waiting('fl-held', 'hold'), waiting('fl-retry'));
    await ask('retry-now', { held: true });
    await untilEnded();
    expect(queue.enqueued.map(({ job }) => job.activationId)).toEqual([
      (await current('fl-held')).activationId,
    ]);
  });

  test('of a paused account is refused', async () => {
    await put(waiting('fl-1'));
    await pauseAccount(deps, 'default', { by: BOB });
    await ask('retry-now');
    expect(await untilEnded()).toMatchObject({ done: 0, refused: 1 });
    expect((await refusals())[0]?.why).toContain('is paused');
  });
});

describe('one that is refused stops no other', () => {
  test('of a redrive: each with its reason, in pages', async () => {
    const ids = numberedIds(120);
    await put(...ids.map((id) => failed(id)));
    api.show('Inactive', ids, { locked: true });
    api.show('Inactive', ['fl-7']);
    await ask('redrive');
    expect(await untilEnded()).toMatchObject({ done: 1, refused: 119, refusalPages: 2 });
    const listed = await refusals();
    expect(new Set(listed.map(({ activationId }) => activationId)).size).toBe(119);
    expect(listed[0]?.why).toBe('it cannot be redriven: the flow log is still frozen (locked)');
  });

  test.each([
    ['an account on hold', callFailure('hold', 'AccessDenied', 403)],
    ['an account without replies', callFailure('retry', 'InternalError', 500)],
    ['an account that refuses all', refusedPermanently('invalid-request', 'InvalidParameter')],
  ])('%s: is tried again a few times at most, and the others are done', async (_what, failure) => {
    await put(...numberedIds(3).map((id) => failed(id)), failed('fl-bad', 'frozen', { account: 'bad' }));
    api.show('Inactive', [...numberedIds(3), 'fl-bad']);
    api.describeFailureOf = (_ids, { account }) => (account === 'bad' ? failure : undefined);
    await ask('redrive');
    expect(await untilEnded(6)).toMatchObject({ status: 'completed', done: 3, refused: 1 });
    expect((await refusals())[0]?.why).toContain(failure.error.code);
    expect(api.describedScopes.filter(({ account }) => account === 'bad').length).toBeLessThanOrEqual(4);
  });

  test('one whose failure is not published yet is redriven as soon as it is', async () => {
    await put(aFailedActivation('frozen', { flowLogId: 'fl-1' }));
    api.show('Inactive', ['fl-1']);
    await ask('redrive');
    expect(await untilEnded()).toMatchObject({ done: 1, refused: 0 });
  });

  test('an activation whose record is unreadable, or whose write fails each time', async () => {
    await put(...numberedIds(3).map((id) => failed(id)));
    api.show('Inactive', numberedIds(3));
    const { readActivation, transition } = store;
    store.readActivation = async (id) => {
      if (id.includes('.fl-1.')) throw new RecordUnreadable('fl-1');
      return readActivation.call(store, id);
    };
    store.transition = async (previous, next) => {
      if (previous.flowLogId === 'fl-2') throw new Error('a bug');
      return transition.call(store, previous, next);
    };
    await ask('redrive');
    expect(await untilEnded()).toMatchObject({ status: 'completed', done: 1, refused: 2 });
    expect((await refusals()).map(({ why }) => why).sort()).toEqual([
      'an unexpected error, which is in the log of the poller',
      'the record of fl-1 cannot be read by this version of the service',
    ]);
  });

  test('one operation that fails stops neither another one nor the tick', async () => {
    await put(failed('fl-1'), anAcceptedActivation({ flowLogId: 'fl-2' }));
    api.show('Inactive', ['fl-1']);
    api.show('Active', ['fl-2']);
    await ask('redrive', {}, { idempotencyKey: 'good' });
    const { operationId } = await ask('redrive', { account: 'a' }, { idempotencyKey: 'bad' });
    const { transition } = operations;
    operations.transition = async (previous, next) => {
      if (previous.operationId === operationId) throw new Error('table down');
      return transition.call(operations, previous, next);
    };
    await expect(tick()).rejects.toThrow('table down');
    expect(await current('fl-2')).toMatchObject({ status: 'completed' });
    expect(await generations(['fl-1'])).toEqual([2]);
  });
});

test('an operation that fails each time is tried once in 75 seconds, and can be aborted', async () => {
  await put(failed('fl-1'));
  await ask('redrive');
  let tries = 0;
  store.list = async () => {
    tries += 1;
    throw new Error('a bug');
  };
  for (let second = 0; second < 150; second += 1) await tick().catch(() => {});
  expect(tries).toBeLessThanOrEqual(3);
  await abortOperation(deps, (await stored()).operationId, BOB);
  expect(await stored()).toMatchObject({ status: 'aborted', finishedAt: clock.now });
});

describe('a slice that dies', () => {
  /** The container ends at the given write of the operation's record. */
  const dieAt = (write: number) => {
    let writes = 0;
    return beforeCall(operations, 'transition', () => {
      writes += 1;
      if (writes === write) throw new Error('killed');
    });
  };

  test.each([
    ['redrive', (id: string) => failed(id)],
    ['cancel', (id: string) => queued(id)],
    ['retry-now', (id: string) => waiting(id)],
  ] as const)('after it has acted: %s decides each once, and counts each once', async (action, make) => {
    const ids = numberedIds(5);
    await put(...ids.map(make));
    api.show('Inactive', ids);
    await ask(action);
    const recover = dieAt(2);
    await expect(tick()).rejects.toThrow('killed');
    recover();
    const before = await decided(ids);
    await tick(60_000);
    expect((await stored()).tries).toBe(1);
    await tick(20_000);
    expect(await stored()).toMatchObject({ status: 'completed', done: 5, refused: 0, tries: 2 });
    expect(await decided(ids)).toEqual(before);
  });

  test.each([
    ['redrive', (id: string) => failed(id)],
    ['cancel', (id: string) => queued(id)],
    ['retry-now', (id: string) => waiting(id)],
  ] as const)(
    'after it has acted, and others go on with them: %s counts them as done',
    async (action, make) => {
      const ids = numberedIds(3);
      await put(...ids.map(make));
      api.show('Inactive', ids);
      await ask(action);
      const recover = dieAt(2);
      await expect(tick()).rejects.toThrow('killed');
      recover();
      for (const id of ids) {
        const acted = await current(id);
        const ended = acted.status === 'failed' ? acted : fail(acted, 'frozen', clock.now);
        await store.transition(acted, {
          ...reopen(ended, BOB, clock.now, policy),
          version: acted.version + 1,
        });
      }
      await tick(80_000);
      expect(await stored()).toMatchObject({ status: 'completed', done: 3, refused: 0 });
    },
  );

  test('again and again gives its hand up, and the rest is done', async () => {
    const ids = numberedIds(150).map((id, index) => failed(id, 'frozen', { createdAt: START + index }));
    await put(...ids);
    api.show('Inactive', numberedIds(150));
    const poisoned = (await current('fl-149')).activationId;
    const { readActivation } = store;
    await ask('redrive');
    for (let time = 0; time < 4; time += 1) {
      const recover = dieAt(2);
      store.readActivation = async (id) => (id === poisoned ? undefined : readActivation.call(store, id));
      api.duringDescribe = () => Promise.reject(new Error('killed'));
      await tick(80_000).catch(() => {});
      recover();
    }
    api.duringDescribe = () => {};
    store.readActivation = readActivation;
    clock.now += 80_000;
    expect(await untilEnded()).toMatchObject({ status: 'completed', done: 50, refused: 100 });
    expect((await refusals())[0]?.why).toBe('each try was interrupted');
  });

  test('whose writes were stored although their replies were lost: nothing is counted twice', async () => {
    await put(...numberedIds(3).map((id) => failed(id)));
    api.show('Inactive', numberedIds(3));
    await ask('redrive');
    const { transition } = operations;
    operations.transition = async (previous, next) => {
      await transition.call(operations, previous, next);
      return false;
    };
    await tick();
    expect(await stored()).toMatchObject({ status: 'completed', done: 3, refused: 0 });
  });

  test('two pollers at once: one carries it out', async () => {
    await put(...numberedIds(50).map((id) => failed(id)));
    api.show('Inactive', numberedIds(50));
    await ask('redrive');
    let drawn = 0;
    deps.random = () => ++drawn / 100;
    const other = createPoller(deps);
    clock.now += 1_000;
    await Promise.all([poller.tick(clock.now + 50_000), other.tick(clock.now + 50_000)]);
    await untilEnded();
    expect(await stored()).toMatchObject({ done: 50 });
    expect(api.described).toHaveLength(1);
  });
});

describe('an abort', () => {
  const abort = async () => abortOperation(deps, (await stored()).operationId, BOB);

  test('before the first slice: nothing is done, ever', async () => {
    await put(failed('fl-1'));
    await ask('redrive');
    expect(await abort()).toMatchObject({ status: 'aborted', abortedBy: BOB, finishedAt: clock.now });
    expect(await tick()).toMatchObject({ due: 0 });
    expect(await generations(['fl-1'])).toEqual([1]);
    const fields = { by: BOB, status: 'aborted', done: 0, refused: 0 };
    expect(log.lines.at(-1)).toMatchObject({ message: 'operation to be aborted', fields });
  });

  test('during a slice: what was described is not written, what was done stays done and is counted', async () => {
    await put(...numberedIds(3).map((id) => failed(id)), failed('fl-b', 'frozen', { account: 'b' }));
    api.show('Inactive', [...numberedIds(3), 'fl-b']);
    await ask('redrive');
    api.describeFailureOf = () => undefined;
    api.duringDescribe = async () => {
      if (api.describedScopes.at(-1)?.account === 'b') await abort();
    };
    await tick();
    const ended = await stored();
    expect(ended).toMatchObject({ status: 'aborted', finishedAt: clock.now, hand: [] });
    expect(ended.dueAt).toBeUndefined();
    const redriven = [...store.current.values()].filter(({ generation }) => generation === 2);
    expect(ended.done).toBe(redriven.length);
    expect(redriven.map(({ account }) => account)).not.toContain('b');
  });

  test('while a dead slice has a hand: counts what it had done, does nothing more, and ends', async () => {
    await put(...numberedIds(5).map((id) => failed(id)));
    api.show('Inactive', numberedIds(5));
    await ask('redrive');
    const recover = beforeCall(operations, 'transition', () => {
      if (queue.enqueued.length > 0) throw new Error('killed');
    });
    await expect(tick()).rejects.toThrow('killed');
    recover();
    await store.change('fl-0', (one) => ({ ...one, generation: 1, status: 'failed' }));
    expect((await abort()).finishedAt).toBeUndefined();
    await tick(80_000);
    expect(await stored()).toMatchObject({ status: 'aborted', done: 4, refused: 0, finishedAt: clock.now });
    expect(await generations(['fl-0'])).toEqual([1]);
  });

  describe('while a dead slice has a hand that cannot be read', () => {
    const dieAfterActing = async (ids: string[]) => {
      await put(...ids.map((id) => waiting(id)));
      await ask('retry-now');
      const recover = beforeCall(operations, 'transition', () => {
        if (queue.enqueued.length > 0) throw new Error('killed');
      });
      await expect(tick()).rejects.toThrow('killed');
      recover();
      expect((await abort()).finishedAt).toBeUndefined();
    };
    const refuseReadsOf = (flowLogId: string) =>
      beforeCall(store, 'readActivation', (activationId) => {
        if (activationId.includes(flowLogId)) throw new Error('read refused');
      });

    test('keeps what could not be read, and counts it as soon as it can be', async () => {
      const ids = numberedIds(3);
      await dieAfterActing(ids);
      const recover = refuseReadsOf('fl-1');
      await tick(80_000);
      expect(await stored()).toMatchObject({ status: 'aborted', done: 2, refused: 0 });
      expect((await stored()).hand).toHaveLength(1);
      recover();
      await tick();
      expect(await stored()).toMatchObject({ done: 3, refused: 0, hand: [], finishedAt: clock.now });
    });

    test('refuses what can never be read, and ends', async () => {
      await dieAfterActing(numberedIds(3));
      refuseReadsOf('fl-1');
      for (let round = 0; round < 5; round += 1) await tick(80_000);
      expect(await stored()).toMatchObject({ status: 'aborted', done: 2, refused: 1, hand: [] });
      expect((await stored()).dueAt).toBeUndefined();
    });
  });

  test('may be repeated, and changes nothing that has ended', async () => {
    await ask('cancel');
    await untilEnded();
    expect(await abort()).toMatchObject({ status: 'completed' });
    expect(await stored()).toMatchObject({ status: 'completed' });
    await expect(abortOperation(deps, `o-${'0'.repeat(32)}`, BOB)).rejects.toThrow(NotFound);
  });
});

test('requests and operations of one account share its turns', async () => {
  await put(...numberedIds(4).map((id) => waiting(id)));
  await requestActivations(deps, aRequest(Array.from({ length: 50 }, (_, index) => `fl-new-${index}`)));
  queue.enqueued.length = 0;
  await ask('retry-now');
  await untilEnded();
  expect(queue.enqueued.every(({ delayMs }) => delayMs > 0)).toBe(true);
});

function aBatchOf(flowLogIds: string[]) {
  const flowLogs = flowLogIds.map((flowLogId) => ({ account: 'default', region: 'cn-beijing', flowLogId }));
  return { bodyHash: 'hash', flowLogs, metadata: {}, source: 'api', createdAt: START, version: 1 };
}

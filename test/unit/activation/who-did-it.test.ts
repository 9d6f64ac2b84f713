import { beforeEach, describe, expect, test } from 'vitest';
import { finishBatch } from '../../../lib/activation/batches/finish-batch.ts';
import { startScheduled } from '../../../lib/activation/batches/scheduled-batch.ts';
import { executePlan, planBatch } from '../../../lib/activation/batches/start-batch.ts';
import { fail } from '../../../lib/activation/model/endings.ts';
import { redriveActivation } from '../../../lib/activation/redrive/redrive-activation.ts';
import { redriveFailed } from '../../../lib/activation/redrive/redrive-failed.ts';
import { redriveFromDeadLetter } from '../../../lib/activation/redrive/redrive-from-dead-letter.ts';
import { cancelActivation } from '../../../lib/activation/request/cancel-activation.ts';
import { requestActivations } from '../../../lib/activation/request/request-activations.ts';
import { aRequest, published } from '../../support/builders/activations.ts';
import { inMemoryDeps } from '../../support/builders/in-memory-deps.ts';
import { START } from '../../support/fakes/activations.ts';
import { beforeCall } from '../../support/fakes/before-call.ts';
import { aFlowLog, aSelector } from '../../support/fakes/in-memory-flow-log-finder.ts';

const ALICE = 'arn:aws:sts::123456789012:assumed-role/ops/alice';
const BOB = 'arn:aws:sts::123456789012:assumed-role/ops/bob';

let deps = inMemoryDeps();
beforeEach(() => {
  deps = inMemoryDeps([aFlowLog('fl-1')]);
  deps.api.show('Inactive');
});

const ask = (requestedBy: string, idempotencyKey = 'k') =>
  requestActivations(deps, aRequest(['fl-1'], { idempotencyKey, requestedBy }));

const current = () => deps.store.currentOf('fl-1');

/** Its failure is published. */
async function failIt(): Promise<string> {
  await ask(ALICE);
  await deps.store.change('fl-1', (opened) => published(fail(opened, 'frozen', START)));
  return (await current()).activationId;
}

const logged = (message: string | RegExp) =>
  deps.log.lines.filter((line) => new RegExp(message).test(line.message)).map(({ fields }) => fields);

describe('a request', () => {
  test('stores the principal in the batch and its activations, and logs it', async () => {
    const { batchId } = await ask(ALICE);
    expect((await deps.store.readBatch(batchId))?.requestedBy).toBe(ALICE);
    expect((await current()).requestedBy).toBe(ALICE);
    expect(logged('activations requested')).toMatchObject([{ batchId, requestedBy: ALICE }]);
  });

  test('a repetition by another session of the role keeps the first principal', async () => {
    const { batchId } = await ask(ALICE);
    expect((await ask(BOB)).batchId).toBe(batchId);
    expect((await deps.store.readBatch(batchId))?.requestedBy).toBe(ALICE);
    expect((await current()).requestedBy).toBe(ALICE);
  });

  test('a joining request has its own principal in its batch, and the joined activation keeps the first one', async () => {
    await ask(ALICE);
    const joined = await ask(BOB, 'another');
    expect((await deps.store.readBatch(joined.batchId))?.requestedBy).toBe(BOB);
    expect((await current()).requestedBy).toBe(ALICE);
  });

  test('activations that a crash left unopened get the principal of the request', async () => {
    const recover = beforeCall(deps.store, 'open', () => Promise.reject(new Error('crash')));
    await expect(ask(ALICE)).rejects.toThrow('crash');
    recover();
    const [batch] = deps.store.batches.values();
    await finishBatch({ ...deps, now: () => START + 60_000 }, batch ?? expect.unreachable());
    expect((await current()).requestedBy).toBe(ALICE);
  });
});

describe('afterwards', () => {
  test('a cancel names its principal', async () => {
    await ask(ALICE);
    const { activationId } = await current();
    await cancelActivation(deps, activationId, BOB);
    const cancelled = await current();
    expect(cancelled.requestedBy).toBe(ALICE);
    expect(cancelled.history.at(-1)).toMatchObject({ event: 'failed: cancelled', by: BOB });
    expect(logged('cancelled')).toMatchObject([{ activationId, by: BOB }]);
  });

  test('a failure without a person names no principal', async () => {
    await failIt();
    expect((await current()).history.at(-1)).not.toHaveProperty('by');
  });

  test.each<[string, (id: string) => Promise<unknown>, string]>([
    ['a redrive', (id) => redriveActivation(deps, id, BOB), BOB],
    ['a bulk redrive', () => redriveFailed(deps, { limit: 10, by: BOB }), BOB],
    [
      'a dead letter that was moved back',
      (id) => redriveFromDeadLetter(deps, { activationId: id, generation: 1 }),
      'dead-letter queue',
    ],
  ])('%s names its principal, and keeps the principal of the request', async (_what, redrive, by) => {
    const id = await failIt();
    await redrive(id);
    const redriven = await current();
    expect(redriven).toMatchObject({ status: 'queued', generation: 2, requestedBy: ALICE });
    expect(redriven.history.at(-1)).toMatchObject({ event: 'redriven', by });
    expect(logged('redriven')).toMatchObject([{ activationId: id, by }]);
  });

  test('an adopted redrive names its principal', async () => {
    const id = await failIt();
    deps.api.show('Active');
    await redriveActivation(deps, id, BOB);
    expect((await current()).history.slice(-2)).toMatchObject([
      { event: 'redriven', by: BOB },
      { event: 'completed (adopted)' },
    ]);
  });
});

describe('a plan', () => {
  const limit = { flowLogs: 1_000, selectBy: START + 60_000, openUntil: START + 60_000 };

  test('names who made it; its execution and batches name the first one to execute it', async () => {
    const selector = { callerScope: 'api', selector: aSelector(), metadata: {}, source: 'api' };
    const { planId } = await planBatch(deps, { ...selector, requestedBy: ALICE }, limit);
    await executePlan(deps, { planId, source: 'api', requestedBy: BOB }, limit);
    await executePlan(deps, { planId, source: 'api', requestedBy: 'a third' }, limit);
    expect(await deps.plans.read(planId, START)).toMatchObject({
      requestedBy: ALICE,
      execution: { requestedBy: BOB },
    });
    expect([...deps.store.batches.values()]).toMatchObject([{ requestedBy: BOB }]);
    expect((await current()).requestedBy).toBe(BOB);
    expect(logged('^plan ')).toMatchObject([{ requestedBy: ALICE }, { requestedBy: BOB }]);
  });

  test('a plan of a schedule names the schedule', async () => {
    const schedule = `arn:aws:events:eu-west-1:000000000000:rule/${'n'.repeat(400)}`;
    const scheduled = { schedule, scheduledAt: START, selector: aSelector(), metadata: {} };
    await startScheduled(deps, scheduled, limit);
    const { requestedBy = '' } = await current();
    expect(requestedBy).toMatch(/^schedule:n+…n+$/);
    expect(requestedBy.length).toBeLessThanOrEqual(256);
  });
});

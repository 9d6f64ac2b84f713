import { beforeEach, expect, test } from 'vitest';
import { type Activation, CLOCK_DIFFERENCE_MS } from '../../../../lib/activation/model/activation.ts';
import { NotCancellable, NotFound } from '../../../../lib/activation/model/errors.ts';
import { retryLater } from '../../../../lib/activation/model/queueing.ts';
import { cancelActivation } from '../../../../lib/activation/request/cancel-activation.ts';
import {
  aCompletedActivation,
  aFailedActivation,
  aLeasedActivation,
  anAcceptedActivation,
} from '../../../support/builders/activations.ts';
import { inMemoryDeps } from '../../../support/builders/in-memory-deps.ts';
import { anActivation, batchIdOf, policy, START } from '../../../support/fakes/activations.ts';
import { beforeCall } from '../../../support/fakes/before-call.ts';

let deps = inMemoryDeps();
let { store } = deps;
beforeEach(() => {
  deps = inMemoryDeps();
  ({ store } = deps);
});

const cancel = (now = START) =>
  cancelActivation({ ...deps, now: () => now }, anActivation().activationId, 'someone');

test('a queued one fails as cancelled, with its event and no dead letter; a repetition changes nothing', async () => {
  await store.open(anActivation());
  expect(await cancel()).toMatchObject({ status: 'failed', reason: 'cancelled', outbox: ['failed#1'] });
  const writes = store.writes.length;
  expect(await cancel()).toMatchObject({ reason: 'cancelled' });
  expect(store.writes).toHaveLength(writes);
});

test('can be cancelled while it waits for a retry, or after its lease has ended', async () => {
  const error = { code: 'InvalidOperation.Conflict', message: 'busy' };
  await store.open(retryLater(aLeasedActivation(), 'retry', error, 1_000, START, policy));
  expect(await cancel()).toMatchObject({ reason: 'cancelled' });
  store.current.clear();
  await store.open(aLeasedActivation());
  const overAt = START + policy.leaseMs + CLOCK_DIFFERENCE_MS;
  await expect(cancel(overAt - 1)).rejects.toThrow(NotCancellable);
  expect(await cancel(overAt)).toMatchObject({ reason: 'cancelled' });
});

const refused: [string, Activation, RegExp][] = [
  ['being called', aLeasedActivation(), /is being called/],
  ['accepted', anAcceptedActivation(), /has been called/],
  ['completed', aCompletedActivation(), /has completed already/],
  ['failed', aFailedActivation('frozen'), /has failed already/],
  ['joined', anActivation({ joiners: [batchIdOf(2)] }), /1 other batch waits/],
];

test.each(refused)('%s: refused with a reason, and nothing is written', async (_what, activation, why) => {
  await store.open(activation);
  await expect(cancel()).rejects.toThrow(NotCancellable);
  await expect(cancel()).rejects.toThrow(why);
  expect(store.writes).toEqual(['open']);
});

test('a batch that joins at the same time prevents the cancel', async () => {
  await store.open(anActivation());
  beforeCall(store, 'transition', async () => store.join(await store.currentOf('fl-1'), batchIdOf(2)));
  await expect(cancel()).rejects.toThrow(/1 other batch waits/);
});

test('an unknown activation cannot be cancelled', async () => {
  await expect(cancel()).rejects.toThrow(NotFound);
});

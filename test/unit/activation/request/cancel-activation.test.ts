import { beforeEach, expect, test } from 'vitest';
import { type Activation, CLOCK_DIFFERENCE_MS } from '../../../../lib/activation/model/activation.ts';
import { complete, fail } from '../../../../lib/activation/model/endings.ts';
import { NotCancellable, NotFound } from '../../../../lib/activation/model/errors.ts';
import { retryLater } from '../../../../lib/activation/model/queueing.ts';
import { accept, leaseForCall } from '../../../../lib/activation/model/transitions.ts';
import { cancelActivation } from '../../../../lib/activation/request/cancel-activation.ts';
import { anActivation, batchIdOf, policy, START } from '../../../support/fakes/activations.ts';
import { InMemoryActivationStore } from '../../../support/fakes/in-memory-activation-store.ts';
import { RecordingLog } from '../../../support/fakes/ports.ts';

const { activationId } = anActivation();
const leased = leaseForCall(anActivation(), 'lease-1', START, policy);

let store: InMemoryActivationStore;
beforeEach(() => {
  store = new InMemoryActivationStore();
});

const cancel = (now = START) =>
  cancelActivation({ store, now: () => now, log: new RecordingLog() }, activationId, 'someone');

test('a queued one fails as cancelled, with its event and no dead letter; a repetition changes nothing', async () => {
  await store.open(anActivation());
  expect(await cancel()).toMatchObject({ status: 'failed', reason: 'cancelled', outbox: ['failed#1'] });
  const writes = store.writes.length;
  expect(await cancel()).toMatchObject({ reason: 'cancelled' });
  expect(store.writes).toHaveLength(writes);
});

test('can be cancelled while it waits for a retry, or after its lease has ended', async () => {
  const error = { code: 'InvalidOperation.Conflict', message: 'busy' };
  await store.open(retryLater(leased, 'retry', error, 1_000, START, policy));
  expect(await cancel()).toMatchObject({ reason: 'cancelled' });
  store = new InMemoryActivationStore();
  await store.open(leased);
  const overAt = START + policy.leaseMs + CLOCK_DIFFERENCE_MS;
  await expect(cancel(overAt - 1)).rejects.toThrow(NotCancellable);
  expect(await cancel(overAt)).toMatchObject({ reason: 'cancelled' });
});

const refused: [string, Activation, RegExp][] = [
  ['being called', leased, /is being called/],
  ['accepted', accept(leased, 'req-1', START, policy), /has been called/],
  ['completed', complete(leased, false, START), /has completed already/],
  ['failed', fail(leased, 'frozen', START), /has failed already/],
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
  const { transition } = store;
  store.transition = async (previous, next) => {
    const current = await store.readCurrent(previous);
    if (current) await store.join(current, batchIdOf(2));
    return transition.call(store, previous, next);
  };
  await expect(cancel()).rejects.toThrow(/1 other batch waits/);
});

test('an unknown activation cannot be cancelled', async () => {
  await expect(cancel()).rejects.toThrow(NotFound);
});

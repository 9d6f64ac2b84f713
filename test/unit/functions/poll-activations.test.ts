import { beforeEach, expect, test } from 'vitest';
import { handlePoll } from '../../../functions/poll-activations.ts';
import type { TickResult } from '../../../lib/activation/poller/tick-chain.ts';
import { sqsEvent } from '../../support/fakes/lambda.ts';

const NOW = Date.UTC(2026, 0, 2);
const nothing = {
  due: 0,
  requeued: 0,
  described: 0,
  completed: 0,
  failed: 0,
  returnedToQueued: 0,
  pauseMs: 5_000,
};

let begunWith: (readonly number[] | undefined)[];
let planned: TickResult[];
let stopsAt: number[];
let mayTick: boolean;
let outcome: () => typeof nothing;

beforeEach(() => {
  begunWith = [];
  planned = [];
  stopsAt = [];
  mayTick = true;
  outcome = () => nothing;
});

const poll = (event?: Parameters<typeof handlePoll>[1]) =>
  handlePoll(
    {
      poller: {
        async tick(stopAt) {
          stopsAt.push(stopAt);
          return outcome();
        },
      },
      ticks: {
        async wake() {},
        async begin(numbers) {
          begunWith.push(numbers);
          if (!mayTick) return undefined;
          return async (result) => void planned.push(result);
        },
      },
      tickMs: 5_000,
      callTimeoutMs: 5_000,
      now: () => NOW,
    },
    event,
    58_000,
  );

test('one tick, which leaves time for the last call and its writes, and then the plan of the next one', async () => {
  outcome = () => ({ ...nothing, due: 2, completed: 2, pauseMs: 1_000 });
  await poll({});
  expect(begunWith).toEqual([undefined]);
  expect(stopsAt).toEqual([NOW + 58_000 - 7_000]);
  expect(planned).toMatchObject([{ due: 2, pauseMs: 1_000 }]);
});

test.each([
  ['messages', ['{"number":3}', '{"number":4}'], [3, 4]],
  ['messages that are not ours', ['', '{}', '{"number":"3"}', 'null'], []],
])('the numbers of %s decide whether it may tick', async (_what, bodies, numbers) => {
  mayTick = false;
  await poll(sqsEvent(bodies));
  expect(begunWith).toEqual([numbers]);
  expect(stopsAt).toEqual([]);
});

test('a tick that fails is followed by another, and fails the invocation', async () => {
  outcome = () => {
    throw new Error('publishing failed');
  };
  await expect(poll({})).rejects.toThrow('publishing failed');
  expect(planned).toEqual([{ due: 1, pauseMs: 5_000 }]);
});

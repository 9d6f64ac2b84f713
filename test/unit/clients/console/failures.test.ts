import { expect, test } from 'vitest';
import { atLeast, inOrder, messagesOf, REASONS } from '../../../../clients/console/model/failures.ts';
import { recentBatches } from '../../../../clients/console/model/recent-batches.ts';
import { FAILURE_REASONS } from '../../../../lib/activation/model/outcome.ts';
import { anActivation, atSecond } from './build-activation.ts';

const frozen = anActivation({ lastError: { code: 'A', message: 'frozen' } });
const other = anActivation({ lastError: { code: 'A', message: 'other' } });

test('every reason is asked for', () => {
  expect(REASONS.toSorted()).toEqual([...FAILURE_REASONS].sort());
});

test('groups come by their size, without the empty ones; one that is cut is larger than any', () => {
  const groups = inOrder([
    { reason: 'frozen', activations: [frozen], hasMore: false },
    { reason: 'deleting', activations: [], hasMore: false },
    { reason: 'not-found', activations: [frozen], hasMore: true },
    { reason: 'unexpected', activations: [frozen, other], hasMore: false },
  ]);
  expect(groups.map(({ reason }) => reason)).toEqual(['not-found', 'unexpected', 'frozen']);
});

test('each message is said once, with its count', () => {
  expect(messagesOf([frozen, other, frozen, anActivation()])).toEqual([
    { code: 'A', message: 'frozen', count: 2 },
    { code: 'A', message: 'other', count: 1 },
  ]);
});

test('a count that was cut says so', () => {
  expect([atLeast(50, true), atLeast(12_345, false)]).toEqual(['50+', '12,345']);
});

test('batches are those that opened the newest activations', () => {
  const of = (batchIds: string[], seconds: number) =>
    anActivation({ batchIds, createdAt: atSecond(seconds) });
  const batches = recentBatches([of(['b-2', 'b-3'], 9), of(['b-1'], 5), of(['b-2'], 9)]);
  expect(batches.map(({ batchId, shown }) => [batchId, shown])).toEqual([
    ['b-2', 2],
    ['b-1', 1],
  ]);
});

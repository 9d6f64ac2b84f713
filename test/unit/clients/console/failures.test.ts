import { expect, test } from 'vitest';
import {
  canRedriveHelp,
  countText,
  failedCounts,
  messagesOf,
} from '../../../../clients/console/model/failures.ts';
import { recentBatches } from '../../../../clients/console/model/recent-batches.ts';
import { REASONS, WHAT_NOW } from '../../../../clients/http/what-now.ts';
import { anAccount, anActivation, atSecond } from './build-activation.ts';

const frozen = anActivation({ lastError: { code: 'A', message: 'frozen' } });
const other = anActivation({ lastError: { code: 'A', message: 'other' } });

const accounts = [
  anAccount({
    account: 'prod',
    failed: [
      { reason: 'frozen', count: { count: 2 } },
      { reason: 'not-found', count: { count: 3 } },
    ],
  }),
  anAccount({
    account: 'test',
    failed: [
      { reason: 'frozen', count: { count: 5, atLeast: true } },
      { reason: 'deleting', count: { count: 0 } },
    ],
  }),
];

test('failures of all accounts are added, the most frequent first, and a bound stays a bound', () => {
  expect(failedCounts(accounts)).toEqual([
    { reason: 'frozen', count: { count: 7, atLeast: true } },
    { reason: 'not-found', count: { count: 3 } },
  ]);
});

test('failures of one account are its own', () => {
  expect(failedCounts(accounts, 'prod').map(({ reason, count }) => [reason, count.count])).toEqual([
    ['not-found', 3],
    ['frozen', 2],
  ]);
});

test.each(REASONS)(
  'after %s a redrive is offered only if the text does not say that it cannot help',
  (reason) => {
    expect(canRedriveHelp(reason)).toBe(!WHAT_NOW[reason].includes('A redrive cannot help'));
  },
);

test('each message is said once, with its count', () => {
  expect(messagesOf([frozen, other, frozen, anActivation()])).toEqual([
    { code: 'A', message: 'frozen', count: 2 },
    { code: 'A', message: 'other', count: 1 },
  ]);
});

test('a count that was cut says so', () => {
  expect([countText({ count: 50, atLeast: true }), countText({ count: 12_345 })]).toEqual(['50+', '12,345']);
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

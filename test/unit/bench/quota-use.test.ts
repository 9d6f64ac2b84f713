import { expect, it } from 'vitest';
import { quotaUseIn, waitsIn } from '../../../bench/virtual/quota-use.ts';

const call = (action: string, at: number, isThrottled = false) => ({ action, at, isThrottled });

it('reckons the share of the quota until the last ActiveFlowLog, and not the calls after it', () => {
  const calls = [
    call('ActiveFlowLog', 1_250),
    call('DescribeFlowLogs', 1_500),
    call('ActiveFlowLog', 2_000),
    call('ActiveFlowLog', 2_500, true),
    call('DescribeFlowLogs', 9_000),
  ];
  const run = { startedAt: 1_000, lastAt: 11_000, accounts: 1, ratePerSecond: 4 };
  expect(quotaUseIn({ counts: { calls, quotaWrites: 10 } }, run)).toEqual({
    calls: 5,
    untilLastActivation: 1_000,
    share: 3 / 4,
    untilLastEvent: 10_000,
    lastEventToLeast: 8,
    throttled: 1 / 5,
    quotaWritesEach: 2,
  });
});

it('refuses a run in which somebody was not told', () => {
  const activeAt = new Map([
    ['fl-1', 1_000],
    ['fl-2', 2_000],
  ]);
  const completedAt = new Map([['fl-1', 1_500]]);
  expect(() => waitsIn({ activeAt, events: { completedAt } })).toThrow('nobody was told of fl-2');
  expect(waitsIn({ activeAt, events: { completedAt: completedAt.set('fl-2', 4_000) } })).toEqual([0.5, 2]);
});

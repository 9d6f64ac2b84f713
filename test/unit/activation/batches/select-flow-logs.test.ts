import { beforeEach, describe, expect, test } from 'vitest';
import { SelectionTooLarge, SelectorRefused } from '../../../../lib/activation/batches/errors.ts';
import { type SelectDeps, selectFlowLogs } from '../../../../lib/activation/batches/select-flow-logs.ts';
import { DescribeFailed } from '../../../../lib/activation/model/errors.ts';
import type { CallFailure } from '../../../../lib/activation/model/outcome.ts';
import { policy, START } from '../../../support/fakes/activations.ts';
import {
  aFlowLog,
  aSelector,
  flowLogIds,
  InMemoryFlowLogFinder,
} from '../../../support/fakes/in-memory-flow-log-finder.ts';
import { CountingLimiter, RecordingLog, RecordingMetrics } from '../../../support/fakes/ports.ts';

const failure = (change: Partial<CallFailure> & { kind: 'retry' | 'throttled' } = { kind: 'retry' }) => ({
  error: { code: 'InternalError', message: 'm' },
  ...change,
});

let finder: InMemoryFlowLogFinder;
let limiter: CountingLimiter;
let metrics: RecordingMetrics;
let slept: number[];
let clock: number;

beforeEach(() => {
  finder = new InMemoryFlowLogFinder();
  limiter = new CountingLimiter();
  metrics = new RecordingMetrics();
  slept = [];
  clock = START;
});

const select = (
  change: Parameters<typeof aSelector>[0] = {},
  limit: { flowLogs?: number; forMs?: number } = {},
) => {
  const deps: SelectDeps = {
    finder,
    limiter,
    metrics,
    policy,
    now: () => clock,
    random: () => 0.5,
    sleep: async (ms) => {
      slept.push(ms);
      clock += ms;
    },
    log: new RecordingLog(),
  };
  const { flowLogs = 1_000, forMs = 60_000 } = limit;
  return selectFlowLogs(deps, aSelector(change), { flowLogs, endAt: START + forMs });
};
const idsOf = (flowLogs: { flowLogId: string }[]) => flowLogs.map(({ flowLogId }) => flowLogId);

test('returns all pages in order of the id, with one token and one call per page', async () => {
  const ids = flowLogIds(250);
  finder.flowLogs = ids.toReversed().map((id) => aFlowLog(id));
  limiter.tokens = 3;
  expect(idsOf(await select())).toEqual(ids);
  expect(finder.calls.map(({ nextToken }) => nextToken)).toEqual([undefined, '100', '200']);
  expect(limiter.tokens).toBe(0);
});

test('sends the filters, and checks the returned flow logs again', async () => {
  finder.flowLogs = [
    aFlowLog('fl-1', { vpcId: 'vpc-7', name: 'prod-1' }),
    aFlowLog('fl-2', { vpcId: 'vpc-8', name: 'prod-2' }),
    aFlowLog('fl-3', { vpcId: 'vpc-7', name: 'dev-3' }),
    aFlowLog('fl-4', { vpcId: 'vpc-7', name: 'prod-4', status: 'Active' }),
  ];
  expect(idsOf(await select({ vpcId: 'vpc-7', name: 'prod-*' }))).toEqual(['fl-1', 'fl-4']);
  expect(finder.calls).toMatchObject([
    { scope: { account: 'default', region: 'cn-beijing' }, filter: { vpcId: 'vpc-7' } },
  ]);
});

test('a flow log on two pages is returned once, as the later page shows it', async () => {
  finder.pageSize = 1;
  finder.flowLogs = [aFlowLog('fl-1'), aFlowLog('fl-1', { status: 'Active' })];
  expect(await select()).toEqual([aFlowLog('fl-1', { status: 'Active' })]);
});

describe('a call that fails', () => {
  test('is repeated for the same page after a backoff or Retry-After', async () => {
    finder.flowLogs = flowLogIds(150).map((id) => aFlowLog(id));
    finder.failures.push(failure(), failure({ kind: 'throttled', retryAfterMs: 7_000 }));
    expect(await select()).toHaveLength(150);
    expect(finder.calls.map(({ nextToken }) => nextToken)).toEqual([undefined, undefined, undefined, '100']);
    expect(slept).toEqual([1_000, 7_000]);
    expect(limiter.throttles).toBe(1);
    expect(metrics.counts.get('ThrottledCalls')).toBe(1);
  });

  test('is made at most eight times', async () => {
    finder.failures.push(...Array.from({ length: 20 }, () => failure()));
    await expect(select()).rejects.toThrow(new DescribeFailed('InternalError'));
    expect(finder.calls).toHaveLength(8);
    expect(Math.max(...slept)).toBeLessThanOrEqual(10_000);
  });

  test('and cannot be repeated in time: the error names the failure, not the size', async () => {
    finder.failures.push(failure({ kind: 'throttled', retryAfterMs: 90_000 }));
    const error = await select().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DescribeFailed);
    expect(error).toMatchObject({ retryAfterSeconds: 90 });
    expect(slept).toEqual([]);
  });

  test('for credentials or permissions throws at once, and counts for an alarm', async () => {
    finder.failures.push({ kind: 'hold', error: { code: 'AccessDenied', message: 'm' } });
    await expect(select()).rejects.toThrow('of account default (AccessDenied)');
    expect(finder.calls).toHaveLength(1);
    expect(metrics.counts.get('HeldActivations')).toBe(1);
  });

  const invalid: CallFailure = {
    kind: 'dead-letter',
    reason: 'invalid-request',
    error: { code: 'InvalidParameter.VpcId', message: 'no such VPC' },
  };

  test('that is invalid for the first page blames the selector', async () => {
    finder.failures.push(invalid);
    await expect(select()).rejects.toThrow(new SelectorRefused('InvalidParameter.VpcId', 'no such VPC'));
  });

  test('that is invalid for a later page does not', async () => {
    finder.flowLogs = flowLogIds(150).map((id) => aFlowLog(id));
    const page = finder.page.bind(finder);
    finder.page = async (scope, filter, nextToken) =>
      nextToken === undefined ? page(scope, filter) : invalid;
    await expect(select()).rejects.toBeInstanceOf(DescribeFailed);
  });
});

describe('never returns a part', () => {
  test('more flow logs than allowed', async () => {
    finder.flowLogs = flowLogIds(301).map((id) => aFlowLog(id));
    await expect(select({}, { flowLogs: 300 })).rejects.toThrow(/more than 300 flow logs: narrow it/);
    finder.flowLogs = flowLogIds(300).map((id) => aFlowLog(id));
    expect(await select({}, { flowLogs: 300 })).toHaveLength(300);
  });

  test('more pages than there are tokens in the time', async () => {
    finder.flowLogs = flowLogIds(301).map((id) => aFlowLog(id));
    limiter.tokens = 2;
    await expect(select()).rejects.toBeInstanceOf(SelectionTooLarge);
  });

  test('the time ends before the last page', async () => {
    finder.flowLogs = flowLogIds(301).map((id) => aFlowLog(id));
    const page = finder.page.bind(finder);
    finder.page = async (...args) => {
      clock += 30_000;
      return page(...args);
    };
    await expect(select()).rejects.toBeInstanceOf(SelectionTooLarge);
    expect(finder.calls).toHaveLength(2);
  });

  test('a repeated page token', async () => {
    finder.page = async () => ({ kind: 'page', flowLogs: [aFlowLog('fl-1')], nextToken: 'same' });
    await expect(select()).rejects.toThrow('it returned the same NextToken twice');
  });

  test('endless pages', async () => {
    let calls = 0;
    finder.page = async () => ({ kind: 'page', flowLogs: [], nextToken: String(++calls) });
    await expect(select({}, { flowLogs: 100 })).rejects.toThrow('more than 10 pages');
    expect(calls).toBe(11);
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import { SelectionTooLarge, SelectorRefused } from '../../../../lib/activation/batches/errors.ts';
import { selectFlowLogs } from '../../../../lib/activation/batches/select-flow-logs.ts';
import { DescribeFailed } from '../../../../lib/activation/model/errors.ts';
import { callFailure, refusedPermanently } from '../../../support/builders/call-failures.ts';
import { inMemoryDeps } from '../../../support/builders/in-memory-deps.ts';
import { START } from '../../../support/fakes/activations.ts';
import { beforeCall } from '../../../support/fakes/before-call.ts';
import { aFlowLog, aSelector, flowLogIds } from '../../../support/fakes/in-memory-flow-log-finder.ts';

let deps = inMemoryDeps();
let { clock, finder, limiter, metrics } = deps;
let slept: number[];

beforeEach(() => {
  deps = inMemoryDeps();
  ({ clock, finder, limiter, metrics } = deps);
  slept = [];
  beforeCall(deps, 'sleep', (ms) => slept.push(ms));
});

const select = (change: Parameters<typeof aSelector>[0] = {}, flowLogs = 1_000) =>
  selectFlowLogs(deps, aSelector(change), { flowLogs, endAt: START + 60_000 });
const putFlowLogs = (count: number) => {
  finder.flowLogs = flowLogIds(count).map((id) => aFlowLog(id));
};
const serverError = callFailure('retry', 'InternalError');
const throttled = (retryAfterMs: number) => ({ ...callFailure('throttled', 'InternalError'), retryAfterMs });
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
    putFlowLogs(150);
    finder.failures.push(serverError, throttled(7_000));
    expect(await select()).toHaveLength(150);
    expect(finder.calls.map(({ nextToken }) => nextToken)).toEqual([undefined, undefined, undefined, '100']);
    expect(slept).toEqual([1_000, 7_000]);
    expect(limiter.throttles).toBe(1);
    expect(metrics.counts.get('ThrottledCalls')).toBe(1);
  });

  test('is made at most eight times', async () => {
    finder.failures.push(...Array(20).fill(serverError));
    await expect(select()).rejects.toThrow(new DescribeFailed('InternalError'));
    expect(finder.calls).toHaveLength(8);
    expect(Math.max(...slept)).toBeLessThanOrEqual(10_000);
  });

  test('and cannot be repeated in time: the error names the failure, not the size', async () => {
    finder.failures.push(throttled(90_000));
    const error = await select().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DescribeFailed);
    expect(error).toMatchObject({ retryAfterSeconds: 90 });
    expect(slept).toEqual([]);
  });

  test('for credentials or permissions throws at once, and counts for an alarm', async () => {
    finder.failures.push(callFailure('hold', 'AccessDenied'));
    await expect(select()).rejects.toThrow('of account default (AccessDenied)');
    expect(finder.calls).toHaveLength(1);
    expect(metrics.counts.get('HeldActivations')).toBe(1);
  });

  const invalid = refusedPermanently('invalid-request', 'InvalidParameter.VpcId');

  test('that is invalid for the first page blames the selector', async () => {
    finder.failures.push(invalid);
    await expect(select()).rejects.toThrow(new SelectorRefused('InvalidParameter.VpcId', 'refused'));
  });

  test('that is invalid for a later page does not', async () => {
    putFlowLogs(150);
    beforeCall(finder, 'page', (_scope, _filter, nextToken) => nextToken && finder.failures.push(invalid));
    await expect(select()).rejects.toBeInstanceOf(DescribeFailed);
  });
});

describe('never returns a part', () => {
  test('more flow logs than allowed', async () => {
    putFlowLogs(301);
    await expect(select({}, 300)).rejects.toThrow(/more than 300 flow logs: narrow it/);
    putFlowLogs(300);
    expect(await select({}, 300)).toHaveLength(300);
  });

  test('more pages than there are tokens in the time', async () => {
    putFlowLogs(301);
    limiter.tokens = 2;
    await expect(select()).rejects.toBeInstanceOf(SelectionTooLarge);
  });

  test('the time ends before the last page', async () => {
    putFlowLogs(301);
    beforeCall(finder, 'page', () => {
      clock.now += 30_000;
    });
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
    await expect(select({}, 100)).rejects.toThrow('more than 10 pages');
    expect(calls).toBe(11);
  });
});

import { describe, expect, test } from 'vitest';
import {
  categoryOf,
  derivePlanId,
  eachCategory,
  PLAN_CATEGORIES,
  PLAN_ID,
  type PlannedFlowLogs,
  requestHashOf,
  viewOf,
} from '../../../../lib/activation/batches/plan.ts';
import { differenceOf } from '../../../../lib/activation/batches/plan-difference.ts';
import { aFlowLog, aSelector, flowLogIds } from '../../../support/fakes/in-memory-flow-log-finder.ts';

const planned = (some: Partial<PlannedFlowLogs>): PlannedFlowLogs => ({ ...eachCategory(() => []), ...some });

describe('the category of a flow log', () => {
  test.each([
    ['Inactive', false, false, 'wouldActivate'],
    ['Failed', false, false, 'wouldActivate'],
    ['Inactive', true, false, 'frozen'],
    ['Inactive', false, true, 'alreadyOpen'],
    ['Pending', false, true, 'alreadyOpen'],
    ['Active', false, true, 'alreadyOpen'],
    ['Active', false, false, 'alreadyActive'],
    ['Active', true, false, 'alreadyActive'],
    ['Deleting', true, false, 'deleting'],
    ['Pending', false, false, 'otherStatus'],
    ['Creating', false, false, 'otherStatus'],
    ['Pending', true, false, 'frozen'],
    ['Unheard-of', false, false, 'otherStatus'],
  ])('%s, locked %s, open %s: %s', (status, locked, open, category) => {
    const selector = aSelector({ status: ['Inactive', 'Failed'] });
    const openedAs = open ? 'alreadyOpen' : undefined;
    expect(categoryOf(aFlowLog('fl-1', { status, locked }), openedAs, selector)).toBe(category);
  });
});

test('a flow log that is being restored after a payment can be activated', () => {
  const restoring = aFlowLog('fl-1', { status: 'Inactive', restoring: true });
  expect(categoryOf(restoring, undefined, aSelector())).toBe('wouldActivate');
});

test('a view has all counts, the first 100 ids, and reports that there are more', () => {
  const ids = flowLogIds(101);
  const view = viewOf(planned({ wouldActivate: ids, frozen: ids.slice(0, 100) }));
  expect(view.counts).toEqual({ ...eachCategory(() => 0), wouldActivate: 101, frozen: 100 });
  expect(view.ids).toEqual({
    ...eachCategory(() => []),
    wouldActivate: ids.slice(0, 100),
    frozen: ids.slice(0, 100),
  });
  expect(view.more).toBe(true);
  expect(viewOf(planned({ frozen: ids.slice(0, 100) })).more).toBe(false);
});

test('every category is counted', () => {
  expect(Object.keys(eachCategory(() => 0))).toEqual([...PLAN_CATEGORIES]);
});

test('ids are derived from both the caller and the key', () => {
  const id = derivePlanId('a', 'b');
  expect(id).toMatch(PLAN_ID);
  expect(derivePlanId('a', 'b')).toBe(id);
  expect(derivePlanId('a', 'c')).not.toBe(id);
  expect(derivePlanId('ab', '')).not.toBe(derivePlanId('a', 'b'));
});

test('a dry run is a different request than a start; metadata in another order is the same request', () => {
  const hash = requestHashOf(aSelector(), { a: '1', b: '2' }, false);
  expect(requestHashOf(aSelector(), { b: '2', a: '1' }, false)).toBe(hash);
  expect(requestHashOf(aSelector(), { a: '1', b: '2' }, true)).not.toBe(hash);
  expect(requestHashOf(aSelector(), { a: '1' }, false)).not.toBe(hash);
});

describe('the difference', () => {
  const plan = planned({
    wouldActivate: ['a', 'b'],
    alreadyOpen: ['c'],
    frozen: ['d'],
    alreadyActive: ['e'],
  });

  test.each([
    ['none', plan],
    ['one that we have opened meanwhile', { ...plan, wouldActivate: ['a'], alreadyOpen: ['b', 'c'] }],
    ['one that failed meanwhile', { ...plan, wouldActivate: ['a', 'b', 'c'], alreadyOpen: [] }],
    ['what is skipped either way', { ...plan, frozen: [], deleting: ['d'], otherStatus: ['x'] }],
    ['what is skipped and gone', { ...plan, frozen: [], alreadyActive: [] }],
  ])('is none: %s', (_what, now) => {
    expect(differenceOf(plan, now)).toBeUndefined();
  });

  test('names what appeared, is gone, and changed', () => {
    const now = planned({ wouldActivate: ['b', 'd', 'x'], frozen: ['e'], alreadyActive: ['c'] });
    expect(differenceOf(plan, now)).toEqual({
      appeared: { count: 1, flowLogIds: ['x'] },
      gone: { count: 1, flowLogIds: ['a'] },
      changed: {
        count: 2,
        flowLogs: [
          { flowLogId: 'c', from: 'alreadyOpen', to: 'alreadyActive' },
          { flowLogId: 'd', from: 'frozen', to: 'wouldActivate' },
        ],
      },
    });
  });

  test('of one flow log counts one', () => {
    const frozen = { ...plan, wouldActivate: ['a'], frozen: ['b', 'd'] };
    expect(differenceOf(plan, frozen)?.changed).toEqual({
      count: 1,
      flowLogs: [{ flowLogId: 'b', from: 'wouldActivate', to: 'frozen' }],
    });
    expect(differenceOf(planned({}), planned({ alreadyOpen: ['a'] }))?.appeared.count).toBe(1);
    expect(differenceOf(planned({ alreadyOpen: ['a'] }), planned({}))?.gone.count).toBe(1);
  });

  test('names 100 of each, and counts all', () => {
    const ids = flowLogIds(600);
    const difference = differenceOf(
      planned({ wouldActivate: ids.slice(0, 200), frozen: ids.slice(200, 400) }),
      planned({ wouldActivate: ids.slice(200, 600) }),
    );
    expect(difference?.appeared).toEqual({ count: 200, flowLogIds: ids.slice(400, 500) });
    expect(difference?.gone).toEqual({ count: 200, flowLogIds: ids.slice(0, 100) });
    expect(difference?.changed.count).toBe(200);
    expect(difference?.changed.flowLogs).toHaveLength(100);
  });
});

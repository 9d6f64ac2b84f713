import { describe, expect, test } from 'vitest';
import { filtersOf, linkTo, parseRoute } from '../../../../clients/console/model/route.ts';

describe('a fragment', () => {
  test.each([
    ['', { section: 'overview', query: {} }],
    ['#/', { section: 'overview', query: {} }],
    ['#/activations', { section: 'activations', query: {} }],
    [
      '#/activations?status=failed&reason=frozen',
      { section: 'activations', query: { status: 'failed', reason: 'frozen' } },
    ],
    ['#/activations/a.b.fl-1.b-2', { section: 'activations', id: 'a.b.fl-1.b-2', query: {} }],
    ['#/batches/b-1?cursor=abc', { section: 'batches', id: 'b-1', query: { cursor: 'abc' } }],
    ['#/new', { section: 'new', query: {} }],
    ['#/nothing', { section: 'unknown', query: {} }],
    ['#/activations/%E0%A4%A', { section: 'activations', id: '%E0%A4%A', query: {} }],
    ['#/activations?status=', { section: 'activations', query: {} }],
  ])('%s is read', (fragment, route) => {
    expect(parseRoute(fragment)).toEqual(route);
  });

  test.each(['a.b.fl-1.b-2', 'with/slash', 'with ?#% and ü', '日本'])(
    'names the id %s and is read back',
    (id) => {
      const query = { flowLogId: 'a&b=c', region: 'ü' };
      expect(parseRoute(linkTo('activations', { id, query }))).toEqual({ section: 'activations', id, query });
    },
  );

  test('of one view is one, whatever empty values it is made of', () => {
    expect(linkTo('activations', { query: { status: '', reason: undefined } })).toBe('#/activations');
    expect(linkTo('overview')).toBe('#/');
  });
});

test('filters are what the list has a field for', () => {
  expect(filtersOf({ status: 'failed', held: 'true', cursor: 'x', constructor: 'y' })).toEqual({
    status: 'failed',
    held: 'true',
  });
});

import { describe, expect, it } from 'vitest';
import { createRouter } from '../../../local/http-api/router.ts';

function routerOf(...routeKeys: string[]) {
  const match = createRouter(
    routeKeys.map((routeKey) => ({ routeKey, functionName: 'f', integrationTimeoutMs: 1000, iam: true })),
  );
  return (method: string, path: string) => {
    const found = match(method, path);
    return found && [found.route.routeKey, found.pathParameters];
  };
}

describe('createRouter', () => {
  const deletePart = 'DELETE /items/{id}/parts/{part}';
  const route = routerOf(
    '$default',
    'ANY /items/{proxy+}',
    'GET /items/{id}',
    'ANY /items/{id}',
    'GET /items/special',
    'POST /items',
    deletePart,
  );

  it.each([
    ['a literal before a parameter', 'GET', '/items/special', 'GET /items/special', {}],
    ['a parameter before a greedy one', 'GET', '/items/7', 'GET /items/{id}', { id: '7' }],
    ['a method before ANY', 'PUT', '/items/7', 'ANY /items/{id}', { id: '7' }],
    ['several parameters', 'DELETE', '/items/7/parts/8', deletePart, { id: '7', part: '8' }],
    ['the greedy one for what is deeper', 'GET', '/items/7/x/y', 'ANY /items/{proxy+}', { proxy: '7/x/y' }],
    ['$default for another method', 'PATCH', '/items', '$default', {}],
    ['$default for another path', 'GET', '/nothing', '$default', {}],
    ['$default for a trailing slash', 'POST', '/items/', '$default', {}],
  ])('takes %s', (_, method, path, routeKey, parameters) => {
    expect(route(method, path)).toEqual([routeKey, parameters]);
  });

  it('finds nothing without $default', () => {
    expect(routerOf('GET /items')('POST', '/items')).toBeUndefined();
  });
});

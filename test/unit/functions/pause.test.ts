import { beforeEach, expect, test } from 'vitest';
import { handleRoute } from '../../../functions/request-activations.ts';
import { responseOf } from '../../support/builders/http-response.ts';
import { inMemoryDeps } from '../../support/builders/in-memory-deps.ts';
import { httpEvent, ROLE_SESSION } from '../../support/fakes/lambda.ts';

let deps = inMemoryDeps();
beforeEach(() => {
  deps = inMemoryDeps();
});

const call = (method: 'PUT' | 'DELETE', alias = 'default', body?: unknown, authorizer?: unknown) =>
  responseOf(
    (event) => handleRoute(deps, event),
    httpEvent(
      method,
      '/accounts/{alias}/pause',
      {
        pathParameters: { alias },
        ...(body !== undefined && {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      },
      authorizer,
    ),
  );
const paused = {
  account: 'default',
  paused: true,
  since: '2026-01-02T03:04:05.000Z',
  by: ROLE_SESSION.userArn,
};

test('PUT pauses, DELETE resumes, and both may be repeated', async () => {
  const why = 'OPS-42: 网络';
  expect(await call('PUT', 'default', { why })).toMatchObject({ status: 200, body: { ...paused, why } });
  expect((await call('PUT')).body).toEqual({ ...paused, why });
  for (let time = 0; time < 2; time += 1) {
    expect((await call('DELETE')).body).toEqual({ account: 'default', paused: false });
  }
  expect((await call('PUT')).body).toEqual(paused);
  expect((await call('PUT', 'narrow')).body).toEqual({ ...paused, account: 'narrow' });
});

test.each([
  [404, 'account-not-found', 'PUT', 'nobody', {}],
  [404, 'account-not-found', 'DELETE', 'nobody', undefined],
  [422, 'invalid-content', 'PUT', 'default', { why: '' }],
  [422, 'invalid-content', 'PUT', 'default', { why: 'x'.repeat(501) }],
  [422, 'invalid-content', 'PUT', 'default', { until: 'tomorrow' }],
] as const)('%i %s, and nothing is paused: %s %s %j', async (status, code, method, alias, body) => {
  const refused = await call(method, alias, body);
  expect(refused).toMatchObject({ status, body: { type: `urn:flow-log-activator:problem:${code}` } });
  expect(await deps.turns.availability(alias)).toBe('idle');
});

test('a request without an IAM identity is refused', async () => {
  expect(await call('PUT', 'default', undefined, null)).toMatchObject({ status: 403 });
});

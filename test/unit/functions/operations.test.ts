import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { beforeEach, expect, test } from 'vitest';
import { handleRead } from '../../../functions/read-activations.ts';
import { handleRoute } from '../../../functions/request-activations.ts';
import { numberedIds } from '../../support/builders/activations.ts';
import { responseOf } from '../../support/builders/http-response.ts';
import { inMemoryDeps } from '../../support/builders/in-memory-deps.ts';
import { httpEvent, ROLE_SESSION } from '../../support/fakes/lambda.ts';

const ID = `o-${'9'.repeat(32)}`;

let deps = inMemoryDeps();
beforeEach(() => {
  deps = inMemoryDeps();
});

const write = (method: string, path: string, change: Partial<APIGatewayProxyEventV2>) =>
  responseOf((event) => handleRoute(deps, event), httpEvent(method, path, change));
const post = (body: unknown, headers = {}) =>
  write('POST', '/operations', {
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const ofOperation = (operationId: string, query?: Record<string, string>) => ({
  pathParameters: { operationId },
  ...(query && { queryStringParameters: query }),
});
const read = (operationId = ID, query?: Record<string, string>) =>
  responseOf(
    (event) => handleRead(() => deps, event),
    httpEvent('GET', '/operations/{operationId}', ofOperation(operationId, query)),
  );
const abort = (operationId = ID) => write('DELETE', '/operations/{operationId}', ofOperation(operationId));
const problem = (status: number, code: string) => ({
  status,
  body: { type: `urn:flow-log-activator:problem:${code}` },
});

const filter = { reason: 'frozen', createdFrom: '2026-01-02T03:04:05+08:00' };
const view = {
  operationId: ID,
  action: 'redrive',
  filter: { reason: 'frozen', createdFrom: '2026-01-01T19:04:05.000Z' },
  limit: 7,
  status: 'running',
  requestedBy: ROLE_SESSION.userArn,
  createdAt: '2026-01-02T03:04:05.000Z',
  updatedAt: '2026-01-02T03:04:05.000Z',
  looked: 0,
  done: 0,
  refused: 0,
};

test('202 with id, status and Location; it is read, listed and aborted by its id', async () => {
  expect(await post({ action: 'redrive', filter, limit: 7 })).toMatchObject({
    status: 202,
    body: { operationId: ID, status: 'running' },
    headers: { location: `/operations/${ID}` },
  });
  expect(await read()).toMatchObject({ status: 200, body: { ...view, refusals: [] } });
  const list = await responseOf((event) => handleRead(() => deps, event), httpEvent('GET', '/operations'));
  expect(list.body).toEqual({ operations: [view] });
  const aborted = { ...view, status: 'aborted', abortedBy: ROLE_SESSION.userArn, finishedAt: view.createdAt };
  expect(await abort()).toMatchObject({ status: 202, body: aborted });
  expect((await read()).body).toEqual({ ...aborted, refusals: [] });
});

test('the defaults of flow log ids: account and region, each id once', async () => {
  await post({ action: 'cancel', filter: { flowLogIds: ['fl-1', 'fl-2', 'fl-1'] } });
  const { body } = await read();
  expect(body.filter).toEqual({ flowLogIds: ['fl-1', 'fl-2'], account: 'default', region: 'cn-beijing' });
});

test('an empty filter is shown as it was asked for', async () => {
  await post({ action: 'retry-now', filter: { all: true } });
  expect((await read()).body.filter).toEqual({ all: true });
});

test('a repeated request with its key gets the same id', async () => {
  const key = { 'idempotency-key': 'k' };
  const first = await post({ action: 'cancel', filter: { held: true } }, key);
  expect((await post({ action: 'cancel', filter: { held: true } }, key)).body).toEqual(first.body);
  expect(first.body.operationId).not.toBe(ID);
  const other = await post({ action: 'cancel', filter: { account: 'a' } }, key);
  expect(other).toMatchObject(problem(422, 'idempotency-key-reused'));
});

test('pages of refusals', async () => {
  await post({ action: 'redrive', filter: { all: true } });
  const stored = deps.store.operations.get(ID) ?? expect.unreachable();
  deps.store.operations.set(ID, { ...stored, refused: 12, refusalPages: 6 });
  for (let page = 1; page <= 6; page += 1) {
    const refusals = [1, 2].map((index) => ({ activationId: `${page}.${index}`, why: 'why' }));
    await deps.operations.writeRefusals(stored, page, refusals);
  }
  const first = (await read()).body;
  expect([first.refusals.length, first.nextCursor]).toEqual([10, '6']);
  const second = (await read(ID, { cursor: '6' })).body;
  expect([second.refusals, second.nextCursor]).toEqual([
    [1, 2].map((index) => ({ activationId: `6.${index}`, why: 'why' })),
    undefined,
  ]);
});

test.each([
  ['no filter', { action: 'redrive' }, 'filter'],
  ['an empty filter', { action: 'redrive', filter: {} }, 'filter'],
  ['all beside others', { action: 'redrive', filter: { all: true, account: 'a' } }, 'filter'],
  ['all that is false', { action: 'redrive', filter: { all: false } }, 'filter.all'],
  ['another action', { action: 'delete', filter: { all: true } }, 'action'],
  ['a reason to cancel', { action: 'cancel', filter: { reason: 'frozen' } }, 'filter.reason'],
  ['a hold to redrive', { action: 'redrive', filter: { held: true } }, 'filter.held'],
  [
    'a time without a zone',
    { action: 'cancel', filter: { createdFrom: '2026-01-02T03:04:05' } },
    'filter.createdFrom',
  ],
  [
    'too many flow logs',
    { action: 'cancel', filter: { flowLogIds: numberedIds(1_001) } },
    'filter.flowLogIds',
  ],
  ['a limit of 0', { action: 'cancel', filter: { all: true }, limit: 0 }, 'limit'],
])('refused by name, and nothing is stored: %s', async (_what, body, field) => {
  const refused = await post(body);
  expect(refused).toMatchObject(problem(422, 'invalid-content'));
  expect(refused.body.errors.map((error: { field: string }) => error.field)).toEqual([field]);
  expect(deps.store.operations.size).toBe(0);
});

test('what is not there, and a cursor of no list', async () => {
  expect(await read(`o-${'0'.repeat(32)}`)).toMatchObject(problem(404, 'operation-not-found'));
  expect(await read('nonsense')).toMatchObject(problem(404, 'operation-not-found'));
  expect(await abort(`o-${'0'.repeat(32)}`)).toMatchObject(problem(404, 'operation-not-found'));
  const ofBatch = { action: 'cancel', filter: { batchId: `b-${'0'.repeat(32)}` } };
  expect(await post(ofBatch)).toMatchObject(problem(404, 'batch-not-found'));
  await post({ action: 'cancel', filter: { all: true } });
  for (const cursor of ['2', '0', 'x'])
    expect(await read(ID, { cursor })).toMatchObject(problem(422, 'invalid-content'));
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpApi } from '../../local/http-api/http-api.ts';
import { closeServer, listenOnLoopback } from '../../local/loopback-server.ts';
import { createFixtureFunction } from '../fixtures/local/create-function.ts';

const logged: string[] = [];
const stopping = new AbortController();
const log = (_level: string, message: string) => void logged.push(message);

const createFunction = (key: string, change: { reservedConcurrency?: number } = {}) =>
  createFixtureFunction(key, change, {
    environment: { NAME: key },
    log,
    onLine: (line) => logged.push(line),
  });

const lambdas = [createFunction('one'), createFunction('busy', { reservedConcurrency: 0 })];
const server = createHttpApi({
  routes: [],
  functions: new Map(lambdas.map((lambda) => [lambda.definition.functionName, lambda])),
  accountId: '000000000000',
  description: {},
  log,
  signal: stopping.signal,
});
let url: string;

beforeAll(async () => {
  url = `http://127.0.0.1:${await listenOnLoopback(server, 0)}`;
});
afterAll(async () => {
  stopping.abort();
  await closeServer(server);
  await Promise.all(lambdas.map((lambda) => lambda.close()));
});

async function invoke(name: string, what: unknown, headers: Record<string, string> = {}) {
  const body = typeof what === 'string' ? JSON.stringify({ pathParameters: { what } }) : JSON.stringify(what);
  return send(name, body, headers);
}

async function send(name: string, body: string | undefined, headers: Record<string, string> = {}) {
  const path = `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`;
  const response = await fetch(url + path, { method: 'POST', headers, ...(body !== undefined && { body }) });
  const text = await response.text();
  return {
    status: response.status,
    body: text === '' ? undefined : JSON.parse(text),
    functionError: response.headers.get('x-amz-function-error'),
    errorType: response.headers.get('x-amzn-errortype'),
    version: response.headers.get('x-amz-executed-version'),
  };
}

const typed = (type: string) => ({ 'x-amz-invocation-type': type });

describe('a function is invoked and waited for', () => {
  test.each([
    ['name', 'fixture-dev-one'],
    ['key', 'one'],
    ['ARN', 'arn:aws:lambda:eu-west-1:000000000000:function:fixture-dev-one'],
    ['partial ARN', '000000000000:function:fixture-dev-one'],
  ])('by its %s', async (_what, name) => {
    const invoked = { status: 200, body: { NAME: 'one' }, functionError: null, version: '$LATEST' };
    expect(await invoke(name, 'environment')).toEqual({ ...invoked, errorType: null });
  });

  test('its error is an answer, marked as one', async () => {
    const { status, body, functionError } = await invoke('one', 'throw');
    expect({ status, functionError }).toEqual({ status: 200, functionError: 'Unhandled' });
    expect(body).toMatchObject({ errorType: 'TypeError', errorMessage: 'as asked' });
    expect(body.trace).toContainEqual(expect.stringContaining('as asked'));
  });

  test('without a payload it gets an empty event', async () => {
    expect(await send('one', undefined)).toMatchObject({
      functionError: 'Unhandled',
      body: { errorMessage: expect.stringContaining("reading 'what'") },
    });
  });
});

test('as an event it is taken at once, and run', async () => {
  const { status, body } = await invoke('one', 'heard', typed('Event'));
  expect({ status, body }).toEqual({ status: 202, body: undefined });
  await expect.poll(() => logged.join('\n'), { timeout: 20_000 }).toContain('"what":"heard"');
});

test('dry, nothing is run', async () => {
  const before = await invoke('one', 'count');
  expect(await invoke('one', 'count', typed('DryRun'))).toMatchObject({ status: 204 });
  expect((await invoke('one', 'count')).body.invocations).toBe(before.body.invocations + 1);
});

test.each([
  ['an unknown function', () => invoke('two', 'count'), 404, 'ResourceNotFoundException'],
  ['no JSON', () => send('one', '{'), 400, 'InvalidRequestContentException'],
  ['another type', () => invoke('one', 'count', typed('X')), 400, 'InvalidParameterValueException'],
  ['no capacity', () => invoke('busy', 'count'), 429, 'TooManyRequestsException'],
  [
    'an event over 1 MB',
    () => invoke('one', { x: 'x'.repeat(1_100_000) }, typed('Event')),
    413,
    'RequestTooLargeException',
  ],
])('%s is refused as Lambda does', async (_what, run, status, errorType) => {
  expect(await run()).toMatchObject({ status, errorType, body: { Type: 'User' } });
});

test('another method or path is the API’s', async () => {
  const path = '/2015-03-31/functions/one/invocations';
  expect((await fetch(url + path)).status).toBe(404);
  expect((await fetch(`${url}${path}/x`, { method: 'POST' })).status).toBe(404);
});

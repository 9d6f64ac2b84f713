import { afterEach, describe, expect, it } from 'vitest';
import { type LambdaFunction, ThrottledError } from '../../local/functions-runner/lambda-function.ts';
import { createFixtureFunction } from '../fixtures/local/create-function.ts';

type Logged = { message: string; fields: Record<string, unknown> };

const logged: Logged[] = [];
const lines: string[] = [];
const started: LambdaFunction[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((lambda) => lambda.close()));
  logged.length = 0;
  lines.length = 0;
});

function createFunction(
  change: Parameters<typeof createFixtureFunction>[1] = {},
  environment: Record<string, string> = { NAME: 'a' },
) {
  const lambda = createFixtureFunction('http', change, {
    environment,
    log: (_level, message, fields = {}) => logged.push({ message, fields }),
    onLine: (line) => lines.push(line),
  });
  started.push(lambda);
  return lambda;
}

async function run(lambda: LambdaFunction, what: string): Promise<unknown> {
  const result = await lambda.invoke({ pathParameters: { what } });
  return result.ok ? JSON.parse(result.payload) : result.error;
}

describe('a container', () => {
  it('has the environment of its function and no other', async () => {
    expect(await run(createFunction({}, { NAME: 'a', ONLY: 'here' }), 'environment')).toEqual({
      NAME: 'a',
      ONLY: 'here',
    });
  });

  it('keeps what it changes in its environment to itself', async () => {
    const [first, second] = [createFunction(), createFunction()];
    await run(first, 'a-mark');
    expect(await run(first, 'environment')).toHaveProperty('LEFT_BEHIND', 'a-mark');
    expect(await run(second, 'environment')).not.toHaveProperty('LEFT_BEHIND');
    expect(process.env).not.toHaveProperty('LEFT_BEHIND');
  });

  it('is used again while warm', async () => {
    const lambda = createFunction();
    expect(await run(lambda, 'count')).toMatchObject({ invocations: 1 });
    expect(await run(lambda, 'count')).toMatchObject({ invocations: 2 });
  });

  it('is another one for every concurrent invocation', async () => {
    const lambda = createFunction();
    const counts = await Promise.all([run(lambda, 'count'), run(lambda, 'count')]);
    expect(counts).toMatchObject([{ invocations: 1 }, { invocations: 1 }]);
  });

  it('tells its lines', async () => {
    await run(createFunction(), 'a-mark');
    await expect
      .poll(() => lines, { timeout: 10_000 })
      .toEqual(['{"level":"INFO","message":"kept","what":"a-mark"}']);
  });

  it('outlives an error of the handler', async () => {
    const lambda = createFunction();
    expect(await run(lambda, 'throw')).toMatchObject({ errorType: 'TypeError', errorMessage: 'as asked' });
    expect(logged).toMatchObject([{ message: 'as asked', fields: { errorType: 'TypeError' } }]);
    expect(await run(lambda, 'count')).toMatchObject({ invocations: 2 });
  });

  it.each([
    ['crash', 'Error', 'uncaught, as asked'],
    ['exit', 'Runtime.ExitError', 'Runtime exited with 3'],
  ])('is replaced after: %s', async (what, errorType, errorMessage) => {
    const lambda = createFunction();
    expect(await run(lambda, what)).toMatchObject({ errorType, errorMessage });
    expect(await run(lambda, 'count')).toMatchObject({ invocations: 1 });
  });

  it.each(['hang', 'spin'])('is ended and replaced when it takes too long: %s', async (what) => {
    const lambda = createFunction({ timeoutMs: 300 });
    const error = { errorType: 'Sandbox.Timedout', errorMessage: 'Task timed out after 0.30 seconds' };
    expect(await run(lambda, what)).toMatchObject(error);
    expect(logged).toMatchObject([{ message: error.errorMessage }]);
    expect(await run(lambda, 'count')).toMatchObject({ invocations: 1 });
  });

  it('says when the module has no such handler', async () => {
    const lambda = createFunction({ handler: 'http.missing' });
    expect(await run(lambda, 'count')).toMatchObject({ errorType: 'Runtime.HandlerNotFound' });
  });
});

describe('reserved concurrency', () => {
  it('throttles what is beyond it', async () => {
    const lambda = createFunction({ reservedConcurrency: 1 });
    const first = run(lambda, 'count');
    await expect(run(lambda, 'count')).rejects.toThrow(ThrottledError);
    await first;
    expect(await run(lambda, 'count')).toMatchObject({ invocations: 2 });
  });
});

import { describe, expect, it } from 'vitest';
import { functionEnvironment } from '../../../local/functions-runner/function-environment.ts';
import { readSettings } from '../../../local/settings.ts';

const definition = {
  logicalId: 'PollLambdaFunction',
  key: 'poll',
  functionName: 'stack-poll',
  arn: 'arn:poll',
  handler: 'dist/poll/index.handler',
  timeoutMs: 1000,
  memoryMb: 256,
  environment: { POLL_TICK_MS: '5000', TABLE: 'table', VOLCENGINE_ACCOUNTS: '{"default":{"secretId":"s"}}' },
  maximumRetryAttempts: 2,
  maximumEventAgeMs: 1000,
};

const cloud = {
  endpoints: {
    sqs: 'http://sqs',
    dynamodb: 'http://dynamodb',
    eventbridge: 'http://events',
    sts: 'http://sts',
    volcengine: 'http://fake',
  },
  volcengineKeys: { accessKey: 'fake', secretKey: 'fake-secret' },
  resources: [],
  asyncQueues: [],
  eventsQueueUrl: 'http://sqs/events',
};

function environmentWith(env: Record<string, string>) {
  return functionEnvironment(definition, { settings: readSettings(env), cloud });
}

describe('functionEnvironment', () => {
  it('lays the local services over the template', () => {
    expect(environmentWith({})).toMatchObject({
      TABLE: 'table',
      POLL_TICK_MS: '5000',
      AWS_ENDPOINT_URL_SQS: 'http://sqs',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://dynamodb',
      AWS_ENDPOINT_URL_EVENTBRIDGE: 'http://events',
      AWS_ENDPOINT_URL_STS: 'http://sts',
      VOLCENGINE_ENDPOINT: 'http://fake',
      VOLCENGINE_ACCESS_KEY: 'fake',
      AWS_LAMBDA_FUNCTION_NAME: 'stack-poll',
    });
  });

  it('leaves out accounts whose secrets are not here, unless the user gives some', () => {
    expect(environmentWith({})).not.toHaveProperty('VOLCENGINE_ACCOUNTS');
    expect(environmentWith({ VOLCENGINE_ACCOUNTS: '{}' })).toHaveProperty('VOLCENGINE_ACCOUNTS', '{}');
  });

  it('prefers what the user has set', () => {
    const env = {
      POLL_TICK_MS: '100',
      VOLCENGINE_ACCESS_KEY: 'mine',
      VOLCENGINE_SECRET_KEY: 'mine-too',
      HOLD_RETRY_MS: '1000',
    };
    expect(environmentWith(env)).toMatchObject(env);
  });

  it('has nothing of the environment that the runner itself runs in', () => {
    expect(environmentWith({})).not.toHaveProperty('PATH');
  });
});

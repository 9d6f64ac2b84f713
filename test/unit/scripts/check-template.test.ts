import { describe, expect, test } from 'vitest';
import {
  configuredWrong,
  InvalidConfigurationError,
  templateProblems,
  templateWarnings,
} from '../../../scripts/check-template.ts';
import { compileTemplate } from '../../../scripts/compile-template.ts';
import { LONGEST_STAGE } from '../../../scripts/stage-option.ts';

const lambda = (variables: Record<string, unknown>) => ({
  Type: 'AWS::Lambda::Function',
  Properties: { FunctionName: 'service-dev-worker', Environment: { Variables: variables } },
});
const templateOf = (variables: Record<string, unknown>, more = {}) => ({
  Resources: { Worker: lambda(variables), ...more },
});
const schedule = (selector: string) => {
  const InputTemplate = `{"schedule": <rule>, "scheduledAt": <time>, "selector": ${selector}, "dryRun": true}`;
  const Properties = {
    ScheduleExpression: 'rate(1 day)',
    Targets: [{ InputTransformer: { InputTemplate } }],
  };
  return { Rule: { Type: 'AWS::Events::Rule', Properties } };
};

/** So many as a company may have, each of a realistic length. */
const roleAccounts = (count: number) =>
  JSON.stringify({
    default: { secretId: 'flow-log-activator/dev/default' },
    ...Object.fromEntries(Array.from({ length: count }, (_, index) => [`team-${index}`, roleOf(index)])),
  });
const roleOf = (index: number) => ({
  assumeRole: { roleTrn: `trn:iam::21000000${index}:role/flow-logs`, via: 'default' },
});

test('the project as it comes has nothing wrong', async () => {
  const template = await compileTemplate();
  expect(templateProblems(template)).toEqual([]);
  expect(templateWarnings(template)).toEqual([]);
}, 60_000);

describe('what becomes of a setting that no function reads', () => {
  const problemsOf = (Type: string, Properties: object, id = 'Resource') =>
    templateProblems({ Resources: { [id]: { Type, Properties: { ...Properties } } } }).join();

  test.each(['cron(0 1 * * * *)', 'cron(0 1 1 * 2 *)', 'cron(0 1 ? * ? *)'])(
    'rate: %s',
    (ScheduleExpression) => {
      expect(problemsOf('AWS::Events::Rule', { ScheduleExpression })).toContain('must have ? for the day');
    },
  );

  const worker = (ReservedConcurrentExecutions: unknown, MaximumConcurrency: unknown = 2) => ({
    Worker: {
      Type: 'AWS::Lambda::Function',
      Properties: { FunctionName: 'service-dev-activate-flow-log', ReservedConcurrentExecutions },
    },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        FunctionName: { 'Fn::GetAtt': ['Worker', 'Arn'] },
        ScalingConfig: { MaximumConcurrency },
      },
    },
  });

  test.each(['1', 1])('reservedConcurrencyActivateFlowLog: %j', (reserved) => {
    expect(templateProblems({ Resources: worker(reserved) })).toEqual([
      'reservedConcurrencyActivateFlowLog must not be below workerConcurrency',
    ]);
  });

  test('requeueAfterMs, below the visibility timeout', () => {
    const queue = { ActivationQueue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 180 } } };
    expect(templateProblems(templateOf({ REQUEUE_AFTER_MS: 179_999 }, queue))).toEqual([
      "requeueAfterMs must not be below the work queue's VisibilityTimeout, 180000",
    ]);
    expect(templateProblems(templateOf({ REQUEUE_AFTER_MS: 180_000 }, queue))).toEqual([]);
  });

  test('what is right, or put there by CloudFormation, is left alone', () => {
    expect(problemsOf('AWS::Events::Rule', { ScheduleExpression: 'cron(0 1 ? * MON *)' })).toBe('');
    for (const reserved of [2, '10', { Ref: 'AWS::NoValue' }, undefined]) {
      expect(templateProblems({ Resources: worker(reserved) })).toEqual([]);
    }
  });
});

test('the longest stage leaves no function name longer than Lambda takes', async () => {
  const { Resources } = await compileTemplate();
  const names = Object.values(Resources).flatMap(({ Type, Properties }) =>
    Type === 'AWS::Lambda::Function' ? [String(Properties.FunctionName)] : [],
  );
  const withoutStage = Math.max(...names.map((name) => name.length)) - 'dev'.length;
  expect(withoutStage + LONGEST_STAGE).toBe(64);
}, 60_000);

describe('variables', () => {
  test('are checked by the rules of the functions, each problem once', () => {
    const template = templateOf({ POLL_TICK_MS: 'abc' }, { Other: lambda({ POLL_TICK_MS: 'abc' }) });
    expect(templateProblems(template)).toEqual([
      'POLL_TICK_MS must be a whole number from 50 to 30000, in digits',
    ]);
  });

  test('may be numbers of YAML, or refer to resources', () => {
    expect(templateProblems(templateOf({ POLL_TICK_MS: 5000, EVENT_BUS_NAME: { Ref: 'Bus' } }))).toEqual([]);
  });

  test('must not be a mapping of YAML, which is not repeated', () => {
    const mapping = { default: { secretKey: 'hunter2' } };
    const problems = templateProblems(templateOf({ VOLCENGINE_ACCOUNTS: mapping }));
    expect(problems).toEqual(['VOLCENGINE_ACCOUNTS must be text, such as JSON between quotation marks']);
  });

  test('are checked as they are overridden', () => {
    expect(configuredWrong(templateOf({ POLL_TICK_MS: 'abc' }), { POLL_TICK_MS: '100' })).toEqual([]);
  });

  test('that are misspelt are warned of', () => {
    const template = templateOf({ POLL_TICKMS: '1', ACTIVATION_QUEUE_URL: { Ref: 'Queue' } });
    expect(templateWarnings(template)).toEqual(['POLL_TICKMS is not read. Is POLL_TICK_MS meant?']);
  });
});

describe("Lambda's limit of 4,096 bytes", () => {
  test('sixty role accounts are refused by function, bytes and the largest variables', () => {
    const template = templateOf({ POLL_TICK_MS: '5000', VOLCENGINE_ACCOUNTS: roleAccounts(60) });
    const [problem, ...others] = templateProblems(template);
    expect(others).toEqual([]);
    expect(problem).toMatch(
      /^service-dev-worker has \d{4} bytes of environment variables, and Lambda takes 4096\. The largest: VOLCENGINE_ACCOUNTS \d{4}, POLL_TICK_MS \d+\.$/,
    );
  });

  test('twenty are taken', () => {
    expect(templateProblems(templateOf({ VOLCENGINE_ACCOUNTS: roleAccounts(20) }))).toEqual([]);
  });

  test('is one of all variables together, as JSON', () => {
    const exact = 'x'.repeat(4096 - '{"A":"","B":""}'.length);
    expect(templateProblems(templateOf({ A: exact, B: '' }))).toEqual([]);
    expect(templateProblems(templateOf({ A: exact, B: 'x' }))).toHaveLength(1);
    expect(templateProblems(templateOf({ A: `${exact.slice(1)}"`, B: '' }))).toHaveLength(1);
    expect(templateProblems(templateOf({ A: exact, B: '', C: { Ref: 'AWS::NoValue' } }))).toEqual([]);
  });
});

describe('the scheduled batch', () => {
  test('is read as its function reads it', () => {
    expect(templateProblems(templateOf({}, schedule('{"name": "prod-*"}')))).toEqual([]);
  });

  test.each([
    ['{"nam": "x"}', 'the scheduled batch: selector.nam'],
    ['{"account": "nobody"}', 'the scheduled batch: account'],
    ['{', 'scheduledBatchSelector must be JSON'],
  ])('with the selector %s is refused', (selector, problem) => {
    expect(templateProblems(templateOf({}, schedule(selector))).join()).toContain(problem);
  });
});

test('the message has a line for each problem', () => {
  expect(new InvalidConfigurationError(['A is wrong', 'B is wrong']).message.split('\n')).toHaveLength(3);
});

import * as v from 'valibot';
import { expect } from 'vitest';
import { ROUTES } from '../../lib/api/routes.ts';
import type { Template } from '../../scripts/compile-template.ts';
import { functionOf, functionsOf, nameOf, resourceOf, resourcesOf } from './template-resources.ts';

const accessLog = v.looseObject({ Format: v.string() });

const FOURTEEN_DAYS_S = 1_209_600;

/** What the compiled template must keep to. Each throws when it does not; template.test.ts proves that it can. */
export const templateRules = {
  'every function states its runtime, architecture, memory and a timeout its caller can bear'(template) {
    const timeouts = Object.fromEntries(functionsOf(template).map(({ name, Timeout }) => [name, Timeout]));
    expect(timeouts).toEqual({
      'request-activations': 29,
      'redrive-activations': 29,
      'receive-webhook': 29,
      'start-batch': 29,
      'start-scheduled-batch': 900,
      'read-activations': 29,
      'activate-flow-log': 30,
      'send-webhooks': 30,
      'poll-activations': 58,
      'check-drift': 900,
      'run-policies': 900,
    });
    for (const lambda of functionsOf(template)) {
      const MemorySize = lambda.name === 'activate-flow-log' ? 256 : 512;
      expect(lambda).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], MemorySize });
    }
  },

  'every queue is encrypted, and keeps messages for 14 days unless they are worth nothing'(template) {
    const queues = resourcesOf(template, 'AWS::SQS::Queue');
    expect(queues.map(({ logicalId }) => logicalId)).toEqual([
      'ActivationQueue',
      'PollQueue',
      'DeadLetterQueue',
      'DeadLetterSourceQueue',
      'PoisonQueue',
      'WebhookQueue',
      'WebhookDeadLetterQueue',
      'WebhookDeadLetterSourceQueue',
      'WebhookPoisonQueue',
    ]);
    for (const { logicalId, Properties } of queues) {
      expect(Properties).toMatchObject({
        SqsManagedSseEnabled: true,
        MessageRetentionPeriod: logicalId === 'PollQueue' ? 600 : FOURTEEN_DAYS_S,
      });
    }
  },

  'the work queue hides a message for six worker timeouts, and gives up after five into the poison queue'(
    template,
  ) {
    const { VisibilityTimeout, RedrivePolicy } = resourceOf(template, 'ActivationQueue').Properties;
    expect(VisibilityTimeout).toBeGreaterThanOrEqual(6 * functionOf(template, 'activate-flow-log').Timeout);
    expect(RedrivePolicy).toEqual({ deadLetterTargetArn: arnOf('PoisonQueue'), maxReceiveCount: 5 });
  },

  'the worker reports failures one by one, and waits for no batch'(template) {
    expectMapping(template, 'activate-flow-log', 'ActivationQueue', 2);
  },

  'webhooks have a queue of their own, with room for a batch that hangs, and give up after five into its poison queue'(
    template,
  ) {
    const { Timeout } = functionOf(template, 'send-webhooks');
    const { VisibilityTimeout, RedrivePolicy } = resourceOf(template, 'WebhookQueue').Properties;
    expect(VisibilityTimeout).toBeGreaterThanOrEqual(6 * Timeout);
    expect(RedrivePolicy).toEqual({ deadLetterTargetArn: arnOf('WebhookPoisonQueue'), maxReceiveCount: 5 });
    const Enabled = { 'Fn::If': ['HasWebhookEndpoints', true, false] };
    expectMapping(template, 'send-webhooks', 'WebhookQueue', 5, { Enabled });
  },

  'every event of ours goes to the webhook queue, if there are endpoints, by a rule that alone may send there'(
    template,
  ) {
    expect(template.Conditions).toEqual({
      HasWebhookEndpoints: { 'Fn::Not': [{ 'Fn::Equals': ['{}', '{}'] }] },
    });
    expect(resourceOf(template, 'WebhookRule').Properties).toEqual({
      EventBusName: { Ref: 'EventBus' },
      EventPattern: { source: ['flow-log-activator'] },
      State: { 'Fn::If': ['HasWebhookEndpoints', 'ENABLED', 'DISABLED'] },
      Targets: [
        {
          Id: 'webhooks',
          Arn: arnOf('WebhookQueue'),
          DeadLetterConfig: { Arn: arnOf('WebhookPoisonQueue') },
        },
      ],
    });
    const policies = resourcesOf(template, 'AWS::SQS::QueuePolicy').map(({ Properties }) => Properties);
    const allowing = policies.filter((policy) => JSON.stringify(policy).includes('"Allow"'));
    expect(allowing).toMatchObject(
      ['WebhookQueue', 'WebhookPoisonQueue'].map((queue) => ({
        Queues: [{ Ref: queue }],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'events.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: arnOf(queue),
              Condition: { ArnEquals: { 'aws:SourceArn': arnOf('WebhookRule') } },
            },
            { Effect: 'Deny' },
          ],
        },
      })),
    );
  },

  'nobody enqueues again before a message may be seen again'(template) {
    const { VisibilityTimeout } = resourceOf(template, 'ActivationQueue').Properties;
    const enqueuing = [
      ...['request-activations', 'redrive-activations', 'receive-webhook', 'start-batch'],
      ...['start-scheduled-batch', 'activate-flow-log', 'poll-activations'],
    ];
    for (const name of enqueuing) {
      const { REQUEUE_AFTER_MS } = functionOf(template, name).Environment.Variables;
      expect(Number(REQUEUE_AFTER_MS)).toBeGreaterThanOrEqual(Number(VisibilityTimeout) * 1000);
    }
  },

  'the poller is invoked every minute, and never late or again, and by its messages'(template) {
    expectMapping(template, 'poll-activations', 'PollQueue', 2, { FunctionResponseTypes: undefined });
    expect(invocationsOf(template, 'poll-activations')).toMatchObject({
      schedules: [{ ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' }],
      configs: [{ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 }],
    });
  },

  'the schedule of batches is off until someone wants it, names itself and its time, and may be tried again'(
    template,
  ) {
    expect(invocationsOf(template, 'start-scheduled-batch')).toMatchObject({
      schedules: [
        {
          Name: 'flow-log-activator-dev-scheduled-batch',
          ScheduleExpression: 'cron(0 1 * * ? *)',
          State: 'DISABLED',
          Targets: [
            {
              InputTransformer: {
                InputPathsMap: { rule: '$.resources[0]', time: '$.time' },
                InputTemplate: '{"schedule": <rule>, "scheduledAt": <time>, "selector": {}, "dryRun": true}',
              },
            },
          ],
        },
      ],
      configs: [{ MaximumRetryAttempts: 2 }],
    });
  },

  'drift is looked for every hour, and not again for a check that failed'(template) {
    expect(invocationsOf(template, 'check-drift')).toMatchObject({
      schedules: [{ ScheduleExpression: 'rate(1 hour)', State: 'ENABLED' }],
      configs: [{ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 900 }],
    });
  },

  'policies are run every five minutes, and not again for a run that failed'(template) {
    expect(invocationsOf(template, 'run-policies')).toMatchObject({
      schedules: [{ ScheduleExpression: 'rate(5 minutes)', State: 'ENABLED' }],
      configs: [{ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 300 }],
    });
  },

  'every route but the health check, the contract and signed webhooks needs IAM authorisation'(template) {
    const routes = resourcesOf(template, 'AWS::ApiGatewayV2::Route').map(({ Properties }) => {
      const target = JSON.stringify(Properties.Target);
      const integration = resourcesOf(template, 'AWS::ApiGatewayV2::Integration').find(({ logicalId }) =>
        target.includes(`"${logicalId}"`),
      );
      expect(integration?.Properties).toMatchObject({ PayloadFormatVersion: '2.0' });
      const lambda = functionsOf(template).find(
        ({ logicalId }) => logicalId === nameOf(integration?.Properties.IntegrationUri),
      );
      return [Properties.RouteKey, `${lambda?.name} ${Properties.AuthorizationType ?? 'NONE'}`];
    });
    expect(Object.fromEntries(routes)).toEqual({
      'POST /activations': 'request-activations AWS_IAM',
      'POST /deactivations': 'request-activations AWS_IAM',
      'DELETE /activations/{activationId}': 'request-activations AWS_IAM',
      'POST /activations/{activationId}/redrive': 'redrive-activations AWS_IAM',
      'POST /dead-letters/redrive': 'redrive-activations AWS_IAM',
      'POST /operations': 'request-activations AWS_IAM',
      'GET /operations': 'read-activations AWS_IAM',
      'GET /operations/{operationId}': 'read-activations AWS_IAM',
      'DELETE /operations/{operationId}': 'request-activations AWS_IAM',
      'PUT /accounts/{alias}/pause': 'request-activations AWS_IAM',
      'DELETE /accounts/{alias}/pause': 'request-activations AWS_IAM',
      'GET /activations': 'read-activations AWS_IAM',
      'GET /activations/{activationId}': 'read-activations AWS_IAM',
      'POST /batches': 'start-batch AWS_IAM',
      'GET /batches/{batchId}': 'read-activations AWS_IAM',
      'POST /webhooks/{source}': 'receive-webhook NONE',
      'GET /plans/{planId}': 'read-activations AWS_IAM',
      'GET /reports': 'read-activations AWS_IAM',
      'GET /reports/{policy}': 'read-activations AWS_IAM',
      'GET /reports/{policy}/runs': 'read-activations AWS_IAM',
      'GET /status': 'read-activations AWS_IAM',
      'GET /healthz': 'read-activations NONE',
      'GET /openapi.json': 'read-activations NONE',
      $default: 'read-activations AWS_IAM',
    });
    // What $default tells callers of.
    const told = ROUTES.flatMap(({ path, methods }) => methods.map((method) => `${method} ${path}`));
    expect([...told, '$default'].sort()).toEqual(routes.map(([routeKey]) => routeKey).sort());
  },

  'the table is billed by request, encrypted, recoverable, not deleted by mistake, and outlives the stack'(
    template,
  ) {
    const table = resourceOf(template, 'ActivationsTable');
    expect(table).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(table.Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'due',
          KeySchema: [{ AttributeName: 'dueShard' }, { AttributeName: 'dueAt' }],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
        {
          IndexName: 'list',
          KeySchema: [{ AttributeName: 'listBucket' }, { AttributeName: 'listKey' }],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
        {
          IndexName: 'attention',
          KeySchema: [{ AttributeName: 'attention' }, { AttributeName: 'listKey' }],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
      LocalSecondaryIndexes: [
        {
          IndexName: 'flow-log',
          KeySchema: [{ AttributeName: 'pk' }, { AttributeName: 'pastListKey' }],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    });
  },

  'the archive keeps every event of the bus'(template) {
    const [archive] = resourcesOf(template, 'AWS::Events::Archive');
    expect(archive?.Properties).toEqual({
      SourceArn: arnOf('EventBus'),
      EventPattern: { source: ['flow-log-activator'] },
      RetentionDays: 30,
    });
  },

  'every route has a limit, a low one where anyone may call'(template) {
    const [stage] = resourcesOf(template, 'AWS::ApiGatewayV2::Stage');
    const open = { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 10 };
    expect(stage?.Properties).toMatchObject({
      DefaultRouteSettings: { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 },
      RouteSettings: {
        'POST /webhooks/{source}': { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 },
        'GET /healthz': open,
        'GET /openapi.json': open,
      },
    });
    // A route must be there before the stage may set a limit for it, and those are all that anyone may call.
    const unsigned = resourcesOf(template, 'AWS::ApiGatewayV2::Route').filter(
      ({ Properties }) => (Properties.AuthorizationType ?? 'NONE') === 'NONE',
    );
    expect(Object.keys(Object(stage?.Properties.RouteSettings)).sort()).toEqual(
      unsigned.map(({ Properties }) => Properties.RouteKey).sort(),
    );
    expect(stage?.DependsOn).toEqual(expect.arrayContaining(unsigned.map(({ logicalId }) => logicalId)));
  },

  'no concurrency is reserved as it comes: an account that is new could not deploy it'(template) {
    const reserved = resourcesOf(template, 'AWS::Lambda::Function').flatMap(({ logicalId, Properties }) =>
      'ReservedConcurrentExecutions' in Properties
        ? [[logicalId, Properties.ReservedConcurrentExecutions]]
        : [],
    );
    const none = { Ref: 'AWS::NoValue' };
    expect(Object.fromEntries(reserved)).toEqual({
      ReceiveDashwebhookLambdaFunction: none,
      ActivateDashflowDashlogLambdaFunction: none,
      PollDashactivationsLambdaFunction: none,
    });
  },

  'the access log says who called what from where, and what went wrong, but no query and no header'(
    template,
  ) {
    const [stage] = resourcesOf(template, 'AWS::ApiGatewayV2::Stage');
    const { Format = '' } = v.parse(accessLog, stage?.Properties.AccessLogSettings);
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
    expect(JSON.parse(Format)).toEqual({
      gatewayRequestId: '$context.requestId',
      requestTime: '$context.requestTime',
      sourceIp: '$context.identity.sourceIp',
      userArn: '$context.identity.userArn',
      method: '$context.httpMethod',
      path: '$context.path',
      routeKey: '$context.routeKey',
      protocol: '$context.protocol',
      httpStatus: '$context.status',
      responseLength: '$context.responseLength',
      latencyMs: '$context.responseLatency',
      error: '$context.error.message',
      authorizerError: '$context.authorizer.error',
      integrationStatus: '$context.integrationStatus',
      integrationError: '$context.integrationErrorMessage',
      function_request_id: '$context.integration.requestId',
    });
  },

  'every log group ends, and every function has its own'(template) {
    const groups = resourcesOf(template, 'AWS::Logs::LogGroup');
    for (const { Properties } of groups) expect(Properties).toMatchObject({ RetentionInDays: 30 });
    const names = groups.map(({ Properties }) => Properties.LogGroupName);
    for (const { FunctionName } of functionsOf(template))
      expect(names).toContain(`/aws/lambda/${FunctionName}`);
    const [stage] = resourcesOf(template, 'AWS::ApiGatewayV2::Stage');
    expect(stage?.Properties).toMatchObject({
      AccessLogSettings: { DestinationArn: arnOf('HttpApiLogGroup') },
    });
  },

  'the outputs name what a client or an operator needs'(template) {
    const values = Object.fromEntries(
      Object.entries(template.Outputs).flatMap(([name, { Value }]) =>
        name === 'HttpApiUrl' ? [] : [[name, nameOf(Value)]],
      ),
    );
    expect(template.Outputs.HttpApiUrl).toBeDefined();
    expect(values).toMatchObject({
      ActivationQueueUrl: 'ActivationQueue',
      DeadLetterQueueUrl: 'DeadLetterQueue',
      PoisonQueueUrl: 'PoisonQueue',
      EventBusName: 'EventBus',
      ActivationsTableName: 'ActivationsTable',
      AlarmTopicArn: 'AlarmTopic',
      WebhookQueueUrl: 'WebhookQueue',
      WebhookDeadLetterQueueUrl: 'WebhookDeadLetterQueue',
      WebhookPoisonQueueUrl: 'WebhookPoisonQueue',
    });
  },
} satisfies Record<string, (template: Template) => void>;

/** One queue feeds the function, in batches of ten whose failures are reported one by one. */
function expectMapping(
  template: Template,
  name: string,
  queue: string,
  MaximumConcurrency: number,
  more: object = {},
) {
  const FunctionName = arnOf(functionOf(template, name).logicalId);
  const mappings = resourcesOf(template, 'AWS::Lambda::EventSourceMapping')
    .map(({ Properties }) => Properties)
    .filter((mapping) => JSON.stringify(mapping.FunctionName) === JSON.stringify(FunctionName));
  expect(mappings).toEqual([
    {
      EventSourceArn: arnOf(queue),
      FunctionName,
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency },
      Enabled: true,
      ...more,
    },
  ]);
}

function arnOf(logicalId: string) {
  return { 'Fn::GetAtt': [logicalId, 'Arn'] };
}

/** What invokes a function by itself, and how often when it fails. */
function invocationsOf(template: Template, name: string) {
  const { logicalId } = functionOf(template, name);
  const target = JSON.stringify({ 'Fn::GetAtt': [logicalId, 'Arn'] });
  const rules = resourcesOf(template, 'AWS::Events::Rule').map(({ Properties }) => Properties);
  const configs = resourcesOf(template, 'AWS::Lambda::EventInvokeConfig').map(({ Properties }) => Properties);
  return {
    schedules: rules.filter(({ Targets }) => JSON.stringify(Targets).includes(target)),
    configs: configs.filter(
      ({ FunctionName }) => JSON.stringify(FunctionName) === JSON.stringify({ Ref: logicalId }),
    ),
  };
}

// The dashboard: a row a question. Free, as one of the first three of an account with at most 50 metrics each.
const { functionIdOf } = require('./function-ids.cjs');

const OURS = `\${self:service}`;
const SERVICE = `\${self:custom.serviceName}`;
const REGION = `\${AWS::Region}`;
const WEBHOOKS = 'HasWebhookEndpoints';

const ALARMS = [
  'DeadLettersAlarm',
  'HeldActivationsAlarm',
  'DisabledConfigurationAlarm',
  'UnansweredDeadlinesAlarm',
  'EventBusMissingAlarm',
  'RefusedMessagesAlarm',
  'UnreadableItemsAlarm',
  'PoisonAlarm',
  'ActivationQueueAgeAlarm',
  'PollerSilentAlarm',
  'FunctionErrorsAlarm',
  'ScheduledBatchLostAlarm',
  'DriftCheckFailedAlarm',
  'PolicyRunFailedAlarm',
  'HttpApiErrorsAlarm',
];
const WEBHOOK_ALARMS = ['WebhookDeadLettersAlarm', 'WebhookPoisonAlarm', 'WebhookQueueAgeAlarm'];

const arnOf = (alarm) => `\${${alarm}.Arn}`;
const ours = (name) => [OURS, name, 'service', SERVICE];
const queue = (name, logicalId) => ['AWS/SQS', name, 'QueueName', `\${${logicalId}.QueueName}`];
const lambda = (name, key) => ['AWS/Lambda', name, 'FunctionName', `\${${functionIdOf(key)}}`];
const api = (name, stat) => ['AWS/ApiGateway', name, 'ApiId', `\${HttpApi}`, { stat }];

const metrics = (title, list, stat = 'Sum') => ({ title, metrics: list, stat });

const ROWS = [
  [
    metrics(
      'What became of the requests?',
      ['CompletedActivations', 'FailedActivations', 'HeldActivations'].map(ours),
    ),
    metrics('What did we ask of Volcengine?', ['ActiveFlowLogCalls', 'ThrottledCalls'].map(ours)),
  ],
  [
    metrics(
      'Does anything wait, in seconds?',
      ['ActivationQueue', 'WebhookQueue'].map((id) => queue('ApproximateAgeOfOldestMessage', id)),
      'Maximum',
    ),
    metrics(
      'What needs somebody?',
      ['DeadLetterQueue', 'PoisonQueue', 'WebhookDeadLetterQueue', 'WebhookPoisonQueue'].map((id) =>
        queue('ApproximateNumberOfMessagesVisible', id),
      ),
      'Maximum',
    ),
  ],
  [
    metrics('Do the functions run?', [
      lambda('Invocations', 'poll-activations'),
      ...['activate-flow-log', 'poll-activations', 'send-webhooks'].map((key) => lambda('Errors', key)),
      ...['activate-flow-log', 'poll-activations'].map((key) => lambda('Throttles', key)),
    ]),
    metrics('Is the API well?', [api('Count', 'Sum'), api('4xx', 'Sum'), api('5xx', 'Sum')]),
  ],
  [
    metrics('Do webhooks arrive?', ['DeliveredWebhooks', 'FailedWebhookAttempts', 'DeadWebhooks'].map(ours)),
    metrics('Do flow logs stay Active?', ['DriftedFlowLogs'].map(ours)),
  ],
];

const [WIDTH, HEIGHT, ALARMS_HEIGHT] = [12, 6, 3];
const widgets = ROWS.flatMap((row, index) =>
  row.map((properties, column) => ({
    type: 'metric',
    x: column * WIDTH,
    y: ALARMS_HEIGHT + index * HEIGHT,
    width: WIDTH,
    height: HEIGHT,
    properties: { region: REGION, period: 300, view: 'timeSeries', ...properties },
  })),
);
const alarms = {
  type: 'alarm',
  x: 0,
  y: 0,
  width: 2 * WIDTH,
  height: ALARMS_HEIGHT,
  properties: { title: 'Is anything wrong?', alarms: [...ALARMS.map(arnOf), 'webhooks'] },
};

// Of the webhooks' alarms there are none without an endpoint: a part of the text depends on the condition.
const text = JSON.stringify({ widgets: [alarms, ...widgets] }).replace(',"webhooks"', `\${WebhookAlarms}`);
const webhookAlarms = WEBHOOK_ALARMS.map((alarm) => `,"${arnOf(alarm)}"`).join('');

exports.Resources = {
  Dashboard: {
    Type: 'AWS::CloudWatch::Dashboard',
    Properties: {
      DashboardName: SERVICE,
      DashboardBody: {
        'Fn::Sub': [text, { WebhookAlarms: { 'Fn::If': [WEBHOOKS, { 'Fn::Sub': webhookAlarms }, ''] } }],
      },
    },
  },
};

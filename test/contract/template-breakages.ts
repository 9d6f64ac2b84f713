import type { templateAccessRules } from './template-access-rules.ts';
import type { templateAlarmRules } from './template-alarm-rules.ts';
import type { templateRules } from './template-rules.ts';

type Rule = keyof typeof templateRules | keyof typeof templateAccessRules | keyof typeof templateAlarmRules;

/**
 * A place in the template and the value to put there; undefined removes what is there. A place is a logical id and
 * the way into its properties, or, with a slash before it, the way from the template's root; `~1` is a slash in a key.
 */
export type Breakage = [place: string, value: unknown];

const worker = 'ActivateDashflowDashlogLambdaFunction';
const reader = 'ReadDashactivationsLambdaFunction';
const webhooks = 'ReceiveDashwebhookLambdaFunction';
const sender = 'SendDashwebhooksLambdaFunction';
const poller = 'PollDashactivationsLambdaFunction';
/** Of this stage, in whatever account and region. */
const SECRETS = `arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:flow-log-activator/dev`;
const statements = 'Policies/0/PolicyDocument/Statement';
const variables = 'Environment/Variables';
const secretNamed = (name: string) => ({ secretId: `flow-log-activator/dev/${name}` });
const withSecrets = (...secrets: unknown[]) => JSON.stringify({ one: { secrets } });

/** For each rule, changes that it must notice. */
export const templateBreakages: Record<Rule, [Breakage, ...Breakage[]]> = {
  'every function states its runtime, architecture, memory and a timeout its caller can bear': [
    [`${poller}/Timeout`, 60],
    [`${reader}/Runtime`, 'nodejs22.x'],
    [`${reader}/Architectures`, ['x86_64']],
    [`${reader}/MemorySize`, 256],
  ],
  'every queue is encrypted, and keeps messages for 14 days unless they are worth nothing': [
    ['PoisonQueue/SqsManagedSseEnabled', false],
    ['DeadLetterQueue/MessageRetentionPeriod', 345_600],
  ],
  'the work queue hides a message for six worker timeouts, and gives up after five into the poison queue': [
    [`${worker}/Timeout`, 31],
    ['ActivationQueue/RedrivePolicy/maxReceiveCount', 360],
    ['ActivationQueue/RedrivePolicy/deadLetterTargetArn', { 'Fn::GetAtt': ['DeadLetterQueue', 'Arn'] }],
  ],
  'the worker reports failures one by one, and waits for no batch': [
    ['ActivateDashflowDashlogEventSourceMappingSQSActivationQueue/ScalingConfig/MaximumConcurrency', 1],
    ['ActivateDashflowDashlogEventSourceMappingSQSActivationQueue/FunctionResponseTypes', []],
    ['ActivateDashflowDashlogEventSourceMappingSQSActivationQueue/MaximumBatchingWindowInSeconds', 20],
  ],
  'webhooks have a queue of their own, with room for a batch that hangs, and give up after five into its poison queue':
    [
      [`${sender}/Timeout`, 31],
      ['WebhookQueue/RedrivePolicy/deadLetterTargetArn', { 'Fn::GetAtt': ['WebhookDeadLetterQueue', 'Arn'] }],
      ['SendDashwebhooksEventSourceMappingSQSWebhookQueue/FunctionResponseTypes', []],
      ['SendDashwebhooksEventSourceMappingSQSWebhookQueue/Enabled', true],
    ],
  'every event of ours goes to the webhook queue, if there are endpoints, by a rule that alone may send there':
    [
      ['/Conditions/HasWebhookEndpoints', { 'Fn::Equals': ['{}', '{}'] }],
      ['WebhookRule/State', 'DISABLED'],
      ['WebhookRule/Targets/0/DeadLetterConfig', undefined],
      ['WebhookQueuePolicy/PolicyDocument/Statement/0/Condition', undefined],
      [
        'QueuePolicy/PolicyDocument/Statement/0',
        { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' },
      ],
      ['/Resources/WebhookPoisonQueuePolicy', undefined],
    ],
  'webhooks leave over https, to public addresses': [
    [`${sender}/${variables}/WEBHOOK_EGRESS`, 'unrestricted'],
    [`${sender}/${variables}/WEBHOOK_EGRESS`, undefined],
  ],
  'nobody enqueues again before a message may be seen again': [
    ['ActivationQueue/VisibilityTimeout', 181],
    [`${poller}/${variables}/REQUEUE_AFTER_MS`, '179999'],
    [`${worker}/${variables}/REQUEUE_AFTER_MS`, undefined],
  ],
  'the poller is invoked every minute, and never late or again, and by its messages': [
    ['PollDashactivationsEventsRuleSchedule1/ScheduleExpression', 'rate(5 minutes)'],
    ['PollDashactivationsLambdaEvConf/MaximumRetryAttempts', 2],
  ],
  'the schedule of batches is off until someone wants it, names itself and its time, and may be tried again':
    [
      ['StartDashscheduledDashbatchEventsRuleSchedule1/State', 'ENABLED'],
      ['StartDashscheduledDashbatchEventsRuleSchedule1/Targets/0/InputTransformer', undefined],
      ['StartDashscheduledDashbatchLambdaEvConf/MaximumRetryAttempts', 0],
    ],
  'drift is looked for every hour, and not again for a check that failed': [
    ['CheckDashdriftEventsRuleSchedule1/State', 'DISABLED'],
    ['CheckDashdriftLambdaEvConf/MaximumRetryAttempts', 2],
  ],
  'policies are run every five minutes, and not again for a run that failed': [
    ['RunDashpoliciesEventsRuleSchedule1/State', 'DISABLED'],
    ['RunDashpoliciesLambdaEvConf/MaximumRetryAttempts', 2],
  ],
  'every route but the health check, the contract and signed webhooks needs IAM authorisation': [
    ['HttpApiRouteGetActivations/AuthorizationType', undefined],
    ['HttpApiRouteDefault/AuthorizationType', 'NONE'],
    ['HttpApiRoutePostWebhooksSourceVar/AuthorizationType', 'AWS_IAM'],
    ['/Resources/HttpApiRouteGetHealthz', undefined],
    ['HttpApiIntegrationReadDashactivations/PayloadFormatVersion', '1.0'],
  ],
  'the table is billed by request, encrypted, recoverable, not deleted by mistake, and outlives the stack': [
    ['ActivationsTable/DeletionProtectionEnabled', false],
    ['ActivationsTable/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled', false],
    ['ActivationsTable/SSESpecification/SSEEnabled', false],
    ['ActivationsTable/GlobalSecondaryIndexes/0/Projection/ProjectionType', 'ALL'],
    ['/Resources/ActivationsTable/DeletionPolicy', 'Delete'],
  ],
  'every route has a limit, a low one where anyone may call': [
    ['HttpApiStage/DefaultRouteSettings/ThrottlingRateLimit', undefined],
    ['HttpApiStage/RouteSettings/POST ~1webhooks~1{source}', undefined],
    ['HttpApiRouteGetActivations/AuthorizationType', undefined],
    ['/Resources/HttpApiStage/DependsOn', 'HttpApiLogGroup'],
  ],
  'no concurrency is reserved as it comes: an account that is new could not deploy it': [
    [`${poller}/ReservedConcurrentExecutions`, 2],
    [`${reader}/ReservedConcurrentExecutions`, 2],
    [`${webhooks}/ReservedConcurrentExecutions`, undefined],
  ],
  'the access log says who called what from where, and what went wrong, but no query and no header': [
    ['HttpApiStage/AccessLogSettings/Format', '{"gatewayRequestId":"$context.requestId"}'],
    ['HttpApiStage/AccessLogSettings/Format', '$context.requestId'],
    ['HttpApiStage/AccessLogSettings', undefined],
  ],
  'the archive keeps every event of the bus': [['Archive/RetentionDays', 1]],
  'every log group ends, and every function has its own': [
    ['HttpApiLogGroup/RetentionInDays', undefined],
    ['PollDashactivationsLogGroup/LogGroupName', '/aws/lambda/another'],
  ],
  'the outputs name what a client or an operator needs': [
    ['/Outputs/AlarmTopicArn', undefined],
    ['/Outputs/PoisonQueueUrl/Value', { Ref: 'DeadLetterQueue' }],
  ],
  'every function has a role of its own, with these permissions and no others': [
    [`PollActivationsRole/${statements}/1/Action`, ['dynamodb:GetItem', 'dynamodb:DeleteItem']],
    [`ReadActivationsRole/${statements}/1/Resource`, { 'Fn::GetAtt': ['ActivationQueue', 'Arn'] }],
    ['ReadActivationsRole/ManagedPolicyArns', ['arn:aws:iam::aws:policy/AdministratorAccess']],
    [`${reader}/Role`, { 'Fn::GetAtt': ['PollActivationsRole', 'Arn'] }],
  ],
  'no role has a wildcard where AWS takes a name': [
    [`RequestActivationsRole/${statements}/2/Action`, 'sqs:*'],
    [`ActivateFlowLogRole/${statements}/1/Resource`, '*'],
    [`ReceiveWebhookRole/${statements}/3/Resource`, '*'],
    [`ActivateFlowLogRole/${statements}/1/Resource`, 'arn:aws:dynamodb:::table/*'],
  ],
  'a token that says who a function is can be for Volcengine alone, and is short': [
    [`CheckDriftRole/${statements}/5/Condition`, undefined],
    [`StartBatchRole/${statements}/4/Condition/NumericLessThanEquals`, undefined],
    [`ActivateFlowLogRole/${statements}/5/Condition/Null`, undefined],
    [`ReadActivationsRole/${statements}/1/Action`, ['dynamodb:GetItem', 'sts:GetWebIdentityToken']],
    [
      `RedriveActivationsRole/${statements}/5/Condition/ForAllValues:StringLike`,
      { 'sts:IdentityTokenAudience': '*' },
    ],
  ],
  'secrets of accounts, of webhook sources and of endpoints are each read by those who need them alone': [
    [`PollActivationsRole/${statements}/6/Resource`, { 'Fn::Sub': `${SECRETS}/*` }],
    [`CheckDriftRole/${statements}/4/Resource`, [{ 'Fn::Sub': `${SECRETS}/default*` }]],
    [`StartBatchRole/${statements}/3/Resource`, [{ 'Fn::Sub': `${SECRETS}/accounts/*` }]],
    [`SendWebhooksRole/${statements}/3/Resource`, { 'Fn::Sub': `${SECRETS}/webhook*` }],
  ],
  'every secret that is named may be read by who needs it': [
    [`${worker}/${variables}/VOLCENGINE_ACCOUNTS`, JSON.stringify({ second: secretNamed('second') })],
    [
      `${worker}/${variables}/VOLCENGINE_ACCOUNTS`,
      JSON.stringify({ second: secretNamed('webhooks/tickets') }),
    ],
    [`${webhooks}/${variables}/WEBHOOK_SOURCES`, withSecrets(secretNamed('accounts/ci'))],
    [`${sender}/${variables}/WEBHOOK_ENDPOINTS`, withSecrets(secretNamed('webhooks/siem'))],
    [`ActivateFlowLogRole/${statements}/4/Resource`, [{ 'Fn::Sub': `${SECRETS}/accounts/*` }]],
  ],
  'queues and the alarm topic refuse whatever comes without TLS': [
    ['QueuePolicy/Queues/3', undefined],
    ['QueuePolicy/PolicyDocument/Statement/0/Effect', 'Allow'],
    ['WebhookQueuePolicy/PolicyDocument/Statement/1', undefined],
    ['WebhookPoisonQueuePolicy/PolicyDocument/Statement/1/Condition', undefined],
    ['WebhookPoisonQueuePolicy/PolicyDocument/Statement/1/Principal', { AWS: '123456789012' }],
    ['WebhookPoisonQueuePolicy/PolicyDocument/Statement/1/Action', 'sqs:SendMessage'],
    ['AlarmTopicPolicy/PolicyDocument/Statement/1', undefined],
    ['/Resources/AlarmTopicPolicy', undefined],
  ],
  'the topic takes alarms of this account': [
    ['AlarmTopicPolicy/PolicyDocument/Statement/0/Condition', undefined],
    ['AlarmTopicPolicy/PolicyDocument/Statement/0/Principal', '*'],
  ],
  'a dead-letter queue takes dead letters of its own queue alone': [
    ['DeadLetterQueue/RedriveAllowPolicy', undefined],
    ['PoisonQueue/RedriveAllowPolicy/redrivePermission', 'allowAll'],
    ['ActivationQueue/QueueName', 'another'],
    ['WebhookDeadLetterSourceQueue/RedrivePolicy/deadLetterTargetArn', { Ref: 'DeadLetterQueue' }],
  ],
  'a function is told of exactly the resources that it may use': [
    [`${worker}/${variables}/EVENT_BUS_NAME`, { Ref: 'EventBus' }],
    [`${worker}/${variables}/POISON_QUEUE_URL`, undefined],
  ],
  'environments have known variables only, with a value each, and no secret': [
    [`${poller}/${variables}/VOLCENGINE_SECRET_KEY`, 'a secret'],
    [`${poller}/${variables}/POLL_TICK_MS`, ''],
    [
      `${poller}/${variables}/VOLCENGINE_ACCOUNTS`,
      JSON.stringify({ default: { accessKey: 'a key', secretKey: 'a secret' } }),
    ],
    [`${webhooks}/${variables}/WEBHOOK_SOURCES`, withSecrets('a secret')],
    [`${sender}/${variables}/WEBHOOK_ENDPOINTS`, withSecrets('whsec_secret')],
    [`${reader}/${variables}/VOLCENGINE_ENDPOINT`, 'https://open.volcengineapi.com'],
  ],
  'there is an alarm for everything that stops or loses work': [
    ['PollerSilentAlarm/TreatMissingData', 'notBreaching'],
    ['DeadLettersAlarm/Dimensions/0/Value', { 'Fn::GetAtt': ['PoisonQueue', 'QueueName'] }],
    ['/Resources/ActivationQueueAgeAlarm', undefined],
  ],
  'no alarm lasts because something lies in a queue': [
    ['DeadLettersAlarm/MetricName', 'ApproximateNumberOfMessagesVisible'],
  ],
  'what SQS moves to a poison queue is counted: failed five times by the function, crashed five times as errors':
    [
      ['ActivationQueue/RedrivePolicy/maxReceiveCount', 6],
      ['FunctionErrorsAlarm/Metrics/2', undefined],
      ['FunctionErrorsAlarm/Metrics/1/MetricStat/Metric/MetricName', 'Throttles'],
      ['WebhookPoisonAlarm/Metrics/2/MetricStat/Period', 3600],
    ],
  'what says nothing without webhook endpoints is there only with them': [
    ['/Resources/WebhookPoisonAlarm/Condition', undefined],
    ['/Resources/DeadLettersAlarm/Condition', 'HasWebhookEndpoints'],
  ],
  'alarms read our metrics where the functions write them': [
    [`${poller}/${variables}/POWERTOOLS_SERVICE_NAME`, 'another'],
    ['HeldActivationsAlarm/Namespace', 'another'],
  ],
  'every alarm, and its end, goes to the topic': [
    ['PoisonAlarm/AlarmActions', []],
    ['PoisonAlarm/OKActions', undefined],
  ],
  'the topic is encrypted with a key that alarms may use': [
    ['AlarmTopic/KmsMasterKeyId', 'alias/aws/sns'],
    ['AlarmTopicKey/KeyPolicy/Statement/1/Action', ['kms:Decrypt']],
  ],
};

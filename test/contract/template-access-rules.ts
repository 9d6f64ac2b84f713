import * as v from 'valibot';
import { expect } from 'vitest';
import type { Template } from '../../scripts/compile-template.ts';
import { findUnreadableSecrets } from '../../scripts/secret-access.ts';
import { functionOf, functionsOf, nameSchema, permissionsOf, resourcesOf } from './template-resources.ts';

/** All that a deployment sets. Credentials are not among them: they come from Secrets Manager. */
const KNOWN_VARIABLES = [
  'ACTIVATIONS_TABLE',
  'ACTIVATION_DEADLINE_MS',
  'ACTIVATION_QUEUE_URL',
  'DEAD_LETTER_QUEUE_URL',
  'EVENT_BUS_NAME',
  'PENDING_DEADLINE_MS',
  'POISON_QUEUE_URL',
  'POLL_TICK_MS',
  'POLL_WHEN_IDLE',
  'POWERTOOLS_METRICS_NAMESPACE',
  'POWERTOOLS_SERVICE_NAME',
  'RATE_LIMIT_PER_SECOND',
  'REPLICA_LAG_MS',
  'RETRY_BASE_MS',
  'RETRY_CAP_MS',
  'HOLD_RETRY_MS',
  'REQUEUE_AFTER_MS',
  'VOLCENGINE_ACCOUNTS',
  'VOLCENGINE_ENDPOINT',
  'VOLCENGINE_REGION',
  'VOLCENGINE_TIMEOUT_MS',
  'WEBHOOK_DEAD_LETTER_QUEUE_URL',
  'WEBHOOK_EGRESS',
  'WEBHOOK_ENDPOINTS',
  'WEBHOOK_POISON_QUEUE_URL',
  'WEBHOOK_QUEUE_URL',
  'WEBHOOK_RETRY_BASE_MS',
  'WEBHOOK_SOURCES',
  'WEBHOOK_TIMEOUT_MS',
  'WORKER_CONCURRENCY',
];

const RESOURCE_VARIABLES = [
  'ACTIVATIONS_TABLE',
  'ACTIVATION_QUEUE_URL',
  'DEAD_LETTER_QUEUE_URL',
  'POISON_QUEUE_URL',
  'EVENT_BUS_NAME',
  'WEBHOOK_QUEUE_URL',
  'WEBHOOK_DEAD_LETTER_QUEUE_URL',
  'WEBHOOK_POISON_QUEUE_URL',
];

/** Of Volcengine's accounts. */
const ACCOUNT_SECRETS = [
  'arn:AWS::Partition:secretsmanager:AWS::Region:AWS::AccountId:secret:flow-log-activator/dev/accounts/*',
  'arn:AWS::Partition:secretsmanager:AWS::Region:AWS::AccountId:secret:flow-log-activator/dev/default-??????',
];

/** Of the secrets only those of the senders, who need not be trusted as those who hold Volcengine's keys are. */
const WEBHOOK_SECRETS =
  'arn:AWS::Partition:secretsmanager:AWS::Region:AWS::AccountId:secret:flow-log-activator/dev/webhooks/*';

/** Of the secrets only those that are shared with receivers. */
const ENDPOINT_SECRETS =
  'arn:AWS::Partition:secretsmanager:AWS::Region:AWS::AccountId:secret:flow-log-activator/dev/webhook-endpoints/*';

const resourcePolicy = v.object({
  Queues: v.optional(v.array(nameSchema)),
  Topics: v.optional(v.array(nameSchema)),
  PolicyDocument: v.object({ Version: v.literal('2012-10-17'), Statement: v.array(v.unknown()) }),
});

/** `*` is the queue in a queue's policy; a topic's names the topic, as it takes no actions but its own. */
const withoutTls = v.strictObject({
  Effect: v.literal('Deny'),
  Principal: v.literal('*'),
  Action: v.picklist(['sqs:*', 'sns:Publish']),
  Resource: v.union([v.literal('*'), v.object({ Ref: v.literal('AlarmTopic') })]),
  Condition: v.strictObject({ Bool: v.strictObject({ 'aws:SecureTransport': v.literal('false') }) }),
});

const redrivePolicy = v.object({ deadLetterTargetArn: nameSchema });

const webhookEndpoints = v.pipe(
  v.string(),
  v.parseJson(),
  v.record(
    v.string(),
    v.looseObject({
      secrets: v.array(
        v.strictObject({
          secretId: v.pipe(v.string(), v.startsWith('flow-log-activator/dev/webhook-endpoints/')),
        }),
      ),
    }),
  ),
);

const webhookSources = v.pipe(
  v.string(),
  v.parseJson(),
  v.record(
    v.string(),
    v.looseObject({
      secrets: v.array(
        v.strictObject({ secretId: v.pipe(v.string(), v.startsWith('flow-log-activator/dev/webhooks/')) }),
      ),
    }),
  ),
);

const accounts = v.pipe(
  v.string(),
  v.parseJson(),
  v.record(
    v.string(),
    v.strictObject({ secretId: v.pipe(v.string(), v.startsWith('flow-log-activator/dev/')) }),
  ),
);

/** Who may do what to what. See template-rules.ts. */
export const templateAccessRules = {
  'every function has a role of its own, with these permissions and no others'(template) {
    const granted = Object.fromEntries(
      functionsOf(template).map(({ name, Role }) => [name, permissionsOf(template, Role)]),
    );
    expect(new Set(functionsOf(template).map(({ Role }) => Role)).size).toBe(functionsOf(template).length);
    expect(granted).toEqual({
      'request-activations': {
        'logs:CreateLogStream': ['RequestDashactivationsLogGroup'],
        'logs:PutLogEvents': ['RequestDashactivationsLogGroup'],
        'dynamodb:GetItem': ['ActivationsTable'],
        'dynamodb:BatchGetItem': ['ActivationsTable'],
        'dynamodb:PutItem': ['ActivationsTable'],
        'dynamodb:UpdateItem': ['ActivationsTable'],
        'sqs:SendMessage': ['ActivationQueue'],
      },
      'redrive-activations': {
        'logs:CreateLogStream': ['RedriveDashactivationsLogGroup'],
        'logs:PutLogEvents': ['RedriveDashactivationsLogGroup'],
        'dynamodb:GetItem': ['ActivationsTable'],
        'dynamodb:BatchGetItem': ['ActivationsTable'],
        'dynamodb:Query': ['ActivationsTable/index/list'],
        'dynamodb:UpdateItem': ['ActivationsTable'],
        'sqs:SendMessage': ['ActivationQueue'],
        'secretsmanager:GetSecretValue': ACCOUNT_SECRETS,
      },
      'receive-webhook': {
        'logs:CreateLogStream': ['ReceiveDashwebhookLogGroup'],
        'logs:PutLogEvents': ['ReceiveDashwebhookLogGroup'],
        'dynamodb:GetItem': ['ActivationsTable'],
        'dynamodb:BatchGetItem': ['ActivationsTable'],
        'dynamodb:PutItem': ['ActivationsTable'],
        'dynamodb:UpdateItem': ['ActivationsTable'],
        'sqs:SendMessage': ['ActivationQueue'],
        'secretsmanager:GetSecretValue': [WEBHOOK_SECRETS],
      },
      'start-batch': {
        'logs:CreateLogStream': ['StartDashbatchLogGroup'],
        'logs:PutLogEvents': ['StartDashbatchLogGroup'],
        'dynamodb:GetItem': ['ActivationsTable'],
        'dynamodb:BatchGetItem': ['ActivationsTable'],
        'dynamodb:PutItem': ['ActivationsTable'],
        'dynamodb:UpdateItem': ['ActivationsTable'],
        'sqs:SendMessage': ['ActivationQueue'],
        'secretsmanager:GetSecretValue': ACCOUNT_SECRETS,
      },
      'start-scheduled-batch': {
        'logs:CreateLogStream': ['StartDashscheduledDashbatchLogGroup'],
        'logs:PutLogEvents': ['StartDashscheduledDashbatchLogGroup'],
        'dynamodb:GetItem': ['ActivationsTable'],
        'dynamodb:BatchGetItem': ['ActivationsTable'],
        'dynamodb:PutItem': ['ActivationsTable'],
        'dynamodb:UpdateItem': ['ActivationsTable'],
        'sqs:SendMessage': ['ActivationQueue'],
        'events:PutEvents': ['EventBus'],
        'events:DescribeEventBus': ['EventBus'],
        'secretsmanager:GetSecretValue': ACCOUNT_SECRETS,
      },
      'read-activations': {
        'logs:CreateLogStream': ['ReadDashactivationsLogGroup'],
        'logs:PutLogEvents': ['ReadDashactivationsLogGroup'],
        'dynamodb:GetItem': ['ActivationsTable'],
        'dynamodb:BatchGetItem': ['ActivationsTable'],
        'dynamodb:Query': ['ActivationsTable/index/flow-log', 'ActivationsTable/index/list'],
      },
      'activate-flow-log': {
        'logs:CreateLogStream': ['ActivateDashflowDashlogLogGroup'],
        'logs:PutLogEvents': ['ActivateDashflowDashlogLogGroup'],
        'dynamodb:GetItem': ['ActivationsTable'],
        'dynamodb:UpdateItem': ['ActivationsTable'],
        'sqs:ReceiveMessage': ['ActivationQueue'],
        'sqs:DeleteMessage': ['ActivationQueue'],
        'sqs:GetQueueAttributes': ['ActivationQueue'],
        'sqs:SendMessage': ['ActivationQueue', 'PoisonQueue'],
        'secretsmanager:GetSecretValue': ACCOUNT_SECRETS,
      },
      'send-webhooks': {
        'logs:CreateLogStream': ['SendDashwebhooksLogGroup'],
        'logs:PutLogEvents': ['SendDashwebhooksLogGroup'],
        'sqs:ReceiveMessage': ['WebhookQueue'],
        'sqs:DeleteMessage': ['WebhookQueue'],
        'sqs:GetQueueAttributes': ['WebhookQueue'],
        'sqs:SendMessage': ['WebhookDeadLetterQueue', 'WebhookPoisonQueue', 'WebhookQueue'],
        'secretsmanager:GetSecretValue': [ENDPOINT_SECRETS],
      },
      'check-drift': {
        'logs:CreateLogStream': ['CheckDashdriftLogGroup'],
        'logs:PutLogEvents': ['CheckDashdriftLogGroup'],
        'dynamodb:GetItem': ['ActivationsTable'],
        'dynamodb:BatchGetItem': ['ActivationsTable'],
        'dynamodb:Query': ['ActivationsTable/index/list'],
        'dynamodb:PutItem': ['ActivationsTable'],
        'dynamodb:UpdateItem': ['ActivationsTable'],
        'secretsmanager:GetSecretValue': ACCOUNT_SECRETS,
      },
      'poll-activations': {
        'logs:CreateLogStream': ['PollDashactivationsLogGroup'],
        'logs:PutLogEvents': ['PollDashactivationsLogGroup'],
        'dynamodb:GetItem': ['ActivationsTable'],
        'dynamodb:BatchGetItem': ['ActivationsTable'],
        'dynamodb:Query': ['ActivationsTable/index/due'],
        'dynamodb:PutItem': ['ActivationsTable'],
        'dynamodb:UpdateItem': ['ActivationsTable'],
        'sqs:SendMessage': ['ActivationQueue', 'DeadLetterQueue'],
        'events:PutEvents': ['EventBus'],
        'events:DescribeEventBus': ['EventBus'],
        'secretsmanager:GetSecretValue': ACCOUNT_SECRETS,
      },
    });
  },

  'no role has a wildcard where AWS takes a name'(template) {
    for (const { Role } of functionsOf(template)) {
      const permissions = permissionsOf(template, Role);
      const words = [...Object.keys(permissions), ...Object.values(permissions).flat()];
      // The one exception: Secrets Manager ends a secret's ARN with six characters of its own.
      const named = [...ACCOUNT_SECRETS, WEBHOOK_SECRETS, ENDPOINT_SECRETS];
      expect(words.filter((word) => !named.includes(word) && word.includes('*'))).toEqual([]);
    }
  },

  'secrets of accounts, of webhook sources and of endpoints are each read by those who need them alone'(
    template,
  ) {
    const volcengine = [
      'activate-flow-log',
      'check-drift',
      'poll-activations',
      'redrive-activations',
      'start-batch',
      'start-scheduled-batch',
    ];
    const readers = Object.fromEntries(
      [
        'dev/default',
        'dev/accounts/second',
        'dev/accounts/team/third',
        'dev/webhooks/tickets',
        'dev/webhook-endpoints/siem',
        'dev/default-2',
        'dev/default/webhooks',
        'dev/other',
        'dev2/default',
        'prod/default',
      ].map((name) => [name, readersOf(template, `flow-log-activator/${name}`)]),
    );
    expect(readers).toEqual({
      'dev/default': volcengine,
      'dev/accounts/second': volcengine,
      'dev/accounts/team/third': volcengine,
      'dev/webhooks/tickets': ['receive-webhook'],
      'dev/webhook-endpoints/siem': ['send-webhooks'],
      'dev/default-2': [],
      'dev/default/webhooks': [],
      'dev/other': [],
      'dev2/default': [],
      'prod/default': [],
    });
  },

  'every secret that is named may be read by who needs it'(template) {
    expect(findUnreadableSecrets(template)).toEqual([]);
  },

  'queues and the alarm topic refuse whatever comes without TLS'(template) {
    expectOnlyTls(template);
  },

  'the topic takes alarms of this account'(template) {
    const [policy] = resourcesOf(template, 'AWS::SNS::TopicPolicy');
    expect(policy?.Properties.PolicyDocument).toMatchObject({
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        },
        { Effect: 'Deny' },
      ],
    });
  },

  'a dead-letter queue takes deadLetters of its own queue alone'(template) {
    const sources = resourcesOf(template, 'AWS::SQS::Queue').flatMap(({ Properties }) => {
      const target = v.safeParse(redrivePolicy, Properties.RedrivePolicy);
      return target.success ? [[target.output.deadLetterTargetArn, Properties.QueueName]] : [];
    });
    const allowed = resourcesOf(template, 'AWS::SQS::Queue').flatMap(({ logicalId, Properties }) =>
      Properties.RedriveAllowPolicy === undefined ? [] : [[logicalId, Properties.RedriveAllowPolicy]],
    );
    // Not WebhookPoisonQueue: see infra/queues.yml.
    const named = sources.filter(([queue]) => queue !== 'WebhookPoisonQueue');
    expect(Object.fromEntries(allowed)).toEqual(
      Object.fromEntries(
        named.map(([queue, name]) => [
          queue,
          {
            redrivePermission: 'byQueue',
            sourceQueueArns: [
              { 'Fn::Sub': `arn:\${AWS::Partition}:sqs:\${AWS::Region}:\${AWS::AccountId}:${name}` },
            ],
          },
        ]),
      ),
    );
    expect(allowed).toHaveLength(3);
  },

  'a function is told of exactly the resources that it may use'(template) {
    for (const { Role, Environment } of functionsOf(template)) {
      const told = RESOURCE_VARIABLES.flatMap((name) => Environment.Variables[name] ?? []);
      const resources = Object.values(permissionsOf(template, Role))
        .flat()
        .filter((resource) => template.Resources[resource] && !resource.endsWith('LogGroup'));
      expect(told.sort()).toEqual([...new Set(resources)].sort());
    }
  },

  'webhooks leave over https, to public addresses'(template) {
    expect(functionOf(template, 'send-webhooks').Environment.Variables.WEBHOOK_EGRESS).toBe('public-https');
  },

  'environments have known variables only, with a value each, and no secret'(template) {
    for (const { Environment } of functionsOf(template)) {
      for (const [name, value] of Object.entries(Environment.Variables)) {
        expect(KNOWN_VARIABLES).toContain(name);
        expect(value).not.toBe('');
      }
      expect(v.is(v.optional(accounts), Environment.Variables.VOLCENGINE_ACCOUNTS)).toBe(true);
      expect(v.is(v.optional(webhookSources), Environment.Variables.WEBHOOK_SOURCES)).toBe(true);
      expect(v.is(v.optional(webhookEndpoints), Environment.Variables.WEBHOOK_ENDPOINTS)).toBe(true);
    }
    expect(Object.keys(functionOf(template, 'read-activations').Environment.Variables)).toEqual([
      'POWERTOOLS_SERVICE_NAME',
      'POWERTOOLS_METRICS_NAMESPACE',
      'ACTIVATIONS_TABLE',
      'VOLCENGINE_REGION',
    ]);
  },
} satisfies Record<string, (template: Template) => void>;

/** The functions whose role may read the secret of this name, as IAM compares its ARN. */
function readersOf(template: Template, secretName: string): string[] {
  const arn = `arn:AWS::Partition:secretsmanager:AWS::Region:AWS::AccountId:secret:${secretName}-AbC123`;
  const readable = (pattern: string) =>
    new RegExp(`^${pattern.replaceAll('?', '.').replaceAll('*', '.*')}$`).test(arn);
  return functionsOf(template)
    .filter(({ Role }) => permissionsOf(template, Role)['secretsmanager:GetSecretValue']?.some(readable))
    .map(({ name }) => name)
    .sort();
}

/** Every queue and topic has exactly one policy, and that refuses whatever comes without TLS. */
export function expectOnlyTls(template: Template): void {
  const policies = ['AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy'].flatMap((type) =>
    resourcesOf(template, type).map(({ Properties }) => v.parse(resourcePolicy, Properties)),
  );
  const guarded = policies.flatMap(({ Queues = [], Topics = [], PolicyDocument }) =>
    PolicyDocument.Statement.some((statement) => v.is(withoutTls, statement)) ? [...Queues, ...Topics] : [],
  );
  const receivers = ['AWS::SQS::Queue', 'AWS::SNS::Topic'].flatMap((type) => resourcesOf(template, type));
  // Once each: of two policies of one queue CloudFormation keeps the one that it writes last.
  expect(policies.flatMap(({ Queues = [], Topics = [] }) => [...Queues, ...Topics]).sort()).toEqual(
    receivers.map(({ logicalId }) => logicalId).sort(),
  );
  expect(guarded.sort()).toEqual(receivers.map(({ logicalId }) => logicalId).sort());
}

import * as v from 'valibot';
import { expect } from 'vitest';
import type { Template } from '../../scripts/compile-template.ts';
import { findUnreadableSecrets } from '../../scripts/secret-access.ts';
import {
  functionOf,
  functionsOf,
  nameSchema,
  permissionsOf,
  resourcesOf,
  statementsOf,
} from './template-resources.ts';

const RESOURCE_VARIABLES = [
  'ACTIVATIONS_TABLE',
  'ACTIVATION_QUEUE_URL',
  'DEAD_LETTER_QUEUE_URL',
  'POISON_QUEUE_URL',
  'POLL_QUEUE_URL',
  'EVENT_BUS_NAME',
  'WEBHOOK_QUEUE_URL',
  'WEBHOOK_DEAD_LETTER_QUEUE_URL',
  'WEBHOOK_POISON_QUEUE_URL',
];

/** All that a deployment sets. Credentials are not among them: they come from Secrets Manager. */
const KNOWN_VARIABLES = [
  ...RESOURCE_VARIABLES,
  'CONFIGURATION_SOURCE',
  ...['ACTIVATION_DEADLINE_MS', 'PENDING_DEADLINE_MS', 'POLL_TICK_MS', 'REPLICA_LAG_MS'],
  ...['RETRY_BASE_MS', 'RETRY_CAP_MS', 'HOLD_RETRY_MS', 'REQUEUE_AFTER_MS'],
  ...['POWERTOOLS_METRICS_NAMESPACE', 'POWERTOOLS_SERVICE_NAME'],
  ...['ALLOW_DEACTIVATION', 'RATE_LIMIT_PER_SECOND'],
  ...['VOLCENGINE_ACCOUNTS', 'VOLCENGINE_ENDPOINT', 'VOLCENGINE_REGION', 'VOLCENGINE_TIMEOUT_MS'],
  ...[
    'WEBHOOK_EGRESS',
    'WEBHOOK_ENDPOINTS',
    'WEBHOOK_RETRY_BASE_MS',
    'WEBHOOK_SOURCES',
    'WEBHOOK_TIMEOUT_MS',
  ],
];

const secretsCalled = (name: string) =>
  `arn:AWS::Partition:secretsmanager:AWS::Region:AWS::AccountId:secret:flow-log-activator/dev/${name}`;

/** Of Volcengine's accounts. */
const ACCOUNT_SECRETS = ['accounts/*', 'default-??????'].map(secretsCalled);

/** Of the secrets only those of the senders, who need not be trusted as those who hold Volcengine's keys are. */
const WEBHOOK_SECRETS = [secretsCalled('webhooks/*')];

/** Of the secrets only those that are shared with receivers. */
const ENDPOINT_SECRETS = [secretsCalled('webhook-endpoints/*')];

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

const secretUnder = (prefix: string) =>
  v.strictObject({ secretId: v.pipe(v.string(), v.startsWith(prefix)) });
const jsonOf = <const Schema extends v.GenericSchema>(entry: Schema) =>
  v.optional(v.pipe(v.string(), v.parseJson(), v.record(v.string(), entry)));

const accounts = jsonOf(secretUnder('flow-log-activator/dev/'));
const webhookSources = jsonOf(
  v.looseObject({ secrets: v.array(secretUnder('flow-log-activator/dev/webhooks/')) }),
);
const webhookEndpoints = jsonOf(
  v.looseObject({ secrets: v.array(secretUnder('flow-log-activator/dev/webhook-endpoints/')) }),
);

type Permissions = Record<string, string[]>;

/** On the table itself. */
const toTable = (...actions: string[]): Permissions =>
  Object.fromEntries(actions.map((action) => [`dynamodb:${action}`, ['ActivationsTable']]));
/** On these of its indexes. */
const toIndexes = (...indexes: string[]): Permissions => ({
  'dynamodb:Query': indexes.map((index) => `ActivationsTable/index/${index}`),
});
const toSend = (...queues: string[]): Permissions => ({ 'sqs:SendMessage': queues });
const toReceive = (queue: string): Permissions =>
  Object.fromEntries(
    ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((action) => [`sqs:${action}`, [queue]]),
  );
const toPublish: Permissions = { 'events:PutEvents': ['EventBus'], 'events:DescribeEventBus': ['EventBus'] };
const toReadSecrets = (secrets: string[]): Permissions => ({ 'secretsmanager:GetSecretValue': secrets });
/** The stored accounts and policies: this path and nothing beside it. */
const PARAMETERS = 'arn:AWS::Partition:ssm:AWS::Region:AWS::AccountId:parameter/flow-log-activator/dev';
const toReadConfiguration: Permissions = {
  'ssm:GetParametersByPath': [PARAMETERS, `${PARAMETERS}/*`],
  'ssm:GetParameters': [PARAMETERS, `${PARAMETERS}/*`],
};
/** What opens activations: it reads and writes the table, and enqueues jobs. */
const toOpen: Permissions = {
  ...toTable('GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem'),
  ...toSend('ActivationQueue'),
};

/** AWS knows no resource for a token. */
const TOKEN = 'sts:GetWebIdentityToken';
const toGetCredentials = { ...toReadSecrets(ACCOUNT_SECRETS), [TOKEN]: ['*'] };

/** Of each function, beside writing its own log. */
const PERMISSIONS: Record<string, Permissions> = {
  'request-activations': { ...toOpen, ...toReadConfiguration, ...toSend('ActivationQueue', 'PollQueue') },
  'redrive-activations': {
    ...toReadConfiguration,
    ...toTable('GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem'),
    ...toIndexes('list'),
    ...toSend('ActivationQueue', 'PollQueue'),
    ...toGetCredentials,
  },
  'receive-webhook': { ...toOpen, ...toReadConfiguration, ...toReadSecrets(WEBHOOK_SECRETS) },
  'start-batch': { ...toOpen, ...toReadConfiguration, ...toGetCredentials },
  'start-scheduled-batch': { ...toOpen, ...toReadConfiguration, ...toPublish, ...toGetCredentials },
  'run-policies': {
    ...toReadConfiguration,
    ...toTable('GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'Query'),
    ...toSend('ActivationQueue', 'PollQueue'),
    ...toPublish,
    ...toGetCredentials,
  },
  'read-activations': {
    ...toReadConfiguration,
    ...toTable('GetItem', 'BatchGetItem'),
    'dynamodb:Query': [
      'ActivationsTable',
      ...['attention', 'due', 'flow-log', 'list'].map((index) => `ActivationsTable/index/${index}`),
    ],
    'sqs:GetQueueAttributes': [
      ...['ActivationQueue', 'DeadLetterQueue', 'PoisonQueue', 'PollQueue'],
      ...['WebhookDeadLetterQueue', 'WebhookPoisonQueue', 'WebhookQueue'],
    ],
    'events:DescribeEventBus': ['EventBus'],
  },
  'activate-flow-log': {
    ...toReadConfiguration,
    ...toTable('GetItem', 'PutItem', 'UpdateItem'),
    ...toReceive('ActivationQueue'),
    ...toSend('ActivationQueue', 'PoisonQueue', 'PollQueue'),
    ...toGetCredentials,
  },
  'send-webhooks': {
    ...toReceive('WebhookQueue'),
    ...toSend('WebhookDeadLetterQueue', 'WebhookPoisonQueue', 'WebhookQueue'),
    ...toReadSecrets(ENDPOINT_SECRETS),
  },
  'check-drift': {
    ...toReadConfiguration,
    ...toTable('GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem'),
    ...toIndexes('list'),
    ...toSend('PollQueue'),
    ...toGetCredentials,
  },
  'poll-activations': {
    ...toReadConfiguration,
    ...toTable('GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem'),
    ...toIndexes('attention', 'due', 'list'),
    ...toReceive('PollQueue'),
    ...toSend('ActivationQueue', 'DeadLetterQueue', 'PollQueue'),
    ...toPublish,
    ...toGetCredentials,
  },
};

/** Who may do what to what. See template-rules.ts. */
export const templateAccessRules = {
  'every function has a role of its own, with these permissions and no others'(template) {
    const functions = functionsOf(template);
    expect(new Set(functions.map(({ Role }) => Role)).size).toBe(functions.length);
    expect(functions.map(({ name }) => name).sort()).toEqual(Object.keys(PERMISSIONS).sort());
    for (const { name, logicalId, Role } of functions) {
      const log = [logicalId.replace(/LambdaFunction$/, 'LogGroup')];
      expect([name, permissionsOf(template, Role)]).toEqual([
        name,
        { 'logs:CreateLogStream': log, 'logs:PutLogEvents': log, ...PERMISSIONS[name] },
      ]);
    }
  },

  'no role has a wildcard where AWS takes a name'(template) {
    for (const { Role } of functionsOf(template)) {
      const { [TOKEN]: _, ...permissions } = permissionsOf(template, Role);
      const words = [...Object.keys(permissions), ...Object.values(permissions).flat()];
      // Secrets Manager ends a secret's ARN with six characters of its own; parameters come after the deployment.
      const named = [...ACCOUNT_SECRETS, ...WEBHOOK_SECRETS, ...ENDPOINT_SECRETS, `${PARAMETERS}/*`];
      expect(words.filter((word) => !named.includes(word) && word.includes('*'))).toEqual([]);
    }
  },

  'a token that says who a function is can be for Volcengine alone, and is short'(template) {
    for (const { Action, Condition } of functionsOf(template).flatMap(({ Role }) =>
      statementsOf(template, Role),
    )) {
      const expected = {
        'ForAllValues:StringLike': {
          'sts:IdentityTokenAudience': ['sts.volcengineapi.com', 'sts.volcengineapi.com/*'],
        },
        Null: { 'sts:IdentityTokenAudience': 'false' },
        StringEquals: { 'sts:SigningAlgorithm': 'RS256' },
        NumericLessThanEquals: { 'sts:DurationSeconds': '300' },
      };
      expect([Action, Condition]).toEqual([Action, Action.includes(TOKEN) ? expected : undefined]);
    }
  },

  'secrets of accounts, of webhook sources and of endpoints are each read by those who need them alone'(
    template,
  ) {
    const volcengine = [
      ...['activate-flow-log', 'check-drift', 'poll-activations', 'redrive-activations'],
      ...['run-policies', 'start-batch', 'start-scheduled-batch'],
    ];
    const expected: Record<string, string[]> = {
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
    };
    for (const [name, readers] of Object.entries(expected)) {
      expect([name, readersOf(template, `flow-log-activator/${name}`)]).toEqual([name, readers]);
    }
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

  'a dead-letter queue takes dead letters of its own queue alone'(template) {
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
      expect(v.is(accounts, Environment.Variables.VOLCENGINE_ACCOUNTS)).toBe(true);
      expect(v.is(webhookSources, Environment.Variables.WEBHOOK_SOURCES)).toBe(true);
      expect(v.is(webhookEndpoints, Environment.Variables.WEBHOOK_ENDPOINTS)).toBe(true);
    }
    expect(Object.keys(functionOf(template, 'read-activations').Environment.Variables).sort()).toEqual([
      'ACTIVATIONS_TABLE',
      'ACTIVATION_QUEUE_URL',
      'ALLOW_DEACTIVATION',
      'CONFIGURATION_SOURCE',
      'DEAD_LETTER_QUEUE_URL',
      'EVENT_BUS_NAME',
      'POISON_QUEUE_URL',
      'POLL_QUEUE_URL',
      'POWERTOOLS_METRICS_NAMESPACE',
      'POWERTOOLS_SERVICE_NAME',
      'RATE_LIMIT_PER_SECOND',
      'REQUEUE_AFTER_MS',
      'VOLCENGINE_ACCOUNTS',
      'VOLCENGINE_REGION',
      'WEBHOOK_DEAD_LETTER_QUEUE_URL',
      'WEBHOOK_POISON_QUEUE_URL',
      'WEBHOOK_QUEUE_URL',
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

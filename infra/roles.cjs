// The roles: what each function may do. One role per function, which names every action and every resource.
//
// To allow a function more, add a line to its list. For a new function add a list: `start-batch` gets the role
// StartBatchRole. Every role may write its function's log as well.
const { logGroupIdOf } = require('./function-ids.cjs');

const arnOf = (logicalId) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const indexOf = (name) => ({ 'Fn::Sub': `\${ActivationsTable.Arn}/index/${name}` });
// Each kind of secret has names of its own, so that a function cannot read another kind. The names end with wildcards
// because Secrets Manager ends a secret's ARN with a hyphen and six characters of its own.
const secretOf = (name) => ({
  'Fn::Sub': `arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:\${self:service}/\${self:custom.stage}/${name}`,
});
const allow = (Action, Resource) => ({ Effect: 'Allow', Action, Resource });

const TABLE = arnOf('ActivationsTable');

/**
 * What the credentials of an account need: its secret, or a token that proves to Volcengine who the function is. AWS
 * knows no resource for a token; its conditions are its audience (lib/config/accounts.ts), algorithm and lifetime.
 */
const ACCOUNT_CREDENTIALS = [
  allow('secretsmanager:GetSecretValue', [secretOf('default-??????'), secretOf('accounts/*')]),
  {
    ...allow('sts:GetWebIdentityToken', '*'),
    Condition: {
      'ForAllValues:StringLike': {
        'sts:IdentityTokenAudience': ['sts.volcengineapi.com', 'sts.volcengineapi.com/*'],
      },
      Null: { 'sts:IdentityTokenAudience': 'false' },
      StringEquals: { 'sts:SigningAlgorithm': 'RS256' },
      NumericLessThanEquals: { 'sts:DurationSeconds': '300' },
    },
  },
];
const parametersOf = (rest) => ({
  'Fn::Sub': `arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter/\${self:service}/\${self:custom.stage}${rest}`,
});
/** A path is listed, and what is below it is read; nothing beside it. */
const readConfiguration = allow(
  ['ssm:GetParametersByPath', 'ssm:GetParameters'],
  [parametersOf(''), parametersOf('/*')],
);

/** Whose depth the status shows. */
const QUEUES = [
  'ActivationQueue',
  'DeadLetterQueue',
  'PoisonQueue',
  'PollQueue',
  'WebhookQueue',
  'WebhookDeadLetterQueue',
  'WebhookPoisonQueue',
];

const STATEMENTS = {
  'request-activations': [
    allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], TABLE),
    allow('sqs:SendMessage', [arnOf('ActivationQueue'), arnOf('PollQueue')]),
    readConfiguration,
  ],
  'redrive-activations': [
    allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], TABLE),
    allow('dynamodb:Query', indexOf('list')),
    allow('sqs:SendMessage', [arnOf('ActivationQueue'), arnOf('PollQueue')]),
    ...ACCOUNT_CREDENTIALS,
    readConfiguration,
  ],
  'receive-webhook': [
    allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], TABLE),
    allow('sqs:SendMessage', arnOf('ActivationQueue')),
    allow('secretsmanager:GetSecretValue', secretOf('webhooks/*')),
    readConfiguration,
  ],
  'start-batch': [
    allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], TABLE),
    allow('sqs:SendMessage', arnOf('ActivationQueue')),
    ...ACCOUNT_CREDENTIALS,
    readConfiguration,
  ],
  'start-scheduled-batch': [
    allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], TABLE),
    allow('sqs:SendMessage', arnOf('ActivationQueue')),
    allow(['events:PutEvents', 'events:DescribeEventBus'], arnOf('EventBus')),
    ...ACCOUNT_CREDENTIALS,
    readConfiguration,
  ],
  'run-policies': [
    allow(
      [
        'dynamodb:GetItem',
        'dynamodb:BatchGetItem',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        'dynamodb:Query',
      ],
      TABLE,
    ),
    allow('sqs:SendMessage', [arnOf('ActivationQueue'), arnOf('PollQueue')]),
    allow(['events:PutEvents', 'events:DescribeEventBus'], arnOf('EventBus')),
    ...ACCOUNT_CREDENTIALS,
    readConfiguration,
  ],
  'read-activations': [
    allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'], TABLE),
    allow('dynamodb:Query', ['list', 'attention', 'due', 'flow-log'].map(indexOf)),
    allow('sqs:GetQueueAttributes', QUEUES.map(arnOf)),
    allow('events:DescribeEventBus', arnOf('EventBus')),
    readConfiguration,
  ],
  'activate-flow-log': [
    allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], TABLE),
    allow(
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:SendMessage'],
      arnOf('ActivationQueue'),
    ),
    allow('sqs:SendMessage', [arnOf('PoisonQueue'), arnOf('PollQueue')]),
    ...ACCOUNT_CREDENTIALS,
    readConfiguration,
  ],
  'poll-activations': [
    allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], TABLE),
    allow('dynamodb:Query', ['due', 'list', 'attention'].map(indexOf)),
    allow(
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:SendMessage'],
      arnOf('PollQueue'),
    ),
    allow('sqs:SendMessage', [arnOf('ActivationQueue'), arnOf('DeadLetterQueue')]),
    allow(['events:PutEvents', 'events:DescribeEventBus'], arnOf('EventBus')),
    ...ACCOUNT_CREDENTIALS,
    readConfiguration,
  ],
  'check-drift': [
    allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], TABLE),
    allow('dynamodb:Query', indexOf('list')),
    allow('sqs:SendMessage', arnOf('PollQueue')),
    ...ACCOUNT_CREDENTIALS,
    readConfiguration,
  ],
  'send-webhooks': [
    allow(
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:SendMessage'],
      arnOf('WebhookQueue'),
    ),
    allow('sqs:SendMessage', [arnOf('WebhookDeadLetterQueue'), arnOf('WebhookPoisonQueue')]),
    allow('secretsmanager:GetSecretValue', secretOf('webhook-endpoints/*')),
  ],
};

const policy = (...Statement) => ({ Version: '2012-10-17', Statement });
const roleOf = (name, statements) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: policy({
      Effect: 'Allow',
      Principal: { Service: 'lambda.amazonaws.com' },
      Action: 'sts:AssumeRole',
    }),
    Policies: [
      {
        PolicyName: name,
        PolicyDocument: policy(
          allow(['logs:CreateLogStream', 'logs:PutLogEvents'], arnOf(logGroupIdOf(name))),
          ...statements,
        ),
      },
    ],
  },
});

const roleIdOf = (name) => `${name.replaceAll(/(?:^|-)(.)/g, (_, first) => first.toUpperCase())}Role`;

exports.Resources = Object.fromEntries(
  Object.entries(STATEMENTS).map(([name, statements]) => [roleIdOf(name), roleOf(name, statements)]),
);

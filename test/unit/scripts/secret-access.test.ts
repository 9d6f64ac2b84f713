import { expect, test } from 'vitest';
import { parseTemplate } from '../../../scripts/compile-template.ts';
import { findUnreadableSecrets } from '../../../scripts/secret-access.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:';
const READS = {
  VOLCENGINE_ACCOUNTS: ['activate-flow-log', ['app/prod/default-??????', 'app/prod/accounts/*']],
  WEBHOOK_SOURCES: ['receive-webhook', ['app/prod/webhooks/*']],
  WEBHOOK_ENDPOINTS: ['send-webhooks', ['app/prod/webhook-endpoints/*']],
} as const;

/** As osls compiles it, with these settings. */
function template(settings: Partial<Record<keyof typeof READS, unknown>>) {
  const resources = Object.entries(READS).flatMap(([variable, [name, patterns]]) => {
    const setting = Object.entries(settings).find(([key]) => key === variable)?.[1];
    const Variables = { TABLE: { Ref: 'Table' }, ...(setting !== undefined && { [variable]: setting }) };
    const Statement = [
      { Action: ['sqs:SendMessage'], Resource: { 'Fn::GetAtt': ['Queue', 'Arn'] } },
      {
        Action: 'secretsmanager:GetSecretValue',
        Resource: patterns.map((pattern) => ({ 'Fn::Sub': `arn:\${AWS::Partition}:…:secret:${pattern}` })),
      },
    ];
    const Role = { 'Fn::GetAtt': [`${name}-role`, 'Arn'] };
    const lambda = { Handler: `dist/${name}/index.handler`, Role, Environment: { Variables } };
    const role = { Policies: [{ PolicyDocument: { Statement } }] };
    return [
      [`${name}-function`, { Type: 'AWS::Lambda::Function', Properties: lambda }],
      [`${name}-role`, { Type: 'AWS::IAM::Role', Properties: role }],
    ];
  });
  return parseTemplate(JSON.stringify({ Resources: Object.fromEntries(resources) }));
}

const accounts = (...secretIds: string[]) =>
  JSON.stringify(Object.fromEntries(secretIds.map((secretId, index) => [`a${index}`, { secretId }])));

test.each([
  ['the default account', accounts('app/prod/default')],
  ['others, by name and by ARN', accounts('app/prod/accounts/a', `${ARN}app/prod/accounts/team/b-AbCdEf`)],
  ['a role', JSON.stringify({ second: { assumeRole: { roleTrn: 'trn:iam::1:role/r', via: 'default' } } })],
  ['what is no JSON', '{'],
  ['nothing', undefined],
])('may be read: %s', (_what, setting) => {
  expect(findUnreadableSecrets(template({ VOLCENGINE_ACCOUNTS: setting }))).toEqual([]);
});

test('each that may not is named by its place, with the rule, and never by what it says', () => {
  const secrets = (secretId: string) => JSON.stringify({ ci: { secrets: ['text', { secretId }] } });
  const unreadable = ['hunter2', 'default-2', 'webhooks/hunter2'].map((name) => `app/prod/${name}`);
  const found = findUnreadableSecrets(
    template({
      VOLCENGINE_ACCOUNTS: accounts(
        ...unreadable,
        'app/dev/default',
        `${ARN}hunter2-AbCdEf`,
        'app/prod/accounts/good',
      ),
      WEBHOOK_SOURCES: secrets('app/prod/accounts/hunter2'),
      WEBHOOK_ENDPOINTS: secrets('app/prod/webhooks/hunter2'),
    }),
  );
  expect(found.slice(-3)).toEqual([
    'VOLCENGINE_ACCOUNTS is wrong: a4.secretId must name a secret called app/prod/default or app/prod/accounts/…',
    'WEBHOOK_SOURCES is wrong: ci.secrets.1.secretId must name a secret called app/prod/webhooks/…',
    'WEBHOOK_ENDPOINTS is wrong: ci.secrets.1.secretId must name a secret called app/prod/webhook-endpoints/…',
  ]);
  expect(found).toHaveLength(7);
  expect(found.join()).not.toContain('hunter2');
});

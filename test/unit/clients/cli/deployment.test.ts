import { describe, expect, test } from 'vitest';
import {
  type Aws,
  type Deployment,
  listenersOf,
  type Presence,
  partsOf,
  secretsOf,
} from '../../../../clients/cli/deployment.ts';
import { compileParameterised } from '../../../../scripts/compile-template.ts';

const deployment: Deployment = {
  stage: 'prod',
  topicArn: 'arn:aws:sns:eu-west-1:123456789012:alarms',
  parameters: {
    VolcengineAccounts: 'by-stage',
    WebhookSources: '{}',
    WebhookEndpoints: '{}',
    DriftCheckEnabled: 'true',
    ScheduledBatchEnabled: 'false',
  },
};
const withParameters = (parameters: object): Deployment => ({
  ...deployment,
  parameters: { ...deployment.parameters, ...parameters },
});

const awsWith = (
  secrets: Record<string, Presence>,
  subscriptions?: { confirmed: number; pending: number },
): Aws => ({
  presenceOfSecret: async (id) => secrets[id] ?? 'missing',
  subscriptionsOf: async () => subscriptions,
});

test('the parameters that it asks for are in the template', async () => {
  const { Parameters } = await compileParameterised();
  expect(Object.keys(Parameters)).toEqual(expect.arrayContaining(Object.keys(deployment.parameters)));
}, 120_000);

describe('the parts of a deployment', () => {
  test('that are off are named', () => {
    expect(partsOf(deployment)).toEqual({ found: 'off: webhooks in, webhooks out, scheduled batch' });
    const all = { WebhookSources: '{"a":{}}', WebhookEndpoints: '{"a":{}}', ScheduledBatchEnabled: 'true' };
    expect(partsOf(withParameters(all))).toEqual({ found: 'every part is on' });
  });

  test('are not known of a stack without parameters', () => {
    expect(partsOf({ stage: 'prod', parameters: {} })).toBeUndefined();
  });
});

describe('the secrets of a deployment', () => {
  const own = 'flow-log-activator/prod/default';

  test('the one of the stage is missing: it says how to create it', async () => {
    const found = await secretsOf(deployment, awsWith({}));
    expect(found?.found).toBe(`missing: ${own}.`);
    expect(found?.mend).toContain(`aws secretsmanager create-secret --name ${own} `);
    expect(await secretsOf(deployment, awsWith({ [own]: 'there' }))).toEqual({ found: '1 of 1 are there.' });
  });

  test('each that a setting names, anywhere in it, is looked for', async () => {
    const many = withParameters({
      VolcengineAccounts: '{"one": {"secretId": "s/1"}, "two": {"assumeRole": {"via": "one"}}}',
      WebhookSources: '{"github": {"secrets": [{"secretId": "s/2"}]}}',
      WebhookEndpoints: '{"crm": {"secretId": "s/3"}}',
    });
    const found = await secretsOf(many, awsWith({ 's/1': 'there', 's/3': 'unknown' }));
    expect(found).toMatchObject({ found: 'missing: s/2. We may not ask for 1 of 3.' });
  });
});

describe('the alarms of a deployment', () => {
  test.each([
    [
      'nobody has subscribed',
      { confirmed: 0, pending: 0 },
      'heard by nobody',
      /aws sns subscribe --topic-arn arn:/,
    ],
    ['nobody has confirmed', { confirmed: 0, pending: 2 }, 'heard by nobody: 2 not confirmed', /Confirm/],
    ['somebody hears them', { confirmed: 1, pending: 1 }, 'heard by 1', undefined],
    ['we may not ask', undefined, 'we may not ask who hears them (sns:GetTopicAttributes)', undefined],
  ])('%s', async (_what, subscriptions, found, mend) => {
    const listeners = await listenersOf(deployment, awsWith({}, subscriptions));
    expect(listeners).toEqual(mend ? { found, mend: expect.stringMatching(mend) } : { found });
  });
});

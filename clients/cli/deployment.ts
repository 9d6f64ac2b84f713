import { describeStack } from './deployed.ts';

type Access = { region?: string; profile?: string };

/** What CloudFormation says of a deployed stage: the parameters of its stack, and the topic of its alarms. */
export type Deployment = { stage: string; parameters: Readonly<Record<string, string>>; topicArn?: string };

/** Whether AWS has it; `unknown` if the caller may not ask. */
export type Presence = 'there' | 'missing' | 'unknown';

/** What is asked of AWS about a deployment, with the caller's own credentials. */
export type Aws = {
  presenceOfSecret(secretId: string): Promise<Presence>;
  /** Confirmed subscriptions, and those that nobody has confirmed yet; undefined if the caller may not ask. */
  subscriptionsOf(topicArn: string): Promise<{ confirmed: number; pending: number } | undefined>;
};

/** `mend`: it is wrong, and this is what to do. */
type Found = { found: string; mend?: string };

export async function readDeployment(stage: string, access: Access): Promise<Deployment> {
  const { Parameters = [], Outputs = [] } = await describeStack(stage, access);
  const topicArn = Outputs.find(({ OutputKey }) => OutputKey === 'AlarmTopicArn')?.OutputValue;
  return {
    stage,
    parameters: Object.fromEntries(
      Parameters.map(({ ParameterKey = '', ParameterValue = '' }) => [ParameterKey, ParameterValue]),
    ),
    ...(topicArn !== undefined && { topicArn }),
  };
}

/** Loads AWS's SDK: only who names a stage waits for it. */
export async function awsOf({ region, profile }: Access): Promise<Aws> {
  const [{ SecretsManagerClient, DescribeSecretCommand }, { SNSClient, GetTopicAttributesCommand }] =
    await Promise.all([import('@aws-sdk/client-secrets-manager'), import('@aws-sdk/client-sns')]);
  const secrets = new SecretsManagerClient({ region, profile });
  const topics = new SNSClient({ region, profile });
  return {
    async presenceOfSecret(SecretId) {
      try {
        const { DeletedDate } = await secrets.send(new DescribeSecretCommand({ SecretId }));
        return DeletedDate === undefined ? 'there' : 'missing';
      } catch (error) {
        return error instanceof Error && error.name === 'ResourceNotFoundException' ? 'missing' : 'unknown';
      }
    },
    async subscriptionsOf(TopicArn) {
      const read = await topics.send(new GetTopicAttributesCommand({ TopicArn })).catch(() => undefined);
      if (read === undefined) return undefined;
      const { SubscriptionsConfirmed = 0, SubscriptionsPending = 0 } = read.Attributes ?? {};
      return { confirmed: Number(SubscriptionsConfirmed), pending: Number(SubscriptionsPending) };
    },
  };
}

/** Which of its parts are off. That is no fault, but what somebody may have forgotten. */
export function partsOf({ parameters }: Deployment): Found | undefined {
  const isEmpty = (name: string) => parameters[name] === '{}';
  const off = [
    ...(isEmpty('WebhookSources') ? ['webhooks in'] : []),
    ...(isEmpty('WebhookEndpoints') ? ['webhooks out'] : []),
    ...(parameters.DriftCheckEnabled === 'false' ? ['drift check'] : []),
    ...(parameters.ScheduledBatchEnabled === 'false' ? ['scheduled batch'] : []),
  ];
  if (Object.keys(parameters).length === 0) return undefined;
  return { found: off.length === 0 ? 'every part is on' : `off: ${off.join(', ')}` };
}

/** Whether each secret exists that the settings name. Its content is not read. */
export async function secretsOf(deployment: Deployment, aws: Aws): Promise<Found | undefined> {
  const ids = secretIdsOf(deployment);
  if (ids.length === 0) return undefined;
  const found = await Promise.all(ids.map(async (id) => [id, await aws.presenceOfSecret(id)] as const));
  const missing = found.flatMap(([id, presence]) => (presence === 'missing' ? [id] : []));
  const unknown = found.filter(([, presence]) => presence === 'unknown').length;
  const notAsked = unknown > 0 ? ` We may not ask for ${unknown} of ${ids.length}.` : '';
  if (missing.length === 0)
    return { found: `${ids.length - unknown} of ${ids.length} are there.${notAsked}` };
  return {
    found: `missing: ${missing.join(', ')}.${notAsked}`,
    mend: `Create each: aws secretsmanager create-secret --name ${missing[0]} --secret-string file://secret.json. What each holds: docs/reference/configuration.md#secrets.`,
  };
}

/** Whether somebody hears the alarms. */
export async function listenersOf({ topicArn }: Deployment, aws: Aws): Promise<Found | undefined> {
  if (topicArn === undefined) return undefined;
  const subscriptions = await aws.subscriptionsOf(topicArn);
  if (subscriptions === undefined) return { found: 'we may not ask who hears them (sns:GetTopicAttributes)' };
  const { confirmed, pending } = subscriptions;
  if (confirmed > 0) return { found: `heard by ${confirmed}` };
  return pending > 0
    ? {
        found: `heard by nobody: ${pending} not confirmed`,
        mend: 'Confirm the subscription: SNS has sent a link.',
      }
    : {
        found: 'heard by nobody',
        mend: `Subscribe: aws sns subscribe --topic-arn ${topicArn} --protocol email --notification-endpoint you@example.com`,
      };
}

const WITH_SECRETS = ['VolcengineAccounts', 'WebhookSources', 'WebhookEndpoints'];

function secretIdsOf({ stage, parameters }: Deployment): string[] {
  const ids = WITH_SECRETS.flatMap((name) => {
    const text = parameters[name] ?? '{}';
    return text === 'by-stage' ? [`flow-log-activator/${stage}/default`] : secretIdsIn(text);
  });
  return [...new Set(ids)];
}

/** Every `secretId` in JSON of any shape. */
function secretIdsIn(json: string): string[] {
  const ids: string[] = [];
  try {
    JSON.parse(json, (key, value: unknown) => {
      if (key === 'secretId' && typeof value === 'string') ids.push(value);
      return value;
    });
  } catch {
    // The functions say so in their log.
  }
  return ids;
}

import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { type PhysicalResource, resolveIntrinsics } from '../template/intrinsics.ts';
import { physicalName, physicalResources, type StackIdentity } from '../template/physical-resources.ts';
import { resourcesOfType, type Template } from '../template/template.ts';

const attributeValue = v.union([
  v.string(),
  v.pipe(v.union([v.number(), v.boolean()]), v.transform(String)),
  v.pipe(
    v.record(v.string(), v.unknown()),
    v.transform((policy) => JSON.stringify(policy)),
  ),
]);

const NOT_SETTABLE = new Set(['QueueName', 'FifoQueue', 'Tags']);

const QueueProperties = v.looseObject({ FifoQueue: v.optional(v.boolean()) });

/**
 * Creates the queues of the template, or sets the attributes of existing ones. It takes two steps, because a redrive
 * policy names another queue by its ARN.
 */
export async function createQueues(
  sqs: SQSClient,
  template: Template,
  stack: StackIdentity,
): Promise<Map<string, PhysicalResource>> {
  const queues = resourcesOfType(template, 'AWS::SQS::Queue');
  const created = new Map(
    await Promise.all(
      queues.map(async ([logicalId, resource]) => {
        const { FifoQueue } = v.parse(QueueProperties, resource.Properties);
        const name = physicalName(logicalId, resource, stack);
        return [logicalId, await createQueue(sqs, name, FifoQueue ? { FifoQueue: 'true' } : {})] as const;
      }),
    ),
  );
  const scope = { ...stack, resources: physicalResources(template, created, stack) };
  for (const [logicalId, { Properties }] of queues) {
    const settable = Object.entries(Properties).filter(([name]) => !NOT_SETTABLE.has(name));
    if (settable.length === 0) continue;
    const Attributes = v.parse(
      v.record(v.string(), attributeValue),
      resolveIntrinsics(Object.fromEntries(settable), scope),
    );
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: created.get(logicalId)?.ref, Attributes }));
  }
  return created;
}

/** The queue of that name, new or existing. `ref` is its URL, at the host that the client was given. */
export async function createQueue(
  sqs: SQSClient,
  name: string,
  attributes: Record<string, string> = {},
): Promise<PhysicalResource> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  if (QueueUrl === undefined) throw new Error(`SQS gave no URL for the queue ${name}.`);
  const url = await atEndpointOf(sqs, QueueUrl);
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
  );
  return { ref: url, attributes: { Arn: Attributes.QueueArn ?? '', QueueName: name, QueueUrl: url } };
}

/**
 * Emulators name hosts in queue URLs that need not resolve here (`sqs.us-east-1.localhost`), and the SDK sends to
 * the queue URL's host rather than to the endpoint of AWS_ENDPOINT_URL_SQS.
 */
export async function atEndpointOf(sqs: SQSClient, queueUrl: string): Promise<string> {
  const { protocol, hostname, port } = (await sqs.config.endpoint?.()) ?? {};
  if (hostname === undefined) return queueUrl;
  const origin = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`;
  return origin + new URL(queueUrl).pathname;
}

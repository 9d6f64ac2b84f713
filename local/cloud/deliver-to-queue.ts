import { GetQueueUrlCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { messageText } from '../../lib/aws/message-text.ts';
import type { Deliver } from '../eventbridge/put-events.ts';
import { atEndpointOf } from './create-queues.ts';

/** Sends events to rule targets that are SQS queues; rejects when the queue did not take the event. */
export function deliverToQueue(sqs: SQSClient): Deliver {
  const urls = new Map<string, string>();
  return async ({ arn }, body) => {
    const QueueUrl = urls.get(arn) ?? (await findQueueUrl(sqs, arn));
    urls.set(arn, QueueUrl);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: messageText(body) }));
  };
}

async function findQueueUrl(sqs: SQSClient, arn: string): Promise<string> {
  const [, , service, , , name] = arn.split(':');
  if (service !== 'sqs' || name === undefined) throw new Error(`${arn} is not a queue.`);
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
  if (QueueUrl === undefined) throw new Error(`SQS gave no URL for the queue ${name}.`);
  return atEndpointOf(sqs, QueueUrl);
}

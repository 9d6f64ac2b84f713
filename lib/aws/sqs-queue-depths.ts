import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import {
  QUEUE_NAMES,
  type QueueDepth,
  type QueueDepths,
  type QueueName,
} from '../activation/status/ports.ts';

export function createQueueDepths(client: SQSClient, urls: Readonly<Record<QueueName, string>>): QueueDepths {
  const depthOf = async (name: QueueName): Promise<QueueDepth> => {
    const { Attributes = {} } = await client.send(
      new GetQueueAttributesCommand({
        QueueUrl: urls[name],
        AttributeNames: [
          'ApproximateNumberOfMessages',
          'ApproximateNumberOfMessagesNotVisible',
          'ApproximateNumberOfMessagesDelayed',
        ],
      }),
    );
    return {
      messages: Number(Attributes.ApproximateNumberOfMessages ?? 0),
      inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
      delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed ?? 0),
    };
  };

  return {
    async read() {
      const depths = await Promise.allSettled(QUEUE_NAMES.map(depthOf));
      return new Map(
        QUEUE_NAMES.map((name, index) => {
          const depth = depths[index];
          return [name, depth?.status === 'fulfilled' ? depth.value : undefined];
        }),
      );
    },
  };
}

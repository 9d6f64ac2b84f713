import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DeadLetterQueue } from '../activation/model/message-ports.ts';
import { sendInBatches } from './sqs-send.ts';

/** Each dead letter also has its reason and activation as message attributes, so that a console can filter by them. */
export function createSqsDeadLetterQueue(client: SQSClient, queueUrl: string): DeadLetterQueue {
  return {
    send: (deadLetters) =>
      sendInBatches(
        client,
        queueUrl,
        deadLetters.map(({ id, deadLetter }) => ({
          id,
          body: JSON.stringify(deadLetter),
          attributes: {
            reason: deadLetter.reason,
            activationId: deadLetter.activationId,
            redriveHelps: String(deadLetter.redriveHelps),
          },
        })),
      ),
  };
}

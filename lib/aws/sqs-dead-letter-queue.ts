import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DeadLetterQueue } from '../activation/model/ports.ts';
import { sendInBatches } from './sqs-send.ts';

/** Letters carry their reason and activation as message attributes too, so that a console can filter by them. */
export function createSqsDeadLetterQueue(client: SQSClient, queueUrl: string): DeadLetterQueue {
  return {
    send: (letters) =>
      sendInBatches(
        client,
        queueUrl,
        letters.map(({ id, letter }) => ({
          id,
          body: JSON.stringify(letter),
          attributes: {
            reason: letter.reason,
            activationId: letter.activationId,
            redriveHelps: String(letter.redriveHelps),
          },
        })),
      ),
  };
}

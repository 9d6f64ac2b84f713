import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DeadLetterQueue } from '../activation/model/message-ports.ts';
import type { Log } from '../activation/model/ports.ts';
import { sendInBatches } from './sqs-send.ts';

/** Each dead letter also has its reason and activation as message attributes, so that a console can filter by them. */
export function createSqsDeadLetterQueue(client: SQSClient, queueUrl: string, log: Log): DeadLetterQueue {
  return {
    async send(deadLetters) {
      const outcome = await sendInBatches(
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
      );
      for (const { id, deadLetter, ids } of deadLetters) {
        const { generation, reason } = deadLetter;
        if (outcome.stored.has(id)) log.info('dead letter sent', { ...ids, generation, reason });
      }
      return outcome;
    },
  };
}

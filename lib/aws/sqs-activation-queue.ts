import type { SQSClient } from '@aws-sdk/client-sqs';
import type { ActivationQueue, Log } from '../activation/model/ports.ts';
import { refusalFields } from './send-isolated.ts';
import { delaySeconds, sendInBatches, sendPoison } from './sqs-send.ts';

/** The work queue and its poison queue. */
export function createSqsActivationQueue(
  client: SQSClient,
  queueUrl: string,
  log: Log,
  poisonQueueUrl?: string,
): ActivationQueue {
  return {
    async enqueue(jobs) {
      const messages = jobs.map(({ job, delayMs }, index) => ({
        id: String(index),
        body: JSON.stringify(job),
        delaySeconds: delaySeconds(delayMs),
      }));
      const outcome = await sendInBatches(client, queueUrl, messages);
      const failed = jobs.length - outcome.stored.size;
      if (failed > 0) log.warn('jobs could not be sent', { jobs: failed, ...refusalFields(outcome) });
      return { failed };
    },

    async poison(body, reason) {
      if (poisonQueueUrl === undefined) throw new Error('no poison queue is configured');
      await sendPoison(client, poisonQueueUrl, { body, reason });
    },
  };
}

import type { SQSClient } from '@aws-sdk/client-sqs';
import type { ActivationJob, ActivationQueue, Log } from '../activation/model/ports.ts';
import { combineCalls } from '../runtime/concurrency.ts';
import { refusalFields } from './send-isolated.ts';
import { delaySeconds, sendInBatches, sendPoison } from './sqs-send.ts';

type DelayedJob = { job: ActivationJob; delayMs: number };

/** The work queue and its poison queue. Jobs that are enqueued while others are sent go together, by tens. */
export function createSqsActivationQueue(
  client: SQSClient,
  queueUrl: string,
  log: Log,
  poisonQueueUrl?: string,
): ActivationQueue {
  /** Returns for each of the lists how many of its jobs could not be sent. */
  const sendAll = async (lists: DelayedJob[][]): Promise<number[]> => {
    const messages = lists.flatMap((jobs, list) =>
      jobs.map(({ job, delayMs }, index) => ({
        id: `${list}-${index}`,
        body: JSON.stringify(job),
        delaySeconds: delaySeconds(delayMs),
      })),
    );
    const outcome = await sendInBatches(client, queueUrl, messages);
    const failed = messages.length - outcome.stored.size;
    if (failed > 0) log.warn('jobs could not be sent', { jobs: failed, ...refusalFields(outcome) });
    return lists.map(
      (jobs, list) => jobs.filter((_, index) => !outcome.stored.has(`${list}-${index}`)).length,
    );
  };
  const send = combineCalls(sendAll, () => Promise.resolve());

  return {
    enqueue: async (jobs) => ({ failed: await send(jobs) }),

    async poison(body, reason) {
      if (poisonQueueUrl === undefined) throw new Error('no poison queue is configured');
      await sendPoison(client, poisonQueueUrl, { body, reason });
    },
  };
}

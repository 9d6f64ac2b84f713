import type { SQSClient } from '@aws-sdk/client-sqs';
import { parseActivationId } from '../activation/model/ids.ts';
import type { ActivationQueue, DelayedJob } from '../activation/model/message-ports.ts';
import type { Log } from '../activation/model/ports.ts';
import { combineCalls, inChunks } from '../runtime/concurrency.ts';
import { refusalFields } from './send-isolated.ts';
import { delaySeconds, sendInBatches, sendPoison } from './sqs-send.ts';

/** The most jobs of one message. */
const PACK_SIZE = 10;

/**
 * The work queue and its poison queue. The jobs of one account for the same second go in one message, so that they come
 * together and take their tokens together. What is enqueued while something is sent goes in the same batches.
 */
export function createSqsActivationQueue(
  client: SQSClient,
  queueUrl: string,
  log: Log,
  poisonQueueUrl?: string,
): ActivationQueue {
  /** Returns for each of the lists how many of its jobs could not be sent. */
  const sendAll = async (lists: DelayedJob[][]): Promise<number[]> => {
    const packs = packsOf(lists.flat());
    const messages = packs.map((jobs, index) => ({
      id: String(index),
      body: bodyOf(jobs),
      delaySeconds: delaySeconds(jobs[0]?.delayMs ?? 0),
    }));
    const outcome = await sendInBatches(client, queueUrl, messages);
    const failed = new Set(packs.filter((_, index) => !outcome.stored.has(String(index))).flat());
    const activationIds = [...failed].map(({ job }) => job.activationId);
    if (failed.size > 0) {
      log.warn('jobs could not be sent', { jobs: failed.size, ...refusalFields(outcome), activationIds });
    }
    return lists.map((jobs) => jobs.filter((job) => failed.has(job)).length);
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

/** Jobs that are more than an activation and its generation, or are to be alone, have a message of their own. */
function packsOf(jobs: readonly DelayedJob[]): DelayedJob[][] {
  const groups = Map.groupBy(jobs, ({ job, delayMs, isAlone }, index) => {
    const isPlain = !isAlone && job.turnAt === undefined && job.redrive === undefined;
    const account = parseActivationId(job.activationId)?.flowLog.account;
    return isPlain && account !== undefined ? `${account} ${delaySeconds(delayMs)}` : index;
  });
  return [...groups.values()].flatMap((group) => inChunks(group, PACK_SIZE));
}

/** A version that knows no `others` reads the first job. The poller requeues the others. */
function bodyOf(jobs: DelayedJob[]): string {
  const [first, ...others] = jobs.map(({ job }) => job);
  return JSON.stringify(others.length > 0 ? { ...first, others } : first);
}

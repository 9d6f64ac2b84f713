import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createQueue } from '../../local/cloud/create-queues.ts';
import type { Emulator } from '../../local/cloud/emulator.ts';
import { receiveBatch } from '../../local/functions-runner/receive-batch.ts';
import { startQueues } from './start-queues.ts';

let emulator: Emulator;
let sqs: SQSClient;
let queueUrl: string;

beforeEach(async () => {
  ({ emulator, client: sqs } = await startQueues(onTestFinished));
  queueUrl = (await createQueue(sqs, 'queue')).ref;
});

async function send(count: number): Promise<void> {
  for (let start = 0; start < count; start += 10) {
    const Entries = Array.from({ length: Math.min(10, count - start) }, (_, index) => ({
      Id: String(index),
      MessageBody: String(start + index),
    }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
}

describe('createQueue', () => {
  it('gives a URL at the endpoint, whatever host the service names', async () => {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'queue' }));
    expect(QueueUrl).toContain('sqs.us-east-1.localhost');
    expect(queueUrl).toBe(`${emulator.url}/000000000000/queue`);
    await expect(createQueue(sqs, 'queue')).resolves.toMatchObject({ ref: queueUrl });
  });
});

describe('receiveBatch', () => {
  const { signal } = new AbortController();

  it('fills a batch of more than ten messages within the window', async () => {
    await send(25);
    const limits = { queueUrl, batchSize: 24, batchingWindowMs: 60_000 };
    expect(await receiveBatch(sqs, limits, signal)).toHaveLength(24);
  });

  it('takes what there is without a window', async () => {
    await send(15);
    const limits = { queueUrl, batchSize: 15, batchingWindowMs: 0 };
    expect(await receiveBatch(sqs, limits, signal)).toHaveLength(10);
  });

  it('is empty when nothing comes', async () => {
    const limits = { queueUrl, batchSize: 10, batchingWindowMs: 60_000 };
    expect(await receiveBatch(sqs, limits, signal)).toEqual([]);
  });
});

describe('a receiver that has gone', () => {
  it('takes no message along', async () => {
    const gone = new AbortController();
    const receive = new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      WaitTimeSeconds: 20,
      VisibilityTimeout: 600,
    });
    const pending = sqs.send(receive, { abortSignal: gone.signal });
    // A round trip, so that the server has seen what came before: the receiver, and that it has gone.
    const roundTrip = () => sqs.send(new GetQueueUrlCommand({ QueueName: 'queue' }));
    await roundTrip();
    gone.abort();
    await expect(pending).rejects.toThrow();
    await roundTrip();
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'wanted' }));
    await expect
      .poll(
        async () => {
          const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));
          return Messages?.map(({ Body }) => Body);
        },
        { timeout: 10_000 },
      )
      .toEqual(['wanted']);
  });
});

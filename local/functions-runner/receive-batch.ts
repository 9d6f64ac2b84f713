import { type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

export type BatchLimits = { queueUrl: string; batchSize: number; batchingWindowMs: number };

/** Short, so that the queue soon forgets a killed receiver. Lambda polls for 20 s. */
const LONG_POLL_SECONDS = 1;

/**
 * Receives until the batch is full or the batching window, which begins with the first message, is over.
 * Resolves with an empty batch if no message came. Rejects when aborted, and with the errors of SQS.
 */
export async function receiveBatch(
  sqs: SQSClient,
  { queueUrl, batchSize, batchingWindowMs }: BatchLimits,
  signal: AbortSignal,
): Promise<Message[]> {
  const messages: Message[] = [];
  let windowEndsAt = Date.now();
  do {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: Math.min(10, batchSize - messages.length),
        WaitTimeSeconds: LONG_POLL_SECONDS,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
      { abortSignal: signal },
    );
    if (messages.length === 0) windowEndsAt = Date.now() + batchingWindowMs;
    messages.push(...Messages);
  } while (messages.length > 0 && messages.length < batchSize && Date.now() < windowEndsAt);
  return messages;
}

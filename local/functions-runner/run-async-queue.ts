import { setTimeout as sleep } from 'node:timers/promises';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SourceLog } from '../logs/log-record.ts';
import type { LambdaFunction } from './lambda-function.ts';

export type AsyncQueueOptions = { sqs: SQSClient; queueUrl: string; lambda: LambdaFunction; log: SourceLog };

/**
 * Invokes a function with the events that rules have put into its queue, until aborted. The queue counts the
 * attempts, so that an event survives a crash of this process; a crash counts as a failed attempt.
 */
export async function runAsyncQueue(options: AsyncQueueOptions, signal: AbortSignal): Promise<void> {
  const { sqs, queueUrl, lambda, log } = options;
  while (!signal.aborted) {
    if (!lambda.hasCapacity) {
      await sleep(100, undefined, { signal }).catch(() => {});
      continue;
    }
    try {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          WaitTimeSeconds: 1,
          VisibilityTimeout: Math.ceil(lambda.definition.timeoutMs / 1000) + 30,
          MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
        }),
        { abortSignal: signal },
      );
      for (const message of Messages) {
        invokeWith(options, message).catch((error: unknown) => {
          log('WARN', 'Event left to be delivered again', { queueUrl, error: String(error) });
        });
      }
    } catch (error) {
      if (signal.aborted) return;
      log('WARN', 'Receiving failed', { queueUrl, error: String(error) });
      await sleep(500, undefined, { signal }).catch(() => {});
    }
  }
}

async function invokeWith(
  { sqs, queueUrl, lambda, log }: AsyncQueueOptions,
  message: Message,
): Promise<void> {
  const { functionName, maximumRetryAttempts, maximumEventAgeMs } = lambda.definition;
  const address = { QueueUrl: queueUrl, ReceiptHandle: message.ReceiptHandle };
  const attempt = Number(message.Attributes?.ApproximateReceiveCount ?? 1);
  const ageMs = Date.now() - Number(message.Attributes?.SentTimestamp ?? Date.now());
  const tooOften = attempt > maximumRetryAttempts + 1;
  if (!tooOften && ageMs <= maximumEventAgeMs) {
    if ((await lambda.invoke(JSON.parse(message.Body ?? 'null'))).ok) {
      await sqs.send(new DeleteMessageCommand(address));
      return;
    }
    const delayMs = lambda.retryDelayMs(attempt);
    if (attempt <= maximumRetryAttempts && delayMs !== undefined) {
      await sqs.send(
        new ChangeMessageVisibilityCommand({ ...address, VisibilityTimeout: Math.ceil(delayMs / 1000) }),
      );
      return;
    }
  }
  log('WARN', 'Event dropped: it failed too often or is too old', { functionName, attempt, ageMs });
  lambda.dropEvent();
  await sqs.send(new DeleteMessageCommand(address));
}

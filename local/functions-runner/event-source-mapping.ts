import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteMessageBatchCommand, type Message, type SQSClient } from '@aws-sdk/client-sqs';
import { inChunks } from '../../lib/runtime/concurrency.ts';
import type { SourceLog } from '../logs/log-record.ts';
import type { EventSourceMappingDefinition } from '../template/event-source-mappings.ts';
import { succeededMessages } from './batch-outcome.ts';
import { type LambdaFunction, ThrottledError } from './lambda-function.ts';
import { receiveBatch } from './receive-batch.ts';
import { Semaphore } from './semaphore.ts';
import { sqsRecord } from './sqs-event.ts';

export type EventSourceMappingOptions = {
  sqs: SQSClient;
  mapping: EventSourceMappingDefinition;
  lambda: LambdaFunction;
  log: SourceLog;
};

const RECEIVE_RETRY_MS = 500;

/**
 * Invokes a function with the messages of a queue until aborted, with at most `maximumConcurrency` batches at once. As
 * with Lambda, messages that succeeded are deleted, and failed ones stay invisible until their visibility timeout.
 * Resolves when the running batches have ended.
 */
export async function runEventSourceMapping(
  options: EventSourceMappingOptions,
  signal: AbortSignal,
): Promise<void> {
  const { sqs, mapping, log } = options;
  const slots = new Semaphore(mapping.maximumConcurrency);
  const running = new Set<Promise<void>>();
  while (!signal.aborted) {
    await slots.acquire();
    const messages = await receiveBatch(sqs, mapping, signal).catch(async (error: unknown) => {
      if (signal.aborted) return [];
      log('WARN', 'Receiving failed', { queueUrl: mapping.queueUrl, error: String(error) });
      await sleep(RECEIVE_RETRY_MS, undefined, { signal }).catch(() => {});
      return [];
    });
    if (messages.length === 0) {
      slots.release();
      continue;
    }
    const batch: Promise<void> = processBatch(options, messages).finally(() => {
      running.delete(batch);
      slots.release();
    });
    running.add(batch);
  }
  await Promise.all(running);
}

async function processBatch(
  { sqs, mapping, lambda, log }: EventSourceMappingOptions,
  messages: Message[],
): Promise<void> {
  try {
    const result = await lambda.invoke({
      Records: messages.map((message) => sqsRecord(message, mapping.queueArn)),
    });
    await deleteMessages(
      sqs,
      mapping.queueUrl,
      succeededMessages(messages, result, mapping.reportBatchItemFailures),
    );
  } catch (error) {
    // A message that is not deleted is delivered again, so nothing is lost.
    const level = error instanceof ThrottledError ? 'WARN' : 'ERROR';
    log(level, 'Batch left to its visibility timeout', { messages: messages.length, error: String(error) });
  }
}

async function deleteMessages(sqs: SQSClient, queueUrl: string, messages: Message[]): Promise<void> {
  for (const chunk of inChunks(messages, 10)) {
    const Entries = chunk.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
}

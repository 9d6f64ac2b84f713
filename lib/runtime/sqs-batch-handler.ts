import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { counters, log, telemetry } from './telemetry.ts';

/** `maxReceiveCount` of the queues: when this delivery fails, too, SQS moves the message to the poison queue. */
export const LAST_DELIVERY = 5;

/**
 * Wraps the handler of a queue's function. It handles the records of a batch concurrently. Only the records whose handler
 * throws return to the queue (ReportBatchItemFailures), so a bad record does not make the others fail. No metric of SQS
 * counts what it moves to the poison queue, so `poisonMetric` does: one for each message whose last delivery has failed.
 */
export function sqsBatchHandler(
  handle: (record: SQSRecord, context: Context) => Promise<void>,
  poisonMetric = 'PoisonMessages',
) {
  return middy<SQSEvent, SQSBatchResponse, Error, Context>()
    .use(telemetry)
    .handler(async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
      const outcomes = await Promise.allSettled(event.Records.map(async (record) => handle(record, context)));
      const batchItemFailures = outcomes.flatMap((outcome, index) => {
        const { messageId: itemIdentifier = '', attributes } = event.Records[index] ?? {};
        if (outcome.status === 'fulfilled') return [];
        const receiveCount = attributes?.ApproximateReceiveCount;
        const isLast = Number(receiveCount) >= LAST_DELIVERY;
        if (isLast) counters.count(poisonMetric);
        const what = isLast
          ? 'message failed too often, SQS moves it to the poison queue'
          : 'message kept for another delivery';
        log.error(what, { messageId: itemIdentifier, receiveCount, error: outcome.reason });
        return [{ itemIdentifier }];
      });
      return { batchItemFailures };
    });
}

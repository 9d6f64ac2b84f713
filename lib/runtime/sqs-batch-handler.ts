import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { log, telemetry } from './telemetry.ts';

/**
 * Wraps the handler of a queue's function. It handles the records of a batch concurrently. Only the records whose handler
 * throws return to the queue (ReportBatchItemFailures), so a bad record does not make the others fail.
 */
export function sqsBatchHandler(handle: (record: SQSRecord, context: Context) => Promise<void>) {
  return middy<SQSEvent, SQSBatchResponse, Error, Context>()
    .use(telemetry)
    .handler(async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
      const outcomes = await Promise.allSettled(event.Records.map(async (record) => handle(record, context)));
      const batchItemFailures = outcomes.flatMap((outcome, index) => {
        const { messageId: itemIdentifier = '', attributes } = event.Records[index] ?? {};
        if (outcome.status === 'fulfilled') return [];
        log.error('message kept for another delivery', {
          messageId: itemIdentifier,
          receiveCount: attributes?.ApproximateReceiveCount,
          error: outcome.reason,
        });
        return [{ itemIdentifier }];
      });
      return { batchItemFailures };
    });
}

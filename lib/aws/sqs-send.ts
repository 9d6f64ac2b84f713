import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { mapConcurrently } from '../activation/concurrency.ts';
import { chunkBySize } from './chunk-by-size.ts';

export type OutgoingMessage = {
  /** The caller's name for it, returned when it was stored. */
  id: string;
  body: string;
  delaySeconds?: number;
  /** String message attributes. */
  attributes?: Record<string, string>;
};

/** SendMessageBatch takes at most 10 entries, and 1 MiB in all; ours stay far below the older 256 KiB. */
const ENTRIES_LIMIT = 10;
const BYTES_LIMIT = 240_000;
const BATCHES_AT_ONCE = 8;

/** The ids of the messages that SQS stored for sure: each entry's own result counts. Never throws. */
export async function sendInBatches(
  client: SQSClient,
  queueUrl: string,
  messages: OutgoingMessage[],
): Promise<Set<string>> {
  const sent = new Set<string>();
  const batches = chunkBySize(messages, ENTRIES_LIMIT, BYTES_LIMIT, ({ body }) => Buffer.byteLength(body));
  await mapConcurrently(batches, BATCHES_AT_ONCE, async (batch) => {
    try {
      const { Successful = [] } = await client.send(
        new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: batch.map(toEntry) }),
      );
      for (const { Id } of Successful) {
        const message = batch[Number(Id)];
        if (message) sent.add(message.id);
      }
    } catch {
      // Not sent: the caller finds it missing in the answer.
    }
  });
  return sent;
}

function toEntry({ body, delaySeconds, attributes = {} }: OutgoingMessage, index: number) {
  return {
    Id: String(index),
    MessageBody: body,
    ...(delaySeconds && { DelaySeconds: delaySeconds }),
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
    ),
  };
}

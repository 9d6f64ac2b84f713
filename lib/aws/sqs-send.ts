import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { mapConcurrently } from '../activation/concurrency.ts';
import type { Log } from '../activation/ports.ts';
import { chunkBySize } from './chunk-by-size.ts';

export type OutgoingMessage = {
  /** The caller's name for it, returned when it was stored. */
  id: string;
  body: string;
  delaySeconds?: number;
  /** String message attributes. */
  attributes?: Record<string, string>;
  /** What the message belongs to: SQS keeps the messages of one group from holding up those of others. */
  group?: string;
};

/** SQS takes DelaySeconds in whole seconds, up to 900: a message comes rather late than early. */
export const delaySeconds = (delayMs: number) => Math.min(900, Math.ceil(Math.max(0, delayMs) / 1000));

/** SendMessageBatch takes at most 10 entries, and 1 MiB in all; ours stay far below the older 256 KiB. */
const ENTRIES_LIMIT = 10;
const BYTES_LIMIT = 240_000;
const BATCHES_AT_ONCE = 8;

/** The ids of the messages that SQS stored for sure: each entry's own result counts. Logs the rest, never throws. */
export async function sendInBatches(
  client: SQSClient,
  queueUrl: string,
  messages: OutgoingMessage[],
  log: Log,
): Promise<Set<string>> {
  const sent = new Set<string>();
  const batches = chunkBySize(messages, ENTRIES_LIMIT, BYTES_LIMIT, ({ body }) => Buffer.byteLength(body));
  await mapConcurrently(batches, BATCHES_AT_ONCE, async (batch) => {
    try {
      const { Successful = [], Failed = [] } = await client.send(
        new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: batch.map(toEntry) }),
      );
      for (const { Id } of Successful) {
        const message = batch[Number(Id)];
        if (message) sent.add(message.id);
      }
      const [failed] = Failed;
      if (failed) log.warn('messages were refused', { queueUrl, messages: Failed.length, code: failed.Code });
    } catch (error) {
      log.warn('messages could not be sent', { queueUrl, messages: batch.length, cause: String(error) });
    }
  });
  return sent;
}

function toEntry({ body, delaySeconds, attributes = {}, group }: OutgoingMessage, index: number) {
  return {
    Id: String(index),
    MessageBody: body,
    ...(delaySeconds && { DelaySeconds: delaySeconds }),
    ...(group !== undefined && { MessageGroupId: group }),
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
    ),
  };
}

import { SendMessageBatchCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { PublishOutcome } from '../activation/model/message-ports.ts';
import { MAX_DELAY_MS } from '../activation/model/policy.ts';
import { mapConcurrently } from '../runtime/concurrency.ts';
import { chunkBySize } from './chunk-by-size.ts';
import { messageText } from './message-text.ts';
import { isTemporary, sendIsolated } from './send-isolated.ts';

export type OutgoingMessage = {
  /** The caller's name for the message; in the outcome if it was stored. */
  id: string;
  body: string;
  delaySeconds?: number;
  /** String message attributes. */
  attributes?: Record<string, string>;
  /** The group of the message. SQS prevents the messages of one group from delaying those of others. */
  group?: string;
};

/** DelaySeconds of SQS: whole seconds, at most 900. Rounded up, so that no message comes too early. */
export const delaySeconds = (delayMs: number) =>
  Math.ceil(Math.min(MAX_DELAY_MS, Math.max(0, delayMs)) / 1000);

/** SendMessageBatch accepts at most 10 entries and 1 MiB in total. Ours stay below the former limit of 256 KiB. */
const ENTRIES_LIMIT = 10;
const BYTES_LIMIT = 240_000;
const BATCHES_AT_ONCE = 8;

/** Sends the messages and collects the result of each entry. Never throws. */
export async function sendInBatches(
  client: SQSClient,
  queueUrl: string,
  messages: OutgoingMessage[],
): Promise<PublishOutcome> {
  const outcome: PublishOutcome = { stored: new Set(), refused: new Map() };
  const sendBatch = async (batch: OutgoingMessage[]) => {
    const { Successful = [], Failed = [] } = await client.send(
      new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: batch.map(toEntry) }),
    );
    for (const { Id } of Successful) {
      const message = batch[Number(Id)];
      if (message) outcome.stored.add(message.id);
    }
    for (const { Id, SenderFault, Code = 'NoCode' } of Failed) {
      const message = batch[Number(Id)];
      if (message && SenderFault && !isTemporary(Code)) outcome.refused.set(message.id, Code);
      else outcome.cause ??= Code;
    }
  };
  const batches = chunkBySize(messages.map(toText), ENTRIES_LIMIT, BYTES_LIMIT, bytesOf);
  await mapConcurrently(batches, BATCHES_AT_ONCE, (batch) => sendIsolated(batch, outcome, sendBatch));
  return outcome;
}

/** Sends an unreadable message, with the reason, to the poison queue. Throws the errors of the SDK. */
export async function sendPoison(
  client: SQSClient,
  queueUrl: string,
  { body, reason }: { body: string; reason: string },
): Promise<void> {
  await client.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: body === '' ? '(empty)' : messageText(body),
      MessageAttributes: toAttributes({ reason: messageText(reason) }),
    }),
  );
}

function toText(message: OutgoingMessage): OutgoingMessage {
  const { body, attributes = {} } = message;
  const texts = Object.entries(attributes).map(([name, value]) => [name, messageText(value)]);
  return { ...message, body: messageText(body), attributes: Object.fromEntries(texts) };
}

/** The size as SQS counts it: the body, and the name, type and value of each attribute. */
function bytesOf({ body, attributes = {} }: OutgoingMessage): number {
  const texts = Object.entries(attributes).flatMap(([name, value]) => [name, 'String', value]);
  return [body, ...texts].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function toAttributes(attributes: Record<string, string>) {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
  );
}

function toEntry({ body, delaySeconds, attributes = {}, group }: OutgoingMessage, index: number) {
  return {
    Id: String(index),
    MessageBody: body,
    ...(delaySeconds && { DelaySeconds: delaySeconds }),
    ...(group !== undefined && { MessageGroupId: group }),
    MessageAttributes: toAttributes(attributes),
  };
}

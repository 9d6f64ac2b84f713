import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import type { TickQueue } from '../activation/model/message-ports.ts';
import { delaySeconds } from './sqs-send.ts';

const messageSchema = v.pipe(v.string(), v.parseJson(), v.object({ number: v.number() }));

/** Throws the errors of the SDK. */
export function createSqsTickQueue(client: SQSClient, queueUrl: string): TickQueue {
  return {
    async send(number, delayMs) {
      const MessageBody = JSON.stringify({ number });
      await client.send(
        new SendMessageCommand({ QueueUrl: queueUrl, MessageBody, DelaySeconds: delaySeconds(delayMs) }),
      );
    },
  };
}

/** The numbers of the messages. One that is none of ours has none. */
export function tickNumbersOf(bodies: readonly string[]): number[] {
  return bodies.flatMap((body) => {
    const message = v.safeParse(messageSchema, body);
    return message.success ? [message.output.number] : [];
  });
}

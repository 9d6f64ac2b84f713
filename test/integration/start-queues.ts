import { type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startSqs } from '../../local/cloud/sqs-emulator.ts';
import { LOCAL_ACCESS } from '../support/local-access.ts';

/** An SQS of its own with a client; `cleanUp` is handed what ends it, to be run in reverse order. */
export async function startQueues(cleanUp: (end: () => Promise<void>) => unknown) {
  const emulator = await startSqs();
  cleanUp(() => emulator.close());
  const client = new SQSClient({ ...LOCAL_ACCESS, endpoint: emulator.url, maxAttempts: 1 });
  cleanUp(async () => client.destroy());
  return { emulator, client };
}

/** All messages that may be received now. */
export async function receiveAll(client: SQSClient, QueueUrl: string): Promise<Message[]> {
  const received: Message[] = [];
  for (;;) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
    );
    if (Messages.length === 0) return received;
    received.push(...Messages);
  }
}

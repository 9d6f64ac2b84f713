import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { createAwsClients } from '../../local/cloud/aws-clients.ts';
import { deliverToQueue } from '../../local/cloud/deliver-to-queue.ts';
import { startSqs } from '../../local/cloud/sqs-emulator.ts';
import { startEventBridge } from '../../local/eventbridge/server.ts';
import { type FakeVolcengine, startFakeVolcengine } from '../../local/volcengine/start-fake-volcengine.ts';
import { LOCAL_ACCESS } from '../support/local-access.ts';

const ACCOUNTS = ['default', 'refused', 'paused'].map((account) => ({
  account,
  accessKey: `${account}-access-key`,
  secretKey: `${account}-secret-key`,
}));

const event = v.looseObject({ id: v.string(), type: v.string() });
export type SeenEvent = v.InferOutput<typeof event>;

const eventMessage = v.pipe(v.string(), v.parseJson(), v.object({ detail: event }));

/** The body of a webhook. */
export const parseEvent = (body: Buffer): SeenEvent => v.parse(event, JSON.parse(body.toString()));

/** What outlives a deployment: queues, bus and Volcengine. The table is in the data directory of the versions. */
export type Cloud = {
  volcengine: FakeVolcengine;
  /** For every version. */
  variables: Record<string, string>;
  /** Takes all messages that a queue has now. */
  take(queueUrl: string): Promise<Message[]>;
  /** All events that the bus has delivered to this queue up to now. */
  events(queueUrl: string): Promise<SeenEvent[]>;
  /** All dead letters that the queue has had up to now, as activation and generation, with their text. */
  deadLetters(queueUrl: string): Promise<ReadonlyMap<string, string>>;
  /** What a killed function has received is seen again soon, but not while a function that lives works on it. */
  shortenVisibility(queueUrl: string | undefined): Promise<void>;
  sqs: SQSClient;
};

const deadLetter = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({ activationId: v.string(), generation: v.number() }),
);

export async function startCloud(onEnd: (end: () => Promise<void>) => void): Promise<Cloud> {
  const sqs = await startSqs();
  onEnd(() => sqs.close());
  const clients = createAwsClients({ sqs: sqs.url, dynamodb: '', eventbridge: '' }, LOCAL_ACCESS);
  onEnd(async () => clients.sqs.destroy());
  const bus = await startEventBridge({
    region: LOCAL_ACCESS.region,
    account: '000000000000',
    deliver: deliverToQueue(clients.sqs),
  });
  onEnd(() => bus.close());
  const volcengine = await startFakeVolcengine({ credentials: ACCOUNTS });
  onEnd(() => volcengine.close());

  const take = async (QueueUrl: string): Promise<Message[]> => {
    const taken: Message[] = [];
    for (;;) {
      const { Messages = [] } = await clients.sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
      );
      if (Messages.length === 0) return taken;
      taken.push(...Messages);
      const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await clients.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
  };
  const sent = new Map<string, string>();
  const seen: SeenEvent[] = [];
  const accounts = ACCOUNTS.map(({ account, ...keys }) => [account, keys]);
  return {
    volcengine,
    take,
    sqs: clients.sqs,
    async deadLetters(queueUrl) {
      for (const { Body = '' } of await take(queueUrl)) {
        const { activationId, generation } = v.parse(deadLetter, Body);
        sent.set(`${activationId}#${generation}`, Body);
      }
      return sent;
    },
    async shortenVisibility(QueueUrl) {
      const Attributes = { VisibilityTimeout: '32' };
      await clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
    },
    async events(queueUrl) {
      seen.push(...(await take(queueUrl)).map(({ Body }) => v.parse(eventMessage, Body).detail));
      return seen;
    },
    variables: {
      AWS_ENDPOINT_URL_SQS: sqs.url,
      AWS_ENDPOINT_URL_EVENTBRIDGE: bus.url,
      VOLCENGINE_ENDPOINT: volcengine.url,
      VOLCENGINE_ACCOUNTS: JSON.stringify(Object.fromEntries(accounts)),
    },
  };
}

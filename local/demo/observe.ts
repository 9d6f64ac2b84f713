import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import * as v from 'valibot';

/** A final event from the queue `events`, which receives every event of the bus. */
export type SeenEvent = {
  id: string;
  type: string;
  flowLogId: string;
  batchIds: string[];
  adopted?: boolean;
  /** When the bus passed it on, in ms since the epoch. */
  at: number;
};

const eventBody = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    detail: v.object({
      id: v.string(),
      type: v.string(),
      subject: v.string(),
      data: v.union([
        v.object({ batchIds: v.array(v.string()), adopted: v.optional(v.boolean()) }),
        // An event of a batch.
        v.object({ batchId: v.string() }),
      ]),
    }),
  }),
);

const deadLetterBody = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ activationId: v.string(), reason: v.string() }),
);

export type SeenDeadLetter = v.InferOutput<typeof deadLetterBody>;

/** A client of the local world's SQS, for the queues that `GET /_local` names. */
export function localSqsClient(endpoint: string): SQSClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return new SQSClient({ endpoint, region: 'us-east-1', credentials });
}

/** Receives and deletes up to ten messages of the queue. */
async function drain(sqs: SQSClient, queueUrl: string): Promise<Message[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['SentTimestamp'],
    }),
  );
  if (Messages.length > 0) {
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
  return Messages;
}

/** Returns the events of activations. Other events are removed from the queue, too, but left out. */
export async function readEvents(sqs: SQSClient, queueUrl: string): Promise<SeenEvent[]> {
  return (await drain(sqs, queueUrl)).flatMap(({ Body, Attributes }) => {
    const { id, type, subject, data } = v.parse(eventBody, Body).detail;
    if ('batchId' in data) return [];
    return [{ id, type, flowLogId: subject, ...data, at: Number(Attributes?.SentTimestamp) }];
  });
}

export async function readDeadLetters(sqs: SQSClient, queueUrl: string): Promise<SeenDeadLetter[]> {
  return (await drain(sqs, queueUrl)).map(({ Body }) => v.parse(deadLetterBody, Body));
}

const activationBody = v.object({
  activationId: v.string(),
  flowLogId: v.string(),
  status: v.picklist(['queued', 'pending', 'completed', 'failed']),
  attempts: v.number(),
  reason: v.optional(v.string()),
  adopted: v.optional(v.boolean()),
});

export type SeenActivation = v.InferOutput<typeof activationBody>;

/** Sends a request to the API. Throws with the response if its status is not 202. */
export async function requestActivations(apiUrl: string, flowLogIds: string[]): Promise<string> {
  const response = await fetch(`${apiUrl}/activations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ flowLogIds }),
  });
  const body: unknown = await response.json();
  if (response.status !== 202)
    throw new Error(`POST /activations: ${response.status} ${JSON.stringify(body)}`);
  return v.parse(v.object({ batchId: v.string() }), body).batchId;
}

export async function readActivations(apiUrl: string, batchId: string): Promise<SeenActivation[]> {
  const response = await fetch(`${apiUrl}/activations?batchId=${batchId}`);
  return v.parse(v.object({ activations: v.array(activationBody) }), await response.json()).activations;
}

const flowLogsBody = v.object({
  flowLogs: v.array(
    v.object({
      flowLogId: v.string(),
      activeAt: v.optional(v.number()),
      effectiveActivations: v.number(),
    }),
  ),
});

/** The internal state of the fake Volcengine, which callers of its API cannot see. */
export async function readFlowLogs(volcengineUrl: string) {
  const response = await fetch(`${volcengineUrl}/_fake/flow-logs`);
  return v.parse(flowLogsBody, await response.json()).flowLogs;
}

export async function addFaults(volcengineUrl: string, faults: unknown[]): Promise<void> {
  const response = await fetch(`${volcengineUrl}/_fake/faults`, {
    method: 'POST',
    body: JSON.stringify(faults),
  });
  if (!response.ok) throw new Error(`the fake Volcengine refused the faults: ${await response.text()}`);
}

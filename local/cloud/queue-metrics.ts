import type { buildApp } from 'fauxqs';
import * as v from 'valibot';

type App = ReturnType<typeof buildApp>;

const SendRequest = v.looseObject({ QueueUrl: v.string() });
const BatchResponse = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ Successful: v.optional(v.array(v.unknown()), []) }),
);

const Message = v.looseObject({ sentTimestamp: v.number() });
const Inspected = v.object({
  messages: v.object({
    ready: v.array(Message),
    delayed: v.array(Message),
    inflight: v.array(v.object({ message: Message })),
  }),
});

/**
 * `GET /_local/queues/{name}`: how many messages were sent to the queue, without those that a redrive policy moved, as
 * CloudWatch's NumberOfMessagesSent counts them, and when the oldest of those in it was sent.
 */
export function addQueueMetrics(app: App): void {
  const sentTo = new Map<string, number>();

  app.addHook('onSend', async (request, reply, payload) => {
    const action = request.headers['x-amz-target'];
    const sent = v.safeParse(SendRequest, request.body);
    if (reply.statusCode !== 200 || !sent.success) return;
    const name = sent.output.QueueUrl.split('/').at(-1) ?? '';
    const count = action === 'AmazonSQS.SendMessage' ? 1 : batchSize(action, payload);
    sentTo.set(name, (sentTo.get(name) ?? 0) + count);
  });

  app.get('/_local/queues/:name', async ({ params }) => {
    const { name } = v.parse(v.object({ name: v.string() }), params);
    const { body, statusCode } = await app.inject(`/_fauxqs/queues/${name}`);
    const { messages } = v.parse(
      Inspected,
      statusCode === 200 ? JSON.parse(body) : { messages: { ready: [], delayed: [], inflight: [] } },
    );
    const all = [...messages.ready, ...messages.delayed, ...messages.inflight.map(({ message }) => message)];
    const oldestSentAt = all.reduce((oldest, { sentTimestamp }) => Math.min(oldest, sentTimestamp), Infinity);
    return { sent: sentTo.get(name) ?? 0, ...(all.length > 0 && { oldestSentAt }) };
  });
}

function batchSize(action: unknown, payload: unknown): number {
  if (action !== 'AmazonSQS.SendMessageBatch') return 0;
  const response = v.safeParse(BatchResponse, payload);
  return response.success ? response.output.Successful.length : 0;
}

import { buildApp } from 'fauxqs';
import * as v from 'valibot';
import { refuseForeignRequests } from '../loopback-server.ts';
import type { Emulator } from './emulator.ts';
import { addQueueMetrics } from './queue-metrics.ts';

const ReceiveRequest = v.looseObject({ QueueUrl: v.string() });

const ReceiveResponse = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ Messages: v.array(v.looseObject({ ReceiptHandle: v.string() })) }),
);

/**
 * SQS in memory, on a random port of the loopback interface. Its queue URLs have hosts such as
 * `sqs.<region>.localhost`, which may not resolve. It also serves these URLs at its own address.
 */
export async function startSqs(): Promise<Emulator> {
  const app = buildApp({ logger: false });

  // Otherwise a receiver that is killed during a long poll would hide messages for a whole visibility timeout.
  app.addHook('onSend', async (request, _reply, payload) => {
    if (!request.raw.socket.destroyed || request.headers['x-amz-target'] !== 'AmazonSQS.ReceiveMessage')
      return;
    const received = v.safeParse(ReceiveResponse, payload);
    const asked = v.safeParse(ReceiveRequest, request.body);
    if (!received.success || !asked.success) return;
    await app.inject({
      method: 'POST',
      url: '/',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AmazonSQS.ChangeMessageVisibilityBatch',
      },
      payload: {
        QueueUrl: asked.output.QueueUrl,
        Entries: received.output.Messages.map(({ ReceiptHandle }, index) => ({
          Id: String(index),
          ReceiptHandle,
          VisibilityTimeout: 0,
        })),
      },
    });
  });

  addQueueMetrics(app);
  refuseForeignRequests(app.server);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { url, close: () => app.close() };
}

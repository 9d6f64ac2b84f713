import { createServer, request as forward } from 'node:http';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { startSqs } from '../../local/cloud/sqs-emulator.ts';
import { closeServer, listenOnLoopback } from '../../local/loopback-server.ts';

type SqsRequest = {
  /** `ReceiveMessage`, `SendMessageBatch`, … */
  operation: string;
  /** The last part of the queue's URL. */
  queue: string;
  /** Of a ReceiveMessage. */
  isEmpty: boolean;
};

export type CountedSqs = { url: string; requests: SqsRequest[]; close(): Promise<void> };

const Asked = v.object({ QueueUrl: v.optional(v.string(), '') });
const Received = v.object({ Messages: v.optional(v.array(v.unknown()), []) });

/** The emulator of the local world behind a proxy that notes every request once it has its response. */
export async function startCountedSqs(): Promise<CountedSqs> {
  const sqs = await startSqs();
  const requests: SqsRequest[] = [];
  const server = createServer(async (request, response) => {
    const { method, headers, url = '/' } = request;
    const asked = await text(request);
    const onward = forward(new URL(url, sqs.url), { method, headers }, async (reply) => {
      const body = await text(reply);
      requests.push(describe(String(headers['x-amz-target']), asked, body));
      response.writeHead(reply.statusCode ?? 502, {
        'content-type': reply.headers['content-type'] ?? 'application/x-amz-json-1.0',
        'content-length': Buffer.byteLength(body),
      });
      response.end(body);
    });
    onward.on('error', () => response.destroy());
    // A receiver that is gone must not take messages along.
    response.on('close', () => onward.destroy());
    onward.end(asked);
  });
  const port = await listenOnLoopback(server, 0);
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      await closeServer(server);
      await sqs.close();
    },
  };
}

function describe(target: string, asked: string, replied: string): SqsRequest {
  const operation = target.split('.')[1] ?? 'unknown';
  const { QueueUrl } = v.parse(Asked, JSON.parse(asked || '{}'));
  const isEmpty =
    operation === 'ReceiveMessage' && v.parse(Received, JSON.parse(replied || '{}')).Messages.length === 0;
  return { operation, queue: QueueUrl.split('/').at(-1) ?? '', isEmpty };
}

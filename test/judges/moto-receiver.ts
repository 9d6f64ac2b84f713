import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { closeServer, listenOnLoopback } from '../../local/loopback-server.ts';

export type MotoReceiver = Awaited<ReturnType<typeof startReceiver>>;

/** A receiver of webhooks that keeps what it got, and how often a signature was wrong. */
export async function startReceiver() {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const received: { type: string; data: Record<string, unknown> }[] = [];
  const state = { secret, received, forged: 0 };
  const server = createServer(async (request, response) => {
    const body = await text(request);
    try {
      new Webhook(secret).verify(body, request.headers as Record<string, string>);
      received.push(JSON.parse(body));
    } catch {
      state.forged += 1;
    }
    response.writeHead(204).end();
  });
  const port = await listenOnLoopback(server, 0);
  return Object.assign(state, { url: `http://127.0.0.1:${port}`, close: () => closeServer(server) });
}

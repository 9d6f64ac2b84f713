import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import * as v from 'valibot';
import { closeServer, listenOnLoopback } from '../../../local/loopback-server.ts';

/** A request as it came over the wire. */
type Received = {
  at: number;
  path: string | undefined;
  webhookId: string;
  headers: Record<string, string>;
  body: Buffer;
  eventId: string;
  eventType: string;
};

export type Receiver = { url: string; port: number; received: Received[]; close(): Promise<void> };

const cloudEvent = v.object({ id: v.string(), type: v.string() });

export type Respond = (response: ServerResponse, received: Received) => void;

/** A web server that remembers every request, and answers each as `respond` does, 204 if not given. */
export async function openReceiver(
  respond: Respond = (response) => {
    response.writeHead(204).end();
  },
  port = 0,
): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const at = Date.now();
    const body = await buffer(request);
    const { id, type } = v.parse(cloudEvent, JSON.parse(body.toString()));
    const headers = singleHeaders(request.headers);
    const entry = {
      at,
      path: request.url,
      webhookId: headers['webhook-id'] ?? '',
      headers,
      body,
      eventId: id,
      eventType: type,
    };
    received.push(entry);
    respond(response, entry);
  });
  const listeningOn = await listenOnLoopback(server, port);
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= closeServer(server);
    return closed;
  };
  return { url: `http://127.0.0.1:${listeningOn}`, port: listeningOn, received, close };
}

function singleHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}

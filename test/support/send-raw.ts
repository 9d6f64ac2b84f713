import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';

export type Outgoing = {
  method: string;
  /** Path and query, as they are sent. */
  target: string;
  headers: Record<string, string | string[]>;
  body?: string | Buffer;
};

type RawResponse = { status: number; headers: IncomingHttpHeaders; text: string };

/** Sends just these bytes and headers; `fetch` would tidy them up. Throws what the connection throws. */
export async function sendRaw(url: string, outgoing: Outgoing, timeoutMs = 5_000): Promise<RawResponse> {
  const { hostname, port } = new URL(url);
  const { method, target: path, headers, body } = outgoing;
  const signal = AbortSignal.timeout(timeoutMs);
  const sent = request({ hostname, port, method, path, headers, agent: false, signal });
  sent.end(body);
  const [response] = await once(sent, 'response');
  return { status: response.statusCode, headers: response.headers, text: await text(response) };
}

import type { LookupFunction } from 'node:net';
import { Pool } from 'undici';
import type { Dial } from '../../../http/connect-to-any.ts';
import { createConnector } from '../../../http/connector.ts';
import type { Post } from '../ports.ts';
import { createRedactor } from './redact.ts';
import { ResponseCollector } from './response-collector.ts';

export type WebhookClientOptions = {
  url: URL;
  /** The time limit of one POST, from resolving the host to the last byte. */
  timeoutMs: number;
  /** After this time `goesOn` decides whether a POST continues. The default is `timeoutMs`. */
  quickTimeoutMs?: number;
  connections: number;
  /** The answer is in the body, also that of a success. */
  readsBody?: boolean;
  /** Resolves the host. The default is `dns.lookup`. */
  lookup?: LookupFunction;
  /** Certificate authorities in PEM, trusted instead of the public ones. */
  ca?: string;
  /** Begins a connection to one address. The default is `net.connect`. */
  dial?: Dial;
};

export type WebhookClient = {
  post: Post;
  /** Closes every connection and aborts its request. */
  close(): Promise<void>;
};

const MAX_HEADER_BYTES = 16_384;
/** Room for the headers, the part of the body that is read, and the framing of both. */
const MAX_RESPONSE_BYTES = 131_072;
const USER_AGENT = 'flow-log-activator';

/** The connections to one endpoint: HTTP/1.1, verified certificates, no proxy. */
export function createWebhookClient({
  url,
  timeoutMs,
  quickTimeoutMs = timeoutMs,
  connections,
  readsBody = false,
  ...connecting
}: WebhookClientOptions): WebhookClient {
  const pool = new Pool(url.origin, {
    connections,
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: createConnector({ timeoutMs, maxResponseBytes: MAX_RESPONSE_BYTES, ...connecting }),
  });
  const path = url.pathname + url.search;
  const redact = createRedactor(url);

  return {
    post({ headers, body, query }, goesOn = () => true) {
      const target = query ? `${path}${url.search ? '&' : '?'}${new URLSearchParams(query)}` : path;
      return new Promise((resolve) => {
        pool.dispatch(
          { method: 'POST', path: target, headers: { 'user-agent': USER_AGENT, ...headers }, body },
          new ResponseCollector({ timeoutMs, quickTimeoutMs, goesOn, readsBody, redact }, resolve),
        );
      });
    },
    close: () => pool.destroy(),
  };
}

import type { LookupFunction } from 'node:net';
import { Pool } from 'undici';
import type { Dial } from '../../../http/connect-to-any.ts';
import { createConnector } from '../../../http/connector.ts';
import type { Post } from '../ports.ts';
import { createRedactor } from './redact.ts';
import { ResponseCollector } from './response-collector.ts';

export type WebhookClientOptions = {
  url: URL;
  /** The most that one POST may take, from resolving the host to the last byte. */
  timeoutMs: number;
  /** After so long a POST is asked whether it goes on; `timeoutMs` if not given. */
  quickTimeoutMs?: number;
  connections: number;
  /** How the host becomes an address; Node's own way if not given. */
  lookup?: LookupFunction;
  /** Trusted instead of the public authorities, in PEM. */
  ca?: string;
  /** How a connection to one address begins; `net.connect` if not given. */
  dial?: Dial;
};

export type WebhookClient = {
  post: Post;
  /** Ends every connection and what is under way on it. */
  close(): Promise<void>;
};

const MAX_HEADER_BYTES = 16_384;
/** Headers, what is read of a body, and room for the framing of both. */
const MAX_RESPONSE_BYTES = 131_072;
const USER_AGENT = 'flow-log-activator';

/** One endpoint's connections, by nobody's proxy. HTTP/1.1, certificates verified. */
export function createWebhookClient({
  url,
  timeoutMs,
  quickTimeoutMs = timeoutMs,
  connections,
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
    post({ headers, body }, goesOn = () => true) {
      return new Promise((resolve) => {
        pool.dispatch(
          { method: 'POST', path, headers: { 'user-agent': USER_AGENT, ...headers }, body },
          new ResponseCollector({ timeoutMs, quickTimeoutMs, goesOn, redact }, resolve),
        );
      });
    },
    close: () => pool.destroy(),
  };
}

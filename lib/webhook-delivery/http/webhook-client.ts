import type { LookupFunction } from 'node:net';
import { Pool } from 'undici';
import type { Post } from '../ports.ts';
import { AnswerCollector } from './answer-collector.ts';

export type WebhookClientOptions = {
  url: URL;
  /** The most that one POST may take, from resolving the host to the last byte. */
  timeoutMs: number;
  connections: number;
  /** How the host becomes an address; Node's own way if not given. */
  lookup?: LookupFunction;
  /** Trusted instead of the public authorities, in PEM. */
  ca?: string;
};

export type WebhookClient = {
  post: Post;
  /** Ends every connection and what is under way on it. */
  close(): Promise<void>;
};

const MAX_HEADER_BYTES = 16_384;
const USER_AGENT = 'flow-log-activator';
/** Shorter ones would black out ordinary words. */
const SHORTEST_SECRET_PATH = 8;

/** One endpoint's connections, by nobody's proxy. HTTP/1.1, certificates verified. */
export function createWebhookClient({
  url,
  timeoutMs,
  connections,
  lookup,
  ca,
}: WebhookClientOptions): WebhookClient {
  const pool = new Pool(url.origin, {
    connections,
    allowH2: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: {
      timeout: timeoutMs,
      rejectUnauthorized: true,
      ...(lookup && { lookup }),
      ...(ca !== undefined && { ca }),
    },
  });
  const path = url.pathname + url.search;

  /** Paths of webhook URLs are often secrets, and error pages like to repeat them. */
  const withoutPath = (text: string) =>
    path.length < SHORTEST_SECRET_PATH ? text : text.replaceAll(path, '***').replaceAll(url.pathname, '***');

  return {
    post({ headers, body }) {
      return new Promise((resolve) => {
        const collector = new AnswerCollector(timeoutMs, (outcome) =>
          resolve(
            outcome.kind === 'answer' ? { ...outcome, excerpt: withoutPath(outcome.excerpt) } : outcome,
          ),
        );
        pool.dispatch(
          { method: 'POST', path, headers: { 'user-agent': USER_AGENT, ...headers }, body },
          collector,
        );
      });
    },
    close: () => pool.destroy(),
  };
}

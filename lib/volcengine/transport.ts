import { Pool } from 'undici';
import { type ConnectorOptions, createConnector } from '../http/connector.ts';
import { parseEndpoint } from './endpoint.ts';
import type { NetworkFailure } from './network-failure.ts';
import { ResponseCollector, type VolcengineReply } from './response-collector.ts';
import type { SignedGet } from './sign.ts';
import { USER_AGENT } from './user-agent.ts';

export type TransportOptions = {
  /** `http(s)://host[:port]` */
  endpoint: string;
  /** The most that one call may take, from connecting (or waiting for a connection) to the last byte. */
  timeoutMs: number;
  /** For the connection, whichever of the host's addresses answers, and again for TLS. */
  connectTimeoutMs?: number;
  /** From the request to the end of the answer's headers. */
  headersTimeoutMs?: number;
  /** Between two chunks of the answer's body. */
  bodyTimeoutMs?: number;
  /** A longer answer is a failure `InvalidBody`. */
  maxBodyBytes?: number;
  connections?: number;
} & Pick<ConnectorOptions, 'lookup' | 'dial'>;

export type Transport = {
  /** The Host header that has to be signed. */
  readonly host: string;
  /** Sends the request at most once, follows no redirect, never rejects, settles within `timeoutMs`. */
  get(request: SignedGet): Promise<VolcengineReply | NetworkFailure>;
  /** Lets running calls end; later ones fail with `TransportClosed`. */
  close(): Promise<void>;
};

/** A Node timer set for longer fires at once. */
const MAX_INTEGER = 2 ** 31 - 1;
const CONNECT_TIMEOUT_MS = 5_000;
/** A page of 100 flow logs with all their tags is below 1 MB; 5 MB of brackets cost the parser 330 MB and two seconds. */
const MAX_BODY_BYTES = 2_000_000;
const MAX_CONNECTIONS = 32;
/** On the wire: the framing of a body in chunks, and the headers. */
const FRAMING_FACTOR = 2;
const HEAD_BYTES = 65_536;

/** Throws InvalidEndpointError, and RangeError for a limit that is not a positive 32-bit integer. */
export function createTransport(options: TransportOptions): Transport {
  const { timeoutMs, maxBodyBytes = MAX_BODY_BYTES, connections = MAX_CONNECTIONS } = options;
  const { connectTimeoutMs = Math.min(timeoutMs, CONNECT_TIMEOUT_MS) } = options;
  const { headersTimeoutMs = timeoutMs, bodyTimeoutMs = timeoutMs, lookup, dial } = options;
  const limits = { timeoutMs, connectTimeoutMs, headersTimeoutMs, bodyTimeoutMs, maxBodyBytes, connections };
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isInteger(value) || value < 1 || value > MAX_INTEGER) {
      throw new RangeError(`${name} must be an integer from 1 to ${MAX_INTEGER}`);
    }
  }
  const { origin, host } = parseEndpoint(options.endpoint);
  const pool = new Pool(origin, {
    connections,
    connect: createConnector({
      timeoutMs: connectTimeoutMs,
      maxResponseBytes: maxBodyBytes * FRAMING_FACTOR + HEAD_BYTES,
      lookup,
      dial,
    }),
    headersTimeout: headersTimeoutMs,
    bodyTimeout: bodyTimeoutMs,
    maxResponseSize: maxBodyBytes,
  });
  return {
    host,
    get({ path, headers }) {
      return new Promise((resolve) => {
        const sent = { ...headers, 'user-agent': USER_AGENT };
        pool.dispatch({ method: 'GET', path, headers: sent }, new ResponseCollector(timeoutMs, resolve));
      });
    },
    async close() {
      if (!pool.closed) await pool.close();
    },
  };
}

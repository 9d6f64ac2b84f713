import { type Dispatcher, Pool } from 'undici';
import { type ConnectorOptions, createConnector } from '../http/connector.ts';
import { parseEndpoint } from './endpoint.ts';
import type { NetworkFailure } from './network-failure.ts';
import { ResponseCollector, type VolcengineReply } from './response-collector.ts';
import type { SignedGet } from './sign.ts';
import { USER_AGENT } from './user-agent.ts';

export type TransportOptions = {
  /** `http(s)://host[:port]` */
  endpoint: string;
  /** The time limit of one call, from connecting (or waiting for a connection) to the last byte. */
  timeoutMs: number;
  /** The time limit of connecting to any address of the host, and again of the TLS handshake. */
  connectTimeoutMs?: number;
  /** The time limit from the request to the end of the reply's headers. */
  headersTimeoutMs?: number;
  /** The time limit between two chunks of the reply's body. */
  bodyTimeoutMs?: number;
  /** A longer reply is a failure `InvalidBody`. */
  maxBodyBytes?: number;
  connections?: number;
} & Pick<ConnectorOptions, 'lookup' | 'dial'>;

export type UnsignedForm = { path: string; form: Record<string, string> };

export type Transport = {
  /** The Host header, which must be signed. */
  readonly host: string;
  /** Sends the request at most once, follows no redirect, never rejects, settles within `timeoutMs`. */
  get(request: SignedGet): Promise<VolcengineReply | NetworkFailure>;
  /** Does the same for an unsigned form. */
  postForm(request: UnsignedForm): Promise<VolcengineReply | NetworkFailure>;
  /** Waits for running calls. Later calls fail with `TransportClosed`. */
  close(): Promise<void>;
};

/** A timer of Node with a longer time fires at once. */
const MAX_INTEGER = 2 ** 31 - 1;
const CONNECT_TIMEOUT_MS = 5_000;
/** A page of 100 flow logs with all their tags is below 1 MB. A body of 5 MB of brackets costs the parser 330 MB and 2 s. */
const MAX_BODY_BYTES = 2_000_000;
const MAX_CONNECTIONS = 32;
/** Bytes on the wire per byte of body: leaves room for the framing of chunks, and for the headers. */
const FRAMING_FACTOR = 2;
const HEAD_BYTES = 65_536;
const FORM_TYPE = 'application/x-www-form-urlencoded';

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
  const send = ({ headers, ...request }: Dispatcher.DispatchOptions & { headers: Record<string, string> }) =>
    new Promise<VolcengineReply | NetworkFailure>((resolve) => {
      const sent = { ...headers, 'user-agent': USER_AGENT };
      pool.dispatch({ ...request, headers: sent }, new ResponseCollector(timeoutMs, resolve));
    });
  return {
    host,
    get: ({ path, headers }) => send({ method: 'GET', path, headers }),
    postForm({ path, form }) {
      const body = new URLSearchParams(form).toString();
      return send({ method: 'POST', path, headers: { 'content-type': FORM_TYPE }, body });
    },
    async close() {
      if (!pool.closed) await pool.close();
    },
  };
}

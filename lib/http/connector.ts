import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { buildConnector } from 'undici';
import { connectToAny, type Dial } from './connect-to-any.ts';
import { limitResponses } from './response-limit.ts';

export type ConnectorOptions = {
  /** The time limit of the connection, and again of the TLS handshake. */
  timeoutMs: number;
  /** The maximum bytes of one response on the wire, with status line, headers, 1xx responses and framing. */
  maxResponseBytes: number;
  /** Resolves the host. The default is `dns.lookup`. */
  lookup?: LookupFunction | undefined;
  /** Certificate authorities in PEM, trusted instead of the public ones. */
  ca?: string | undefined;
  dial?: Dial | undefined;
};

/**
 * Creates undici's connector: HTTP/1.1, verified certificates, every address of the host is tried, every response is
 * limited in bytes.
 */
export function createConnector(options: ConnectorOptions): buildConnector.connector {
  const { timeoutMs, maxResponseBytes, lookup = systemLookup, ca, dial } = options;
  const secure = buildConnector({
    timeout: timeoutMs,
    allowH2: false,
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca }),
  });

  const connect = async (target: buildConnector.Options): Promise<Socket> => {
    const { hostname, protocol } = target;
    const isSecure = protocol === 'https:';
    const port = Number(target.port) || (isSecure ? 443 : 80);
    const httpSocket = await connectToAny(await resolve(hostname, lookup), { port, timeoutMs, dial });
    if (!isSecure) return httpSocket;
    return new Promise((done, fail) => {
      secure({ ...target, httpSocket }, (error, socket) => (socket ? done(socket) : fail(error)));
    });
  };

  return (target, callback) => {
    connect(target).then(
      (socket) => {
        limitResponses(socket, maxResponseBytes);
        callback(null, socket);
      },
      (error) => callback(error, null),
    );
  };
}

async function resolve(hostname: string, lookup: LookupFunction): Promise<LookupAddress[]> {
  const family = isIP(hostname);
  if (family !== 0) return [{ address: hostname, family }];
  return new Promise((done, fail) => {
    lookup(hostname, { all: true }, (error, addresses) => {
      if (error) fail(error);
      else
        done(typeof addresses === 'string' ? [{ address: addresses, family: isIP(addresses) }] : addresses);
    });
  });
}

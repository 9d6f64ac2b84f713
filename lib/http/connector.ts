import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { buildConnector } from 'undici';
import { connectToAny, type Dial } from './connect-to-any.ts';
import { limitResponses } from './response-limit.ts';

export type ConnectorOptions = {
  /** For the connection, and again for TLS. */
  timeoutMs: number;
  /** Of one answer as it comes over the wire, status line, headers, 1xx and framing included. */
  maxResponseBytes: number;
  /** How the host becomes addresses; Node's own way if not given. */
  lookup?: LookupFunction | undefined;
  /** Trusted instead of the public authorities, in PEM. */
  ca?: string | undefined;
  dial?: Dial | undefined;
};

/**
 * How undici connects: HTTP/1.1, certificates verified, each address of the host given its time, each answer bounded in
 * bytes.
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

import type { LookupAddress } from 'node:dns';
import { connect, isIPv6, type Socket, type TcpNetConnectOpts } from 'node:net';
import { errors } from 'undici';

export type Dial = (options: TcpNetConnectOpts) => Socket;

export type ConnectOptions = {
  port: number;
  /** The time limit for all addresses together. */
  timeoutMs: number;
  /** Begins a connection to one address. The default is `net.connect`. */
  dial?: Dial | undefined;
};

/** RFC 8305, section 8: "Connection Attempt Delay". */
const NEXT_AFTER_MS = 250;
/** At most this many addresses of a host are tried. */
const ADDRESS_LIMIT = 16;
const SOCKET_OPTIONS = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };

/**
 * Connects to the first address of a host that accepts (RFC 8305, "Happy Eyeballs"). Tries the next address 250 ms after
 * the previous one, or as soon as one fails. The earlier attempts go on: each may use all the time that is left.
 * (Node's own `autoSelectFamily` aborts each attempt after 250 ms, so it never reaches a slow host.)
 * Rejects when no address is left, or after `timeoutMs`; the error names the result of each address.
 */
export function connectToAny(addresses: readonly LookupAddress[], options: ConnectOptions): Promise<Socket> {
  const { port, timeoutMs, dial = connect } = options;
  const untried = alternating(addresses).slice(0, ADDRESS_LIMIT);
  const underWay = new Map<Socket, string>();
  const failures: Error[] = [];

  return new Promise((resolve, reject) => {
    let next: NodeJS.Timeout | undefined;
    let isOver = false;
    const end = (winner?: Socket) => {
      isOver = true;
      clearTimeout(next);
      clearTimeout(limit);
      for (const socket of underWay.keys()) if (socket !== winner) socket.destroy();
    };
    const limit = setTimeout(() => {
      end();
      reject(timedOut(timeoutMs, [...underWay.values()], failures));
    }, timeoutMs);

    const tryNext = () => {
      clearTimeout(next);
      const address = untried.shift();
      if (address !== undefined) begin(address);
      else if (underWay.size === 0) {
        end();
        reject(refused(failures));
      }
    };
    const begin = ({ address: host, family }: LookupAddress) => {
      const socket = dial({ ...SOCKET_OPTIONS, host, family, port });
      underWay.set(socket, isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`);
      socket.once('connect', () => {
        end(socket);
        resolve(socket);
      });
      socket.once('error', (error) => {
        if (isOver) return;
        underWay.delete(socket);
        failures.push(error);
        tryNext();
      });
      if (untried.length > 0) next = setTimeout(tryNext, NEXT_AFTER_MS);
    };
    tryNext();
  });
}

/** The first address of each family, then the second of each, and so on: a broken family costs one attempt. */
function alternating(addresses: readonly LookupAddress[]): LookupAddress[] {
  const rank = (address: LookupAddress, index: number) =>
    addresses.slice(0, index).filter(({ family }) => family === address.family).length;
  return addresses
    .map((address, index) => ({ address, rank: rank(address, index) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ address }) => address);
}

function timedOut(timeoutMs: number, waitedFor: string[], failures: readonly Error[]): Error {
  const rest = failures.map(({ message }) => `; ${message}`).join('');
  return new errors.ConnectTimeoutError(
    `not connected within ${timeoutMs} ms: no response from ${waitedFor.join(', ')}${rest}`,
  );
}

function refused(failures: readonly Error[]): Error {
  const [first, ...others] = failures;
  if (first === undefined) return new Error('the host has no address');
  if (others.length === 0) return first;
  const code = 'code' in first ? first.code : undefined;
  return Object.assign(new Error(failures.map(({ message }) => message).join('; ')), { code });
}

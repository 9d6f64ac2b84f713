import { Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { connectToAny, type Dial } from '../../../lib/http/connect-to-any.ts';
import { createTransport } from '../../../lib/volcengine/transport.ts';
import { createWebhookClient } from '../../../lib/webhooks/outbound/http/webhook-client.ts';
import { httpResponse, startRawServer } from '../volcengine/raw-server.ts';

const V4 = { address: '192.0.2.1', family: 4 };
const OTHER_V4 = { address: '192.0.2.2', family: 4 };
const V6 = { address: '2001:db8::1', family: 6 };

/** Sockets that a test connects or breaks when it likes. */
function scriptedDial() {
  const dialled = new Map<string, Socket>();
  const dial: Dial = ({ host = '' }) => {
    const socket = new Socket();
    onTestFinished(() => void socket.destroy());
    dialled.set(host, socket);
    return socket;
  };
  return { dialled, dial };
}

const outcomeOf = (promise: Promise<Socket>) =>
  promise.then(
    (socket) => ({ socket, error: undefined }),
    (error) => ({ socket: undefined, error }),
  );

/** Fake timers, and a connection under way to these addresses. */
function startConnecting(addresses = [V4, V6], timeoutMs = 10_000) {
  vi.useFakeTimers();
  onTestFinished(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
  const { dialled, dial } = scriptedDial();
  return { dialled, outcome: outcomeOf(connectToAny(addresses, { port: 443, timeoutMs, dial })) };
}

test('a slow address is not given up for the next', async () => {
  const { dialled, outcome } = startConnecting();
  expect([...dialled.keys()]).toEqual([V4.address]);
  await vi.advanceTimersByTimeAsync(9_000);
  expect([...dialled.keys()]).toEqual([V4.address, V6.address]);
  dialled.get(V6.address)?.destroy(new Error('unreachable'));
  await vi.advanceTimersByTimeAsync(900);
  dialled.get(V4.address)?.emit('connect');
  expect((await outcome).socket).toBe(dialled.get(V4.address));
});

test('the first that answers is taken, and the others are ended', async () => {
  const { dialled, outcome } = startConnecting([V4, OTHER_V4, V6]);
  await vi.advanceTimersByTimeAsync(600);
  // The families take turns.
  expect([...dialled.keys()]).toEqual([V4.address, V6.address, OTHER_V4.address]);
  dialled.get(V6.address)?.emit('connect');
  expect((await outcome).socket).toBe(dialled.get(V6.address));
  expect([V4, OTHER_V4].map(({ address }) => dialled.get(address)?.destroyed)).toEqual([true, true]);
});

test('after one that fails, the next is tried at once', async () => {
  const { dialled, outcome } = startConnecting();
  dialled.get(V4.address)?.destroy(new Error('refused'));
  await vi.advanceTimersByTimeAsync(1);
  dialled.get(V6.address)?.emit('connect');
  expect((await outcome).socket).toBe(dialled.get(V6.address));
});

test('the error after the time limit says how long, and what became of each address', async () => {
  const { dialled, outcome } = startConnecting([V4, V6], 5_000);
  await vi.advanceTimersByTimeAsync(300);
  dialled.get(V6.address)?.destroy(new Error('connect ENETUNREACH 2001:db8::1:443'));
  await vi.advanceTimersByTimeAsync(4_700);
  const { error } = await outcome;
  expect(error).toMatchObject({
    code: 'UND_ERR_CONNECT_TIMEOUT',
    message:
      'not connected within 5000 ms: no response from 192.0.2.1:443; connect ENETUNREACH 2001:db8::1:443',
  });
  expect(dialled.get(V4.address)?.destroyed).toBe(true);
});

test('the error after refusals repeats each', async () => {
  const { dialled, dial } = scriptedDial();
  const outcome = outcomeOf(connectToAny([V4, V6], { port: 443, timeoutMs: 5_000, dial }));
  const refusal = Object.assign(new Error('connect ECONNREFUSED 192.0.2.1:443'), { code: 'ECONNREFUSED' });
  dialled.get(V4.address)?.destroy(refusal);
  await expect.poll(() => dialled.size).toBe(2);
  dialled.get(V6.address)?.destroy(new Error('connect ENETUNREACH'));
  expect((await outcome).error).toMatchObject({
    code: 'ECONNREFUSED',
    message: 'connect ECONNREFUSED 192.0.2.1:443; connect ENETUNREACH',
  });
});

/** Its first address answers only when the second was tried, and has refused. */
async function slowHost(respond: (socket: Socket) => void) {
  const server = await startRawServer(respond);
  const { port } = new URL(server.url);
  onTestFinished(() => server.close());

  let first: Socket | undefined;
  const dial: Dial = () => {
    if (first === undefined) {
      first = new Socket();
      return first;
    }
    const second = new Socket();
    second.on('error', () => first?.connect(Number(port), '127.0.0.1'));
    return second.destroy(new Error('refused'));
  };
  return { dial, port };
}

const bothFamilies = (
  _host: string,
  _options: unknown,
  callback: (error: null, addresses: { address: string; family: number }[]) => void,
) =>
  callback(null, [
    { address: '127.0.0.1', family: 4 },
    { address: '127.0.0.2', family: 4 },
  ]);

test('a webhook reaches a host whose first address is slow and whose second refuses', async () => {
  const { dial, port } = await slowHost((socket) => void socket.write(httpResponse('200 OK', '')));
  const url = new URL(`http://hooks.example:${port}/in`);
  const client = createWebhookClient({
    ...{ url, timeoutMs: 60_000, connections: 1, dial },
    lookup: bothFamilies,
  });
  onTestFinished(() => client.close());
  expect(await client.post({ headers: {}, body: '{}' })).toMatchObject({ httpStatus: 200 });
});

test('so does a call of Volcengine', async () => {
  const { dial, port } = await slowHost((socket) => void socket.write(httpResponse('200 OK', '{}')));
  const transport = createTransport({
    ...{ endpoint: `http://open.example:${port}`, timeoutMs: 60_000, connectTimeoutMs: 60_000, dial },
    lookup: bothFamilies,
  });
  onTestFinished(() => transport.close());
  expect(await transport.get({ path: '/', headers: {} })).toMatchObject({ httpStatus: 200, body: '{}' });
});

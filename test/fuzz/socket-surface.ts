import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { FlowLogApi } from '../../lib/activation/model/ports.ts';
import { createFlowLogApi } from '../../lib/volcengine/flow-log-api.ts';
import { createTransport } from '../../lib/volcengine/transport.ts';
import { flowLogOf } from '../support/fakes/activations.ts';
import { httpResponse, type RawServer, startRawServer } from '../unit/volcengine/raw-server.ts';
import { byteMutation, mutateBytes } from './byte-mutation.ts';
import { mostly, oddText, someOf } from './odd-text.ts';
import { checkActivateOutcome, checkDescribeOutcome } from './outcome-check.ts';
import { defineSurface, require, type Surface } from './surface.ts';
import { CREDENTIALS } from './volcengine-input.ts';

const TIMEOUT_MS = 200;
/** What drips or stays silent does so for ever, so any bound tells; this one bears a busy machine. */
const MAX_MS = 30_000;
const AT_ONCE = 16;

const success = JSON.stringify({ ResponseMetadata: { RequestId: 'request-1' }, Result: { FlowLogs: [] } });
const failure = '{"ResponseMetadata":{"Error":{"Code":"InternalError"}}}';
const body = mostly(
  fc.constantFrom(...Array<string>(4).fill(success), failure, '', '<html>', 'null'),
  oddText,
);
const statusLine = mostly(
  fc.constantFrom(
    ...Array<string>(8).fill('200 OK'),
    '404 Not Found',
    '429 Too Many',
    '503 Unavailable',
    '204 No Content',
    '304 Not Modified',
    '100 Continue',
    '101 Switching',
  ),
  oddText.map((text) => text.replaceAll(/[\r\n]/g, '')),
  8,
);
const header = fc.oneof(
  fc.constantFrom<[string, string]>(
    ['content-length', '0'],
    ['content-length', '-1'],
    ['content-length', '99999999999'],
    ['content-length', '1, 2'],
    ['transfer-encoding', 'chunked'],
    ['transfer-encoding', 'gzip, chunked'],
    ['content-encoding', 'gzip'],
    ['connection', 'close'],
    ['connection', 'upgrade'],
    ['retry-after', '3'],
    ['date', 'Fri, 02 Jan 2026 03:05:00 GMT'],
    ['location', 'http://127.0.0.1:1/'],
  ),
  fc.tuple(fc.constantFrom('x', 'date', 'set-cookie', ' folded'), oddText),
);
const chunks = fc
  .array(fc.tuple(fc.constantFrom('5', '0', 'ffffffffff', '-1', 'zz', ' 5 ;x=1'), oddText), { maxLength: 4 })
  .map((parts) => parts.map(([size, data]) => `${size}\r\n${data.slice(0, 50)}\r\n`).join(''));

const answer = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(statusLine, body, someOf(header, 3))
      .map(([line, text, headers]) => httpResponse(line, text, Object.fromEntries(headers))),
  },
  {
    weight: 1,
    arbitrary: chunks.map((text) => `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${text}`),
  },
  { weight: 1, arbitrary: oddText },
);

/** How the bytes travel; a `drip` goes on for ever, one byte a moment. */
const ENDING = ['whole', 'halves', 'cut', 'reset'] as const;
const ENDLESS = ['drip', 'silence'] as const;
const manner = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(...ENDING) },
  { weight: 1, arbitrary: fc.constantFrom(...ENDLESS) },
);
const giant = fc.constantFrom(
  { unit: '[', bytes: 10_000_000 },
  { unit: '[', bytes: 4_900_000 },
  { unit: '{"a":', bytes: 4_900_000 },
  { unit: 'x', bytes: 10_000_000 },
);
const small = fc
  .tuple(answer, someOf(byteMutation, 2))
  .map(([text, mutations]) => mutateBytes(Buffer.from(text), mutations));
const large = giant.map(({ unit, bytes }) =>
  Buffer.from(httpResponse('200 OK', unit.repeat(Math.floor(bytes / unit.length)))),
);

type Played = { bytes: Buffer; manner: (typeof ENDING | typeof ENDLESS)[number] };

let server: RawServer;
let api: FlowLogApi;
/** What is to be played for the flow log that a request names. */
const played = new Map<string, Played>();
let calls = 0;

/** The real transport over a real socket, against a server that sends any bytes at all. */
export const SOCKET_SURFACE: Surface = defineSurface({
  name: 'answers over a socket',
  inputs: fc.record({
    bytes: fc.oneof({ weight: 499, arbitrary: small }, { weight: 1, arbitrary: large }),
    manner,
    action: fc.constantFrom('active', 'describe'),
  }),
  maxMs: MAX_MS,
  atOnce: AT_ONCE,
  async open() {
    server = await startRawServer((socket, count) => {
      const flowLogId = /FlowLogId(?:s\.1)?=([\w-]+)/.exec(server.requests[count - 1] ?? '')?.[1] ?? '';
      const input = played.get(flowLogId);
      if (input) play(socket, input);
    });
    const transport = createTransport({ endpoint: server.url, timeoutMs: TIMEOUT_MS, connections: AT_ONCE });
    api = createFlowLogApi({ transport, credentials: async () => CREDENTIALS, clock: Date.now });
    return async () => {
      await server.close();
      await transport.close();
    };
  },
  async probe({ action, ...input }) {
    const flowLogId = `fl-${++calls}`;
    played.set(flowLogId, input);
    try {
      if (action === 'active') {
        const outcome = await api.activeFlowLog({ flowLog: flowLogOf(flowLogId), clientToken: 'token' });
        checkActivateOutcome(outcome);
        require(outcome.kind !== 'accepted' || isWhole(input), 'accepted by an answer that was not whole');
        return outcome.kind === 'accepted' ? 'accepted' : 'refused';
      }
      const outcome = await api.describeFlowLogs({ account: 'default', region: 'cn-beijing' }, [flowLogId]);
      checkDescribeOutcome(outcome);
      require(outcome.kind !== 'described' || isWhole(input), 'described by an answer that was not whole');
      return outcome.kind === 'described' ? 'accepted' : 'refused';
    } finally {
      played.delete(flowLogId);
    }
  },
});

function isWhole({ bytes, manner: how }: Played): boolean {
  return how !== 'silence' && bytes.includes('ResponseMetadata');
}

function play(socket: Socket, { bytes, manner: how }: Played): void {
  const half = Math.floor(bytes.length / 2);
  if (how === 'whole') socket.write(bytes);
  if (how === 'cut') socket.end(bytes.subarray(0, half));
  if (how === 'reset') socket.write(bytes.subarray(0, half), () => socket.resetAndDestroy());
  if (how === 'halves') {
    socket.write(bytes.subarray(0, half));
    setImmediate(() => socket.write(bytes.subarray(half)));
  }
  if (how === 'drip') void drip(socket, bytes);
}

async function drip(socket: Socket, bytes: Buffer): Promise<void> {
  for (let sent = 0; !socket.destroyed; sent += 1) {
    socket.write(bytes.length > 0 ? bytes.subarray(sent % bytes.length, (sent % bytes.length) + 1) : '\n');
    await sleep(5);
  }
}

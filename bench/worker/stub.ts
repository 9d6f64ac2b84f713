import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { closeServer, listenOnLoopback } from '../../local/loopback-server.ts';
import { runAsChild } from '../../local/supervisor/child-side.ts';
import { ACTIVATED } from '../activated.ts';
import { ONCE_A_SECOND, plannedTick, queuedItem } from './stub-item.ts';

const Config = v.object({ latencyMs: v.number() });
const KeyOf = v.object({ Key: v.object({ pk: v.object({ S: v.string() }) }) });

/** What was asked, and in how many bytes, since it was last asked for. */
type Count = { calls: number; bytes: number };
let counts = new Map<string, Count>();

function count(what: string, bytes: number): void {
  const known = counts.get(what) ?? { calls: 0, bytes: 0 };
  counts.set(what, { calls: known.calls + 1, bytes: known.bytes + bytes });
}

/** DynamoDB, SQS and Volcengine at one address, each in its own wire format (AWS JSON 1.0, and Volcengine's). */
async function respondTo(request: IncomingMessage): Promise<{ type: string; body: string }> {
  const target = request.headers['x-amz-target'];
  if (typeof target !== 'string') {
    count('Volcengine ActiveFlowLog', request.url?.length ?? 0);
    return { type: 'application/json; charset=utf-8', body: ACTIVATED };
  }
  const asked = await text(request);
  const kind = target.replace(/^DynamoDB_\d+\./, 'DynamoDB ').replace('AmazonSQS.', 'SQS ');
  count(asked.includes('"C#poller"') ? ONCE_A_SECOND : kind, asked.length);
  return { type: 'application/x-amz-json-1.0', body: bodyFor(target, asked) };
}

function bodyFor(target: string, asked: string): string {
  // A write of the account's quota is a PutItem. No write is refused.
  if (target === 'DynamoDB_20120810.UpdateItem' || target === 'DynamoDB_20120810.PutItem') return '{}';
  if (target !== 'DynamoDB_20120810.GetItem') throw new Error(`nobody should ask for ${target}`);
  const [kind, , , flowLogId = ''] = v.parse(KeyOf, JSON.parse(asked)).Key.pk.S.split('#');
  // Nobody has used the quota yet.
  if (kind === 'Q') return '{}';
  if (kind === 'C') return JSON.stringify({ Item: plannedTick(Date.now()) });
  return JSON.stringify({ Item: queuedItem(flowLogId, Date.now()) });
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': 'B3OKM8TJ1VMG0T2HQ4B2J1N1SVVV4KQNSO5AEMVJF66Q9ASUAAJG',
  });
  response.end(body);
}

async function start({ latencyMs }: v.InferOutput<typeof Config>) {
  const server = createServer({ noDelay: true }, (request, response) => {
    if (request.url === '/counts') {
      send(response, 200, 'application/json', JSON.stringify(Object.fromEntries(counts)));
      counts = new Map();
      return;
    }
    respondTo(request).then(
      ({ type, body }) => setTimeout(() => send(response, 200, type, body), latencyMs),
      (error: unknown) => send(response, 400, 'text/plain', String(error)),
    );
  });
  server.keepAliveTimeout = 60_000;
  const port = await listenOnLoopback(server, 0);
  return { ready: { host: `127.0.0.1:${port}` }, stop: () => closeServer(server) };
}

runAsChild(Config, start);

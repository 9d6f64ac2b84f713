/**
 * Receives webhooks on 127.0.0.1 until Ctrl-C, or until `count` were received: `receive.ts <port> <secret> [count]`.
 * A real server needs the same three steps: verify the raw bytes, recognise repeated ids, respond quickly.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';

const [port = '', secret, count = 'Infinity'] = process.argv.slice(2);
if (!/^\d{1,5}$/.test(port) || secret === undefined || !(Number(count) > 0)) {
  console.error('usage: receive.ts <port> <secret> [count]');
  process.exit(2);
}

const webhook = new Webhook(secret);
/** A real receiver stores the ids with its data, for longer than the day of retries. */
const seen = new Set<string>();

const server = createServer(async (request, response) => {
  const body = await buffer(request);
  const headers = singleHeaders(request);
  try {
    webhook.verify(body, headers);
  } catch {
    response.writeHead(401).end();
    return;
  }
  take(headers['webhook-id'] ?? '', body);
  response.writeHead(204, { connection: 'close' }).end(() => {
    if (seen.size >= Number(count)) server.close();
  });
});
server.listen(Number(port), '127.0.0.1');
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => server.close());

/** The same webhook may come twice, with the same id. */
function take(webhookId: string, body: Buffer): void {
  if (seen.has(webhookId)) return;
  seen.add(webhookId);
  const { type, subject } = JSON.parse(body.toString());
  console.log(`${type} of ${subject} (${webhookId})`);
}

function singleHeaders({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

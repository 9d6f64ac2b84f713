import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import dynalite from 'dynalite';
import * as v from 'valibot';
import { closeServer, listenOnLoopback } from '../local/loopback-server.ts';

/** One request as it went over the wire. */
export type CountedRequest = {
  /** `AWS_SDK_UA_APP_ID` of the client. */
  client: string;
  /** `Query`, `UpdateItem`, … */
  operation: string;
  /** How many items were read for it, sent or not. */
  itemsRead: number;
};

export type CountedDynamoDb = {
  url: string;
  /** Every request since the start that has its response. */
  requests: CountedRequest[];
  close(): Promise<void>;
};

const Read = v.object({
  ScannedCount: v.optional(v.number()),
  Item: v.optional(v.unknown()),
  Responses: v.optional(v.record(v.string(), v.array(v.unknown())), {}),
});

/** The emulator that the local world uses, on disk, with every response counted as it is sent. */
export async function startCountedDynamoDb(dataDir: string): Promise<CountedDynamoDb> {
  const requests: CountedRequest[] = [];
  const server = dynalite({
    path: join(dataDir, 'dynamodb'),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  });
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const parts: Buffer[] = [];
    const end = response.end.bind(response);
    // dynalite sends each response by one call of `end`, with the whole body.
    response.end = (body?: unknown, ...rest: unknown[]) => {
      if (typeof body === 'string') parts.push(Buffer.from(body));
      requests.push(countOf(request, Buffer.concat(parts).toString()));
      return Reflect.apply(end, response, [body, ...rest]);
    };
  });
  const port = await listenOnLoopback(server, 0);
  return { url: `http://127.0.0.1:${port}`, requests, close: () => closeServer(server) };
}

function countOf({ headers }: IncomingMessage, body: string): CountedRequest {
  const operation = String(headers['x-amz-target']).split('.')[1] ?? 'unknown';
  // Powertools appends a name of its own to that of the application.
  const client = /\bapp\/(\S+?)(?:-PT-|\s|$)/.exec(headers['user-agent'] ?? '')?.[1] ?? 'unknown';
  const isRead = /^(Query|Scan|GetItem|BatchGetItem)$/.test(operation);
  return { client, operation, itemsRead: isRead ? itemsReadFor(body) : 0 };
}

function itemsReadFor(body: string): number {
  const { ScannedCount, Item, Responses } = v.parse(Read, JSON.parse(body));
  const batch = Object.values(Responses).reduce((sum, items) => sum + items.length, 0);
  return ScannedCount ?? batch + (Item === undefined ? 0 : 1);
}

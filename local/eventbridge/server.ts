import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { closeServer, listenOnLoopback } from '../loopback-server.ts';
import { ApiError } from './api-error.ts';
import type { EventEnvelope } from './envelope.ts';
import { type EventBridgeOptions, eventBridgeOperations, type Operation } from './operations.ts';
import { InvalidEventPatternError } from './pattern-operators.ts';

/** Longer than a client keeps an idle connection, so that no client sends on one that the server closes. */
const KEEP_ALIVE_MS = 60_000;

/** Of the latest events that a bus has taken, so many are kept for `GET /_local/events`. */
const KEPT_EVENTS = 500;

/**
 * EventBridge's PutEvents, buses and pattern rules over AWS JSON 1.1, on a random port of the loopback interface. What AWS
 * has not: `GET /_local/events`, the latest events, newest first, each with the time when it came.
 */
export async function startEventBridge(
  options: Omit<EventBridgeOptions, 'onEvent'>,
): Promise<{ url: string; close(): Promise<void> }> {
  const events: { at: string; event: EventEnvelope }[] = [];
  const onEvent = (event: EventEnvelope) => {
    events.unshift({ at: new Date().toISOString(), event });
    events.length = Math.min(events.length, KEPT_EVENTS);
  };
  const operations = eventBridgeOperations({ ...options, onEvent });
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, async (request, response) => {
    const isForEvents = request.method === 'GET' && request.url === '/_local/events';
    const target = request.headers['x-amz-target'];
    const { status, body } = isForEvents
      ? { status: 200, body: { events } }
      : await respond(operations, target, await text(request));
    response
      .writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() })
      .end(JSON.stringify(body));
  });
  const port = await listenOnLoopback(server, 0);
  return { url: `http://127.0.0.1:${port}`, close: () => closeServer(server) };
}

async function respond(
  operations: Map<string, Operation>,
  target: unknown,
  body: string,
): Promise<{ status: number; body: unknown }> {
  try {
    const name = String(target).replace(/^AWSEvents\./, '');
    const operation = operations.get(name);
    if (!operation) throw new ApiError('UnknownOperationException', `Unknown operation ${name}`);
    return { status: 200, body: await operation(JSON.parse(body || '{}')) };
  } catch (error) {
    if (error instanceof ApiError) return failure(400, error.code, error.message);
    if (error instanceof InvalidEventPatternError) return failure(400, error.name, error.message);
    if (error instanceof v.ValiError) return failure(400, 'ValidationException', error.message);
    if (error instanceof SyntaxError) return failure(400, 'SerializationException', error.message);
    return failure(500, 'InternalException', String(error));
  }
}

function failure(status: number, code: string, message: string): { status: number; body: unknown } {
  return { status, body: { __type: code, message } };
}

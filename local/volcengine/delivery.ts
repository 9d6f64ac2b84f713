import type { IncomingMessage, ServerResponse } from 'node:http';
import { publishedError } from './api-error.ts';
import type { Fault } from './fault.ts';
import { errorReply, JSON_TYPE, type Reply, type ReplyContext, send, type Wire, writeHead } from './reply.ts';

/** How a call ends on the wire, and the code of its error, even if the reply is lost. */
export type Delivery = { code?: string | undefined } & (
  | { kind: 'send' | 'cut'; wire: Wire }
  | { kind: 'reset' | 'hang' }
);

export function planDelivery(
  fault: Fault | undefined,
  reply: Reply | undefined,
  context: ReplyContext,
): Delivery {
  switch (fault?.kind) {
    case 'reset':
    case 'hang':
      return { kind: fault.kind, code: reply?.code };
    case 'garbage':
      return { kind: 'send', code: reply?.code, wire: jsonWire(200, '\u0000{"ResponseMetadata":<<<') };
    case 'html': {
      const body = '<html><head><title>Bad Gateway</title></head><body>Bad Gateway</body></html>\n';
      const { httpStatus, retryAfterSeconds } = fault;
      return { kind: 'send', wire: { httpStatus, contentType: 'text/html', body, retryAfterSeconds } };
    }
    case 'error': {
      const published = publishedError(fault.code);
      const httpStatus = fault.httpStatus ?? published?.httpStatus ?? 500;
      const codeN = fault.codeN ?? published?.codeN;
      const { code, message, retryAfterSeconds, shape } = fault;
      const injected = errorReply(context, { code, codeN, message, httpStatus, retryAfterSeconds });
      if (shape === 'envelope') return sendReply(injected);
      const simple = { HTTPCode: published?.httpStatus ?? httpStatus, errorcode: code, message };
      const body = JSON.stringify(
        shape === 'simple' ? simple : { ...simple, HTTPCode: String(simple.HTTPCode) },
      );
      return sendReply({ ...injected, body });
    }
    case 'truncated':
      return { ...sendReply(reply), kind: 'cut' };
    case 'bom':
      return sendReply(reply && { ...reply, body: `\uFEFF${reply.body}` });
    case 'empty-error':
      return sendReply(reply && { ...reply, body: withEmptyError(reply) });
    default:
      return sendReply(reply);
  }
}

/** Depends only on the delivery: the call is processed by now, or never will be. */
export function deliver(
  message: IncomingMessage,
  response: ServerResponse,
  delivery: Delivery,
  sentAt: number,
): void {
  switch (delivery.kind) {
    case 'hang':
      return;
    case 'reset':
      message.socket.resetAndDestroy();
      return;
    case 'send':
      send(response, delivery.wire, sentAt);
      return;
    case 'cut':
      // Content-Length announces the whole reply, and the connection ends in the middle.
      writeHead(response, delivery.wire, sentAt);
      response.write(delivery.wire.body.slice(0, delivery.wire.body.length / 2), () => response.destroy());
  }
}

function sendReply(reply: Reply | undefined): Extract<Delivery, { kind: 'send' | 'cut' }> {
  if (reply === undefined) throw new Error('a call without a fault was not processed');
  const { httpStatus, body, code, retryAfterSeconds } = reply;
  return { kind: 'send', code, wire: { ...jsonWire(httpStatus, body), retryAfterSeconds } };
}

/** Some services send this with a success. A reply that is an error keeps its own Error. */
function withEmptyError({ body, code }: Reply): string {
  if (code !== undefined) return body;
  const { ResponseMetadata, ...rest } = JSON.parse(body);
  const empty = { Code: '', CodeN: 0, Message: '' };
  return JSON.stringify({ ResponseMetadata: { ...ResponseMetadata, Error: empty }, ...rest });
}

function jsonWire(httpStatus: number, body: string): Wire {
  return { httpStatus, contentType: JSON_TYPE, body };
}

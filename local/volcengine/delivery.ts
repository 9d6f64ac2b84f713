import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Answer,
  type AnswerContext,
  errorAnswer,
  JSON_TYPE,
  send,
  type Wire,
  writeHead,
} from './answer.ts';
import { publishedError } from './api-error.ts';
import type { Fault } from './fault.ts';

/** How a call ends on the wire, and the error code that was, or was to be, answered. */
export type Delivery = { code?: string | undefined } & (
  | { kind: 'send' | 'cut'; wire: Wire }
  | { kind: 'reset' | 'hang' }
);

export function planDelivery(
  fault: Fault | undefined,
  answer: Answer | undefined,
  context: AnswerContext,
): Delivery {
  switch (fault?.kind) {
    case 'reset':
    case 'hang':
      return { kind: fault.kind, code: answer?.code };
    case 'garbage':
      return { kind: 'send', code: answer?.code, wire: jsonWire(200, '\u0000{"ResponseMetadata":<<<') };
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
      const answered = errorAnswer(context, { code, codeN, message, httpStatus, retryAfterSeconds });
      if (shape === 'envelope') return sendAnswer(answered);
      const simple = { HTTPCode: published?.httpStatus ?? httpStatus, errorcode: code, message };
      const body = JSON.stringify(
        shape === 'simple' ? simple : { ...simple, HTTPCode: String(simple.HTTPCode) },
      );
      return sendAnswer({ ...answered, body });
    }
    case 'truncated':
      return { ...sendAnswer(answer), kind: 'cut' };
    case 'bom':
      return sendAnswer(answer && { ...answer, body: `\uFEFF${answer.body}` });
    case 'empty-error':
      return sendAnswer(answer && { ...answer, body: withEmptyError(answer) });
    default:
      return sendAnswer(answer);
  }
}

/** Rests on nothing but the delivery: the call has been processed, or will never be. */
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
      // Content-Length announces the whole; the connection ends in the middle.
      writeHead(response, delivery.wire, sentAt);
      response.write(delivery.wire.body.slice(0, delivery.wire.body.length / 2), () => response.destroy());
  }
}

function sendAnswer(answer: Answer | undefined): Extract<Delivery, { kind: 'send' | 'cut' }> {
  if (answer === undefined) throw new Error('a call without a fault was not processed');
  const { httpStatus, body, code, retryAfterSeconds } = answer;
  return { kind: 'send', code, wire: { ...jsonWire(httpStatus, body), retryAfterSeconds } };
}

/** What some services send with a success; an answer that is an error keeps its own. */
function withEmptyError({ body, code }: Answer): string {
  if (code !== undefined) return body;
  const { ResponseMetadata, ...rest } = JSON.parse(body);
  const empty = { Code: '', CodeN: 0, Message: '' };
  return JSON.stringify({ ResponseMetadata: { ...ResponseMetadata, Error: empty }, ...rest });
}

function jsonWire(httpStatus: number, body: string): Wire {
  return { httpStatus, contentType: JSON_TYPE, body };
}

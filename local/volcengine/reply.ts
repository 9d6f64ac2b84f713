import type { ServerResponse } from 'node:http';
import type { ApiError } from './api-error.ts';

/** A JSON reply of the API, before it is sent. */
export type Reply = {
  httpStatus: number;
  body: string;
  code?: string;
  retryAfterSeconds?: number;
  effective: boolean;
};

export type ReplyContext = {
  requestId: string;
  service: string;
  action: string;
  version: string;
  region: string;
};

export type ReplyError = Pick<ApiError, 'code' | 'httpStatus' | 'codeN' | 'message' | 'retryAfterSeconds'>;

export function successReply(
  context: ReplyContext,
  result: Record<string, unknown> | undefined,
  effective: boolean,
): Reply {
  const body = JSON.stringify({ ResponseMetadata: metadata(context), Result: result });
  return { httpStatus: 200, body, effective };
}

export function errorReply(context: ReplyContext, error: ReplyError, effective = false): Reply {
  const { code, codeN, message, retryAfterSeconds } = error;
  const reply: Reply = {
    httpStatus: error.httpStatus,
    body: JSON.stringify({
      ResponseMetadata: { ...metadata(context), Error: { Code: code, CodeN: codeN, Message: message } },
    }),
    code,
    effective,
  };
  if (retryAfterSeconds !== undefined) reply.retryAfterSeconds = retryAfterSeconds;
  return reply;
}

export type Wire = {
  httpStatus: number;
  contentType: string;
  body: string;
  retryAfterSeconds?: number | undefined;
};

export const JSON_TYPE = 'application/json; charset=utf-8';

/** `sentAt` becomes the Date header, by which a client may correct its clock. */
export function writeHead(response: ServerResponse, wire: Wire, sentAt: number): void {
  response.sendDate = false;
  response.writeHead(wire.httpStatus, {
    'Content-Type': wire.contentType,
    'Content-Length': Buffer.byteLength(wire.body),
    Date: new Date(sentAt).toUTCString(),
    ...(wire.retryAfterSeconds === undefined ? {} : { 'Retry-After': String(wire.retryAfterSeconds) }),
  });
}

export function send(response: ServerResponse, wire: Wire, sentAt: number): void {
  writeHead(response, wire, sentAt);
  response.end(wire.body);
}

function metadata({ requestId, service, action, version, region }: ReplyContext): Record<string, unknown> {
  return { RequestId: requestId, Action: action, Version: version, Service: service, Region: region };
}

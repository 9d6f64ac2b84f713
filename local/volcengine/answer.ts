import type { ServerResponse } from 'node:http';
import type { ApiError } from './api-error.ts';

/** One JSON answer of the API, before it is sent. */
export type Answer = {
  httpStatus: number;
  body: string;
  code?: string;
  retryAfterSeconds?: number;
  effective: boolean;
};

export type AnswerContext = {
  requestId: string;
  service: string;
  action: string;
  version: string;
  region: string;
};

export type AnsweredError = Pick<ApiError, 'code' | 'httpStatus' | 'codeN' | 'message' | 'retryAfterSeconds'>;

export function successAnswer(
  context: AnswerContext,
  result: Record<string, unknown> | undefined,
  effective: boolean,
): Answer {
  const body = JSON.stringify({ ResponseMetadata: metadata(context), Result: result });
  return { httpStatus: 200, body, effective };
}

export function errorAnswer(context: AnswerContext, error: AnsweredError, effective = false): Answer {
  const { code, codeN, message, retryAfterSeconds } = error;
  const answer: Answer = {
    httpStatus: error.httpStatus,
    body: JSON.stringify({
      ResponseMetadata: { ...metadata(context), Error: { Code: code, CodeN: codeN, Message: message } },
    }),
    code,
    effective,
  };
  if (retryAfterSeconds !== undefined) answer.retryAfterSeconds = retryAfterSeconds;
  return answer;
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

function metadata({ requestId, service, action, version, region }: AnswerContext): Record<string, unknown> {
  return { RequestId: requestId, Action: action, Version: version, Service: service, Region: region };
}

import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** Short and printable, without a character that means something to a log, a page or a shell. */
const REQUEST_ID = /^[A-Za-z0-9][\w.~:=+/@-]{0,63}$/;

/** W3C Trace Context, section 3.2, version 00. */
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

export type RequestIds = { callerRequestId: string; traceparent?: string };

/**
 * The ids by which the caller finds its request again. `callerRequestId`: its header X-Request-Id, or the id of API
 * Gateway. A header that is repeated, too long or malformed counts as absent.
 */
export function requestIdsOf({ headers, requestContext }: APIGatewayProxyEventV2): RequestIds {
  const { 'x-request-id': sent = '', traceparent } = headers;
  return {
    callerRequestId: REQUEST_ID.test(sent) ? sent : requestContext.requestId,
    ...(isTraceparent(traceparent) && { traceparent }),
  };
}

export function isTraceparent(value: unknown): value is string {
  return typeof value === 'string' && TRACEPARENT.test(value);
}

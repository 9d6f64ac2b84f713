import { isUtf8 } from 'node:buffer';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

export type HttpRequest = {
  method: string;
  /** As sent, with the query. */
  target: string;
  /** By name in lower case, with the values of all headers of that name. */
  headers: NodeJS.Dict<string[]>;
  body: Buffer;
  sourceIp: string;
};

export type EventDetails = {
  routeKey: string;
  pathParameters: Record<string, string>;
  requestId: string;
  now: Date;
  accountId: string;
  /** Whether the route asks for IAM authorisation. Here nobody signs: every caller is the user `local`. */
  iam: boolean;
};

const TEXT_TYPES = /^(text\/.*|application\/(json|xml|javascript|.*\+json|.*\+xml))$/;

/**
 * The event of payload format 2.0: header names in lower case, values of repeated ones joined by commas, cookies
 * apart, the path decoded, the query as sent. A body that is not declared as text, or is not UTF-8, comes in base64.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function requestEvent(request: HttpRequest, details: EventDetails): APIGatewayProxyEventV2 {
  const { method, target, body, sourceIp } = request;
  const { cookie, ...repeatable } = request.headers;
  const headers = joinedHeaders(repeatable);
  const { path, query } = splitTarget(target);
  const domainName = headers.host ?? 'localhost';
  const mediaType = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  const isText = TEXT_TYPES.test(mediaType) && isUtf8(body);
  const { accountId } = details;
  const requestContext = {
    accountId,
    apiId: 'local',
    domainName,
    domainPrefix: domainName.split(/[.:]/)[0] ?? '',
    http: { method, path, protocol: 'HTTP/1.1', sourceIp, userAgent: headers['user-agent'] ?? '' },
    requestId: details.requestId,
    routeKey: details.routeKey,
    stage: '$default',
    time: commonLogTime(details.now),
    timeEpoch: details.now.getTime(),
    ...(details.iam && { authorizer: { iam: localUser(accountId) } }),
  };
  return {
    version: '2.0',
    routeKey: details.routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookie !== undefined && { cookies: cookie.flatMap((value) => value.split('; ')) }),
    headers,
    ...(query !== '' && { queryStringParameters: queryParameters(query) }),
    requestContext,
    ...(Object.keys(details.pathParameters).length > 0 && { pathParameters: details.pathParameters }),
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** The identity of an IAM user, as API Gateway sends it. */
function localUser(accountId: string) {
  return {
    accessKey: 'local',
    accountId,
    callerId: 'local',
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: `arn:aws:iam::${accountId}:user/local`,
    userId: 'local',
  };
}

/** The decoded path and the raw query. A path that is not valid percent-encoding stays as it is. */
export function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf('?');
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : target.slice(mark + 1);
  try {
    return { path: decodeURIComponent(rawPath), query };
  } catch {
    return { path: rawPath, query };
  }
}

function joinedHeaders(headers: NodeJS.Dict<string[]>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values?.join(',')]));
}

function queryParameters(query: string): Record<string, string> {
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const earlier = parameters.get(name);
    parameters.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return Object.fromEntries(parameters);
}

/** `12/Mar/2020:19:03:58 +0000` */
function commonLogTime(date: Date): string {
  const [, day, month, year, time] = date.toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}

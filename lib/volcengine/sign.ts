import { createHmac, hash, type KeyObject } from 'node:crypto';
import type { Credentials } from './credentials.ts';
import { signingKey } from './signing-key.ts';

export type GetRequest = {
  credentials: Credentials;
  service: string;
  region: string;
  /** The Host header: with the port, unless it is the scheme's default. */
  host: string;
  query: Record<string, string>;
  /** Milliseconds since the epoch, in Volcengine's time. */
  timeMs: number;
};

export type SignedGet = { path: string; headers: Record<string, string> };

const ALGORITHM = 'HMAC-SHA256';
const EMPTY_BODY_SHA256 = hash('sha256', '');

/**
 * Signs a `GET /` with Volcengine's HMAC-SHA256 (the shape of AWS SigV4, without its `AWS4` prefix).
 * Signs host, x-date and, with temporary credentials, x-security-token, as the official Node SDK does.
 * Pure, apart from two caches: signing keys, and the common part of the requests of the last second.
 * The credentials must be valid header values.
 */
export function signGet(request: GetRequest): SignedGet {
  const { headers, key, canonicalEnd, toSignStart, authorizationStart } = commonPart(request);
  const queryString = canonicalQuery(request.query);
  const canonicalRequest = `GET\n/\n${queryString}${canonicalEnd}`;
  const stringToSign = toSignStart + hash('sha256', canonicalRequest);
  const signature = createHmac('sha256', key).update(stringToSign).digest('hex');
  return { path: `/?${queryString}`, headers: { ...headers, authorization: authorizationStart + signature } };
}

type CommonPart = {
  of: GetRequest;
  headers: Record<string, string>;
  key: KeyObject;
  canonicalEnd: string;
  toSignStart: string;
  authorizationStart: string;
};

let last: CommonPart | undefined;

/** Everything except the query. Cached: reused if the next request has the same second and differs only in its query. */
function commonPart(request: GetRequest): CommonPart {
  if (last === undefined || !isAlike(last.of, request)) last = newCommonPart(request);
  return last;
}

function isAlike(a: GetRequest, b: GetRequest): boolean {
  return (
    Math.floor(a.timeMs / 1_000) === Math.floor(b.timeMs / 1_000) &&
    a.credentials.accessKeyId === b.credentials.accessKeyId &&
    a.credentials.secretAccessKey === b.credentials.secretAccessKey &&
    a.credentials.sessionToken === b.credentials.sessionToken &&
    a.service === b.service &&
    a.region === b.region &&
    a.host === b.host
  );
}

function newCommonPart(request: GetRequest): CommonPart {
  const { credentials, service, region, host, timeMs } = request;
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const dateTime = basicDateTime(timeMs);
  const date = dateTime.slice(0, 8);
  const scope = `${date}/${region}/${service}/request`;
  const headers: Record<string, string> = { host, 'x-date': dateTime };
  if (sessionToken) headers['x-security-token'] = sessionToken;
  const signedHeaders = Object.keys(headers).join(';');
  const canonicalHeaders = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  return {
    // A copy, because the caller may change its object.
    of: { ...request, credentials: { ...credentials }, query: {} },
    headers,
    key: signingKey(secretAccessKey, date, region, service),
    canonicalEnd: `\n${canonicalHeaders.join('')}\n${signedHeaders}\n${EMPTY_BODY_SHA256}`,
    toSignStart: `${ALGORITHM}\n${dateTime}\n${scope}\n`,
    authorizationStart: `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=`,
  };
}

/** Sorts by the raw key, by code unit: `FlowLogIds.10` comes before `FlowLogIds.2`. */
export function canonicalQuery(query: Record<string, string>): string {
  let canonical = '';
  for (const key of Object.keys(query).sort()) {
    canonical += `${canonical === '' ? '' : '&'}${escapeRfc3986(key)}=${escapeRfc3986(query[key] ?? '')}`;
  }
  return canonical;
}

const UNRESERVED_ONLY = /^[A-Za-z0-9_.~-]*$/;

/** `encodeURIComponent` does not escape `!'()*`, and throws on lone surrogates, which a NextToken may contain. */
function escapeRfc3986(text: string): string {
  if (UNRESERVED_ONLY.test(text)) return text;
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** `20260102T030405Z` */
function basicDateTime(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

import { createHmac, hash } from 'node:crypto';
import type { Credentials } from './credentials.ts';
import { signingKey } from './signing-key.ts';

export type GetRequest = {
  credentials: Credentials;
  service: string;
  region: string;
  /** As it is sent: with its port unless that is the scheme's default. */
  host: string;
  query: Record<string, string>;
  /** Milliseconds since the epoch, by Volcengine's clock. */
  timeMs: number;
};

export type SignedGet = { path: string; headers: Record<string, string> };

const ALGORITHM = 'HMAC-SHA256';
const EMPTY_BODY_SHA256 = hash('sha256', '');

/**
 * Signs a `GET /` with Volcengine's HMAC-SHA256 (the shape of AWS SigV4, without its `AWS4` prefix).
 * Signs host, x-date and, with temporary credentials, x-security-token, as the official Node SDK does.
 * Pure but for what it remembers to be quick: signing keys, and the current second.
 * The credentials must be valid header values.
 */
export function signGet({ credentials, service, region, host, query, timeMs }: GetRequest): SignedGet {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const dateTime = basicDateTime(timeMs);
  const date = dateTime.slice(0, 8);
  const scope = `${date}/${region}/${service}/request`;
  const queryString = canonicalQuery(query);
  const headers: Record<string, string> = { host, 'x-date': dateTime };
  let signedHeaders = 'host;x-date';
  let canonicalHeaders = `host:${host}\nx-date:${dateTime}\n`;
  if (sessionToken) {
    headers['x-security-token'] = sessionToken;
    signedHeaders = 'host;x-date;x-security-token';
    canonicalHeaders += `x-security-token:${sessionToken}\n`;
  }
  const canonicalRequest = `GET\n/\n${queryString}\n${canonicalHeaders}\n${signedHeaders}\n${EMPTY_BODY_SHA256}`;
  const stringToSign = `${ALGORITHM}\n${dateTime}\n${scope}\n${hash('sha256', canonicalRequest)}`;
  const signature = createHmac('sha256', signingKey(secretAccessKey, date, region, service))
    .update(stringToSign)
    .digest('hex');
  headers.authorization = `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
  return { path: `/?${queryString}`, headers };
}

/** Sorted by the raw key, by code unit: `FlowLogIds.10` comes before `FlowLogIds.2`. */
function canonicalQuery(query: Record<string, string>): string {
  let canonical = '';
  for (const key of Object.keys(query).sort()) {
    canonical += `${canonical === '' ? '' : '&'}${escapeRfc3986(key)}=${escapeRfc3986(query[key] ?? '')}`;
  }
  return canonical;
}

const UNRESERVED_ONLY = /^[A-Za-z0-9_.~-]*$/;

/** `encodeURIComponent` spares `!'()*` and throws on lone surrogates, which a NextToken could contain. */
function escapeRfc3986(text: string): string {
  if (UNRESERVED_ONLY.test(text)) return text;
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

let formattedSecond = Number.NaN;
let formatted = '';

/** `20260102T030405Z`; formatted once a second, for that takes as long as hashing. */
function basicDateTime(timeMs: number): string {
  const second = Math.floor(timeMs / 1000);
  if (second !== formattedSecond) {
    const iso = new Date(timeMs).toISOString();
    formatted = `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}Z`;
    formattedSecond = second;
  }
  return formatted;
}

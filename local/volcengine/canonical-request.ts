import { createHash } from 'node:crypto';
import type { SignedRequest } from './signed-request.ts';

/** What the signature covers. Undefined if a header that is named as signed was not sent. */
export function canonicalRequest(request: SignedRequest, signedHeaders: string[]): string | undefined {
  const headerLines: string[] = [];
  for (const name of signedHeaders) {
    const values = request.headers.get(name);
    if (values === undefined) return undefined;
    headerLines.push(`${name}:${values.map(canonicalHeaderValue).join(',')}\n`);
  }
  return [
    request.method,
    request.path,
    canonicalQuery(request.query),
    headerLines.join(''),
    signedHeaders.join(';'),
    request.headers.get('x-content-sha256')?.[0] ?? request.bodySha256,
  ].join('\n');
}

export function stringToSign(xDate: string, scope: string, canonical: string): string {
  const hash = createHash('sha256').update(canonical).digest('hex');
  return ['HMAC-SHA256', xDate, scope, hash].join('\n');
}

/** Sorted by the raw name, then the raw value: `FlowLogIds.10` comes before `FlowLogIds.2`. */
function canonicalQuery(query: SignedRequest['query']): string {
  return query
    .toSorted(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
    .map(([name, value]) => `${escapeRfc3986(name)}=${escapeRfc3986(value)}`)
    .join('&');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function canonicalHeaderValue(value: string): string {
  return value.trim().replace(/\s+/g, ' ');
}

function escapeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

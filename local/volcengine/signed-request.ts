import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ApiError } from './api-error.ts';
import { readWholeBody } from './read-body.ts';

/** A request as it came over the wire: nothing merged, defaulted or dropped. */
export type SignedRequest = {
  method: string;
  path: string;
  /** Decoded, in the order sent, duplicates included. */
  query: (readonly [name: string, value: string])[];
  /** The same of a body that is a form; otherwise empty. */
  form: (readonly [name: string, value: string])[];
  /** Lower-case name to every value sent for it. */
  headers: Map<string, string[]>;
  /** Hex, of the body really received. */
  bodySha256: string;
};

const BODY_LIMIT_BYTES = 1024 * 1024;

/** Throws an ApiError for a target that cannot be decoded. */
export async function receiveRequest(message: IncomingMessage): Promise<SignedRequest> {
  const target = message.url ?? '/';
  const queryStart = target.indexOf('?');
  const body = await readWholeBody(message, BODY_LIMIT_BYTES);
  const isForm = message.headers['content-type'] === 'application/x-www-form-urlencoded';
  return {
    method: message.method ?? '',
    path: queryStart === -1 ? target : target.slice(0, queryStart),
    query: queryStart === -1 ? [] : parseQuery(target.slice(queryStart + 1)),
    form: isForm ? parseQuery(body.toString()) : [],
    headers: collectHeaders(message.rawHeaders),
    bodySha256: createHash('sha256').update(body).digest('hex'),
  };
}

function parseQuery(text: string): (readonly [string, string])[] {
  return text
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals === -1
        ? ([decode(pair), ''] as const)
        : ([decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))] as const);
    });
}

function decode(text: string): string {
  try {
    // A bare plus is a space: the Go and Python SDKs sign %20 and send a plus.
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new ApiError('InvalidParameter', 'The query string is not valid percent-encoded UTF-8.');
  }
}

function collectHeaders(rawHeaders: string[]): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const values = headers.get(name) ?? [];
    values.push(rawHeaders[index + 1] ?? '');
    headers.set(name, values);
  }
  return headers;
}

import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { parseExactJson } from './exact-json.ts';
import { fieldOf, httpProblem, invalidContent, Problem } from './problem.ts';
import { repeatedKeys } from './repeated-keys.ts';

const BODY_LIMIT_BYTES = 1_000_000;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses the JSON body, from plain or base64 transport.
 * Throws Problem: 415 for another content type, 413 over 1 MB, 400 for anything that is not JSON in UTF-8 and for a
 * number that JavaScript cannot hold exactly, 422 for a repeated key.
 */
export function readJsonBody(event: APIGatewayProxyEventV2): unknown {
  const contentType = event.headers['content-type'] ?? '';
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(contentType.trim())) {
    throw httpProblem('unsupported-media-type', {
      detail: 'send application/json, in UTF-8',
      errors: [{ field: 'content-type', message: 'must be application/json' }],
    });
  }
  const bytes = readBytes(event);
  const json = parseJsonText(bytes, (text) =>
    parseExactJson(text, () => {
      throw unparsable('has a number with more digits than can be kept: send it as text');
    }),
  );
  const repeated = repeatedKeys(bytes.toString());
  if (repeated.length === 0) return json;
  throw invalidContent(repeated.map((keys) => ({ field: fieldOf(keys), message: 'is there twice' })));
}

/**
 * Returns the bytes of the body as they were sent, from plain or base64 transport.
 * Throws Problem: 413 over 1 MB, 400 for text that has no UTF-8 encoding.
 */
export function readBytes(event: APIGatewayProxyEventV2): Buffer {
  const { body = '', isBase64Encoded } = event;
  if (!isBase64Encoded && !body.isWellFormed()) throw unparsable('is not JSON in UTF-8');
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > BODY_LIMIT_BYTES) {
    throw httpProblem('content-too-large', {
      detail: `at most ${BODY_LIMIT_BYTES} bytes`,
      errors: [{ field: 'body', message: `is ${bytes.length} bytes long` }],
    });
  }
  return bytes;
}

/** Throws Problem 400 for anything that is not JSON in UTF-8. `parse` is JSON.parse or a variant of it. */
export function parseJsonText<Json>(bytes: Buffer, parse: (text: string) => Json): Json {
  if (bytes.length === 0) throw unparsable('is empty');
  const text = readUtf8(bytes);
  try {
    return parse(text);
  } catch (error) {
    throw error instanceof Problem ? error : unparsable('is not JSON in UTF-8');
  }
}

/** Throws Problem 400 for bytes that are not UTF-8. */
export function readUtf8(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw unparsable('is not JSON in UTF-8');
  }
}

/** A 400 whose only error is about the body. */
export function unparsable(message: string): Problem {
  return httpProblem('unparsable-body', {
    detail: `the body ${message}`,
    errors: [{ field: 'body', message }],
  });
}

/** Like readJsonBody, for a request whose body is optional: an empty body is `{}`, with any content type. */
export function readOptionalJsonBody(event: APIGatewayProxyEventV2): unknown {
  return event.body ? readJsonBody(event) : {};
}

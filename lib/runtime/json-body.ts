import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Problem } from './problem.ts';

const BODY_LIMIT_BYTES = 1_000_000;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The parsed JSON body, from plain or base64 transport.
 * Throws Problem: 415 for another content type, 413 over 1 MB, 400 for anything that is not JSON in UTF-8.
 */
export function readJsonBody(event: APIGatewayProxyEventV2): unknown {
  const contentType = event.headers['content-type'] ?? '';
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(contentType.trim())) {
    throw new Problem({
      status: 415,
      code: 'unsupported-media-type',
      title: 'The content type is not supported',
      detail: 'send application/json, in UTF-8',
      errors: [{ field: 'content-type', message: 'must be application/json' }],
    });
  }
  return parseJson(readBytes(event));
}

/**
 * The body as it was sent, from plain or base64 transport.
 * Throws Problem 413 over 1 MB.
 */
export function readBytes(event: APIGatewayProxyEventV2): Buffer {
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > BODY_LIMIT_BYTES) {
    throw new Problem({
      status: 413,
      code: 'content-too-large',
      title: 'The body is too large',
      detail: `at most ${BODY_LIMIT_BYTES} bytes`,
      errors: [{ field: 'body', message: `is ${bytes.length} bytes long` }],
    });
  }
  return bytes;
}

/** Throws Problem 400 for anything that is not JSON in UTF-8. */
export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    const message = bytes.length === 0 ? 'is empty' : 'is not JSON in UTF-8';
    throw new Problem({
      status: 400,
      code: 'unparsable-body',
      title: 'The body cannot be parsed',
      detail: `the body ${message}`,
      errors: [{ field: 'body', message }],
    });
  }
}

/** As readJsonBody, but for a request that may do without: an empty body is `{}`, whatever its content type. */
export function readOptionalJsonBody(event: APIGatewayProxyEventV2): unknown {
  return event.body ? readJsonBody(event) : {};
}

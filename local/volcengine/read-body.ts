import type { IncomingMessage } from 'node:http';
import { readBody } from '../read-body.ts';

export class BodyTooLarge extends Error {
  constructor(limitBytes: number) {
    super(`The body is larger than ${limitBytes} bytes.`);
    this.name = 'BodyTooLarge';
  }
}

/** Throws BodyTooLarge. */
export async function readWholeBody(message: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const body = await readBody(message, limitBytes);
  if (body === undefined) throw new BodyTooLarge(limitBytes);
  return body;
}

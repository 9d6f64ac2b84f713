import type { IncomingMessage } from 'node:http';

export class BodyTooLarge extends Error {
  constructor(limitBytes: number) {
    super(`The body is larger than ${limitBytes} bytes.`);
    this.name = 'BodyTooLarge';
  }
}

/** Throws BodyTooLarge; the rest of the body is then left unread. */
export async function readBody(message: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of message.iterator({ destroyOnReturn: false })) {
    const buffer = Buffer.from(chunk);
    sizeBytes += buffer.length;
    if (sizeBytes > limitBytes) throw new BodyTooLarge(limitBytes);
    chunks.push(buffer);
  }
  return Buffer.concat(chunks);
}

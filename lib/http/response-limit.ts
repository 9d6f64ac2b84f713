import type { Socket } from 'node:net';

/** More came than any answer has. The connection is ended. */
class ResponseTooLong extends Error {
  override name = 'ResponseTooLong';
  readonly code = 'ResponseTooLong';
  constructor(maxBytes: number) {
    super(`the answer is longer than ${maxBytes} bytes`);
  }
}

/**
 * Ends the connection when more than `maxBytes` come after a request, whatever they are. undici bounds the headers and
 * the body of an answer, and neither its status line, nor how many 1xx come before it, nor chunk extensions and trailers.
 * One request at a time is on the connection, so that what is written begins a new answer.
 */
export function limitResponses(socket: Socket, maxBytes: number): void {
  let written = 0;
  let read = 0;
  socket.on('data', ({ length }: Buffer) => {
    if (socket.bytesWritten !== written) {
      written = socket.bytesWritten;
      read = 0;
    }
    read += length;
    if (read > maxBytes) socket.destroy(new ResponseTooLong(maxBytes));
  });
}

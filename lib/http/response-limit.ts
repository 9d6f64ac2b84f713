import type { Socket } from 'node:net';

/** The response is too long. The connection was closed. */
class ResponseTooLong extends Error {
  override name = 'ResponseTooLong';
  readonly code = 'ResponseTooLong';
  constructor(maxBytes: number) {
    super(`the response is longer than ${maxBytes} bytes`);
  }
}

/**
 * Closes the connection when more than `maxBytes` of any kind arrive after a request. undici limits the headers and the
 * body of a response, but not its status line, the number of 1xx responses, chunk extensions or trailers.
 * The connection carries one request at a time, so every write starts a new count.
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

import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import * as v from 'valibot';
import { runAsChild } from '../../local/supervisor/child-side.ts';
import { ACTIVATED } from '../activated.ts';

const Config = v.object({ latencyMs: v.number() });

const HEAD_END = '\r\n\r\n';

/** With the headers that a gateway sends; the date is that of the second. */
function response(): string {
  return [
    'HTTP/1.1 200 OK',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(ACTIVATED)}`,
    `Date: ${new Date().toUTCString()}`,
    'Connection: keep-alive',
    'Server: volcengine',
    'X-Tt-Logid: 20260102030405A1B2C3D4E5F6A7B8C9D0',
    '',
    ACTIVATED,
  ].join('\r\n');
}

/**
 * Responds to any GET with the same success, as fast as possible: a real HTTP server would take more time than some
 * of the clients, and the bench would measure the server.
 */
async function start({ latencyMs }: v.InferOutput<typeof Config>) {
  let current = response();
  const refresh = setInterval(() => {
    current = response();
  }, 500);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    let rest = '';
    socket.setEncoding('latin1').on('data', (text) => {
      rest += text;
      for (let end = rest.indexOf(HEAD_END); end !== -1; end = rest.indexOf(HEAD_END)) {
        rest = rest.slice(end + HEAD_END.length);
        if (latencyMs === 0) socket.write(current);
        else setTimeout(() => socket.write(current), latencyMs);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    ready: { host: `127.0.0.1:${address.port}` },
    async stop() {
      clearInterval(refresh);
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

runAsChild(Config, start);

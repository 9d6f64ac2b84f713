import type { ServerResponse } from 'node:http';
import type { Respond } from './recording-receiver.ts';

export function answersAfter(delayMs: number): Respond {
  return (response) => {
    const timer = setTimeout(() => response.writeHead(200).end(), delayMs);
    response.on('close', () => clearTimeout(timer));
  };
}

/** What a receiver may do to those who wait for it, by what it does. */
export const SPOILERS = {
  hangs: () => {},
  fails: (response: ServerResponse) => void response.writeHead(500).end(),
  'answers 200 and withholds its body': (response: ServerResponse) => {
    response.writeHead(200, { 'content-length': 99 }).flushHeaders();
  },
  'answers 500 and withholds its body': (response: ServerResponse) => {
    response.writeHead(500, { 'content-length': 99 }).flushHeaders();
  },
  'answers after 1.5 s': answersAfter(1_500),
  'sends a header every while': (response: ServerResponse) => {
    response.socket?.write('HTTP/1.1 200 OK\r\n');
    const timer = setInterval(() => response.socket?.write('x: y\r\n'), 100);
    response.on('close', () => clearInterval(timer));
  },
} satisfies Record<string, Respond>;

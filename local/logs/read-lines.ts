import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Calls back for every non-empty line; a last one without a line break included. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
    if (line !== '') onLine(line);
  });
}

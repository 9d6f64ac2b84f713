import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Calls back for every non-empty line, also for a last line without a line break. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
    if (line !== '') onLine(line);
  });
}

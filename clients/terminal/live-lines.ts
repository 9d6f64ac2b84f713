import type { Writable } from 'node:stream';

/** Standard output, or what a test gives in its place. */
export type Terminal = Writable & { isTTY?: boolean; columns?: number; rows?: number };

/** Whether lines can be redrawn in place. A log, a dumb terminal and a CI cannot. */
export function isLive({ isTTY }: Terminal, { TERM, CI }: Record<string, string | undefined>): boolean {
  return isTTY === true && TERM !== 'dumb' && !CI;
}

/**
 * Returns what draws lines over those that it drew before. Lines that have scrolled away cannot be redrawn: there must
 * be fewer lines than the terminal has rows, and none may be wider than the terminal.
 */
export function liveLines(terminal: Terminal): (lines: string[]) => void {
  let drawn: { columns: number; height: number } | undefined;
  return (lines) => {
    const { columns = 80 } = terminal;
    // When the width changes, the terminal wraps old lines again, and their number is unknown.
    const back =
      drawn === undefined ? '' : drawn.columns === columns ? `\u001b[${drawn.height}A` : '\u001b[2J\u001b[H';
    terminal.write(`${back}${lines.map((line) => `\u001b[2K${line}\n`).join('')}\u001b[J`);
    drawn = { columns, height: lines.length };
  };
}

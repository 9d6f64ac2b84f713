import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import stringWidth from 'string-width';
import { clip, pad, wrap } from '../terminal/layout.ts';
import { isLive, type Terminal } from '../terminal/live-lines.ts';

type Style = Parameters<typeof styleText>[0];

const INDENT = '  ';

/** Where a command prints. For people, or with `--output json` for programs; never both. */
export type Output = {
  terminal: Terminal;
  isJson: boolean;
  /** Lines can be redrawn in place. */
  isLive: boolean;
  columns: number;
  /** For people. */
  print(...lines: string[]): void;
  /** For people: a paragraph, indented, and broken between words on a terminal. */
  prose(text: string): void;
  /** For programs: one line of JSON. */
  value(value: unknown): void;
  /** For people, on standard error. */
  note(...lines: string[]): void;
  paint(style: Style, text: string): string;
};

type Streams = { stdout: Terminal; stderr: Writable; env: Record<string, string | undefined> };

export function createOutput({ stdout, stderr, env }: Streams, isJson: boolean): Output {
  const { columns = 80, isTTY = false } = stdout;
  const print = (...lines: string[]) => {
    if (!isJson) stdout.write(lines.map((line) => `${line}\n`).join(''));
  };
  return {
    terminal: stdout,
    isJson,
    isLive: !isJson && isLive(stdout, env),
    columns,
    print,
    prose: (text) =>
      print(INDENT + (isTTY ? wrap(text, columns - INDENT.length) : text).replaceAll('\n', `\n${INDENT}`)),
    value: (value) => {
      if (isJson) stdout.write(`${JSON.stringify(value)}\n`);
    },
    note: (...lines) => void stderr.write(lines.map((line) => `${line}\n`).join('')),
    paint: (style, text) => styleText(style, text, { stream: stdout }),
  };
}

/** One row of a table. A style colours the first cell that it names by its index. */
export type Row = { cells: string[]; styles?: Record<number, Style> };

/** A column that is wider gives way on a terminal. An id of Volcengine is shown whole. */
const NARROWED = 30;

/** Returns the lines of a table. On a terminal wide columns are narrowed, and the last cut, so that each row is one line. */
export function tableLines(out: Output, heads: string[], rows: Row[]): string[] {
  const all: Row[] = [
    { cells: heads, styles: Object.fromEntries(heads.map((_, index) => [index, 'gray'])) },
    ...rows,
  ];
  const columns = out.terminal.isTTY ? out.columns : Number.POSITIVE_INFINITY;
  const widths = narrowed(
    heads.map((_, column) => Math.max(...all.map(({ cells }) => stringWidth(cells[column] ?? '')))),
    columns,
  );
  return all.map(({ cells, styles = {} }) => {
    let left = columns;
    const shown: string[] = [];
    for (const [column, cell] of cells.entries()) {
      if (left < 1) break;
      const width = Math.min(widths[column] ?? 0, left);
      const isLast = column === cells.length - 1;
      const fitted = isLast ? clip(cell, width) : pad(clip(cell, width), width);
      left -= width + GAP;
      const style = styles[column];
      shown.push(style === undefined ? fitted : out.paint(style, fitted));
    }
    return shown.join(' '.repeat(GAP)).trimEnd();
  });
}

const GAP = 2;

/** The widest columns give way first, but none below `NARROWED`. */
function narrowed(widths: number[], columns: number): number[] {
  let over = widths.reduce((sum, width) => sum + width + GAP, -GAP) - columns;
  const fitted = [...widths];
  while (over > 0) {
    const widest = Math.max(...fitted);
    if (widest <= NARROWED) break;
    fitted[fitted.lastIndexOf(widest)] = widest - 1;
    over -= 1;
  }
  return fitted;
}

import { Writable } from 'node:stream';
import stringWidth from 'string-width';

/** A terminal that keeps lines as one does: it breaks what is too wide, and obeys "up" and "erase". */
export class FakeTerminal extends Writable {
  readonly isTTY: boolean;
  columns: number;
  rows = 50;
  readonly lines: string[] = [''];
  #row = 0;

  constructor(columns: number, isTTY = true) {
    super({ decodeStrings: false });
    this.columns = columns;
    this.isTTY = isTTY;
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    const [plain = '', ...controlled] = String(chunk).split('\u001b');
    this.#print(plain);
    for (const text of controlled) {
      const [, count = '', command, rest = ''] = /^\[([\d;]*)([A-Za-z])([\s\S]*)$/.exec(text) ?? [];
      if (command === 'A') this.#row = Math.max(0, this.#row - Number(count));
      if (command === 'K') this.lines[this.#row] = '';
      if (command === 'J') this.lines.splice(count === '2' ? 0 : this.#row, this.lines.length, '');
      if (command === 'H') this.#row = 0;
      this.#print(rest);
    }
    done();
  }

  #print(text: string): void {
    for (const { segment } of new Intl.Segmenter().segment(text)) {
      if (segment === '\n') this.#down();
      else this.#put(segment);
    }
  }

  #put(character: string): void {
    const line = this.lines[this.#row] ?? '';
    if (stringWidth(line + character) > this.columns) {
      this.#down();
      this.lines[this.#row] = character;
    } else this.lines[this.#row] = line + character;
  }

  #down(): void {
    this.#row += 1;
    this.lines[this.#row] ??= '';
  }
}

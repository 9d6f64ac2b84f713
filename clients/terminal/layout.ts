import stringWidth from 'string-width';

/** Made when it is needed: that takes a while. */
let segmenter: Intl.Segmenter | undefined;

function charactersOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter();
  return segmenter.segment(text);
}

/** Cuts a text to at most so many columns, with an ellipsis in place of the rest. */
export function clip(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  let clipped = '';
  let width = 0;
  for (const { segment } of charactersOf(text)) {
    width += stringWidth(segment);
    if (width > columns - 1) break;
    clipped += segment;
  }
  return columns < 1 ? '' : `${clipped}…`;
}

/** Fills a text with blanks up to so many columns. A wide character takes two columns. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - stringWidth(text)));
}

/** Breaks a text between words into lines of at most so many columns. A longer word gets a line of its own. */
export function wrap(text: string, columns: number): string {
  return text
    .split('\n')
    .map((paragraph) => {
      const lines: string[] = [''];
      for (const word of paragraph.split(' ')) {
        const line = lines.at(-1) ?? '';
        if (line !== '' && stringWidth(`${line} ${word}`) > columns) lines.push(word);
        else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
      }
      return lines.join('\n');
    })
    .join('\n');
}

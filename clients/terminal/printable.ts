/**
 * Characters that a terminal obeys instead of showing them: control characters, and invisible ones that reorder or break
 * a line. In JSON, too, the escapes mean the characters.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it searches for them.
const OBEYED = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Returns the text as one line without what a terminal obeys. For paths, and for text that others wrote. */
export function printable(text: string): string {
  return text.replace(OBEYED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The same for a text of several lines, such as a message that quotes another program. */
export function printableLines(text: string): string {
  return text.split(/\r?\n/).map(printable).join('\n');
}

const WRITTEN = /^[a-z][a-z0-9+.-]*:\/\/[^\s\p{Cc}\\/]+(?:[/?#][^\s\p{Cc}\\]*)?$/iu;

/** Stricter than `URL`: false for `http:host` and for text with blanks, backslashes or control characters. */
export function isWrittenUrl(text: string): boolean {
  return WRITTEN.test(text);
}

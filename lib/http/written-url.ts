const WRITTEN = /^[a-z][a-z0-9+.-]*:\/\/[^\s\p{Cc}\\/]+(?:[/?#][^\s\p{Cc}\\]*)?$/iu;

/** False for what only `URL` takes for one: `http:host`, and whatever has blanks, backslashes or control characters. */
export function isWrittenUrl(text: string): boolean {
  return WRITTEN.test(text);
}

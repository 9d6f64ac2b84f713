const STRICT = /^[a-z][a-z0-9+.-]*:\/\/[^\s\p{Cc}\\/]+(?:[/?#][^\s\p{Cc}\\]*)?$/iu;

/** Stricter than `URL`: false for `http:host` and for text with blanks, backslashes or control characters. */
export function isStrictUrl(text: string): boolean {
  return STRICT.test(text);
}

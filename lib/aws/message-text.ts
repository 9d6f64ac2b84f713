/**
 * All that is not `#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD`, as UTF-16 units. SQS also takes characters
 * beyond U+FFFF (docs "SendMessage", MessageBody), but not every implementation of it does.
 */
const REFUSED = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g;

/**
 * The text with each unit that a queue or bus may refuse written as JSON escapes it. JSON has such units only within
 * its strings: it is parsed to the same value. ASCII, and most other text, stays as it is.
 */
export function messageText(text: string): string {
  return text.replaceAll(REFUSED, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

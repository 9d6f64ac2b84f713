/**
 * Every UTF-16 unit other than `#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD`. SQS also accepts characters
 * beyond U+FFFF (docs "SendMessage", MessageBody), but some emulators of SQS do not.
 */
const REFUSED = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g;

/**
 * Replaces each unit that a queue or bus may refuse with its JSON escape. Such units occur only inside the strings of a
 * JSON text, so it still parses to the same value. ASCII, and most other text, stays unchanged.
 */
export function messageText(text: string): string {
  return text.replaceAll(REFUSED, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

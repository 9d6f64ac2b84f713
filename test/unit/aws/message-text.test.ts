import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { messageText } from '../../../lib/aws/message-text.ts';

/** What every queue and bus takes, of ours and of AWS. */
const TAKEN = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd]*$/;

const oddText = fc.string({
  unit: fc.oneof(
    { weight: 3, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
    fc.constantFrom('\0', '\b', '\x1f', '\x7f', '\ud800', '\udfff', '\ufffd', '\ufffe', '\uffff', '𠮷', '😀'),
  ),
});

describe('JSON as the text of a message', () => {
  test('is taken, and parsed to what it was, whatever Unicode is in it', () => {
    fc.assert(
      fc.property(fc.dictionary(oddText, oddText), (value) => {
        const text = messageText(JSON.stringify(value));
        expect(text).toMatch(TAKEN);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(messageText(text)).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });

  test('stays as it is when it is of ordinary characters', () => {
    const ordinary = JSON.stringify({ ticket: 'OPS-1', 城市: '北京', é: 'ü\n\t"\\' });
    expect(messageText(ordinary)).toBe(ordinary);
  });
});

test('text that is no JSON can be read', () => {
  expect(messageText('{"half": "😀\0')).toBe(String.raw`{"half": "\ud83d\ude00\u0000`);
});

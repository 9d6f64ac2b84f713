import { expect, test } from 'vitest';
import { printable, printableLines } from '../../../../clients/terminal/printable.ts';
import { formatAsJson, formatForTerminal } from '../../../../local/logs/format-record.ts';

const HOSTILE = 'a\u001b[31mred\u0007\u009b2J\rb\u202ec\u0085d\u2028e\u0000f\u007f';

test('what a terminal obeys is shown as an escape; what it shows stays', () => {
  expect(printable(`${HOSTILE}\n\t`)).toBe(
    'a\\u001b[31mred\\u0007\\u009b2J\\u000db\\u202ec\\u0085d\\u2028e\\u0000f\\u007f\\u000a\\u0009',
  );
  expect(printable('流日志 👩‍💻 é — "x" \\n')).toBe('流日志 👩‍💻 é — "x" \\n');
  expect(printableLines('one\r\ntwo\u001b[K\nthree')).toBe('one\ntwo\\u001b[K\nthree');
});

test('no part of a log line for a terminal is obeyed by it', () => {
  const line = formatForTerminal({
    time: '2026-01-02T03:04:05.000Z',
    level: 'ERROR',
    source: HOSTILE,
    message: HOSTILE,
    fields: { [HOSTILE]: HOSTILE, error: { name: HOSTILE, message: HOSTILE }, trace: ['first', HOSTILE] },
  });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  expect(line).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/);
  expect(line?.split('\n')).toHaveLength(2);
});

test('in JSON the escapes mean what was there', () => {
  const json = formatAsJson({ time: 't', level: 'INFO', source: 's', message: HOSTILE, fields: {} });
  expect(json).toBe(printable(json));
  expect(JSON.parse(json).message).toBe(HOSTILE);
});

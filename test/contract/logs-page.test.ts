import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { logCalls } from './documents/log-calls.ts';
import { codesIn, projectFile, readPage, rowsOf, sectionOf } from './documents/page.ts';

const page = await readPage('docs/reference/logs.md');
const calls = await logCalls();

const lines = ['Follow one activation', 'Requests', 'The service'].flatMap((heading) =>
  rowsOf(sectionOf(page, heading)).flatMap(([messages = '', level = '', , fields = '']) =>
    codesIn(messages).map((message) => ({ message, level, fields: codesIn(fields) })),
  ),
);
const fields = ['Ids', 'Fields'].flatMap((heading) =>
  rowsOf(sectionOf(page, heading)).flatMap(([names = '']) => codesIn(names)),
);
/** Powertools drops the value of such a field. */
const RESERVED = ['level', 'message', 'timestamp', 'service', 'sampling_rate'];

/** In these two a variable holds the message. */
const ELSEWHERE: Record<string, string[]> = {
  'lib/activation/poller/tick-chain.ts': [
    'the poller could not be woken',
    'the next tick could not be planned',
    'a long tick could not say that it still runs',
  ],
  'lib/runtime/sqs-batch-handler.ts': [
    'message kept for another delivery',
    'message failed too often, SQS moves it to the poison queue',
  ],
};

const written = calls.flatMap(({ file, level, messages }) =>
  (messages.length > 0 ? messages : (ELSEWHERE[file] ?? [`a message of ${file}`])).map((message) => ({
    message,
    level,
  })),
);

test('docs/reference/logs.md has each line that the code writes, with its level, and no other', () => {
  expect(calls.length).toBeGreaterThan(50);
  const named = (list: { message: string; level: string }[]) =>
    [...new Set(list.map(({ message, level }) => `${level} ${message}`))].sort();
  expect(named(lines)).toEqual(named(written));
});

test('a message that a variable holds is in that file', async () => {
  for (const [file, messages] of Object.entries(ELSEWHERE)) {
    const source = await readFile(projectFile(file), 'utf8');
    for (const message of messages) expect(source).toContain(`'${message}'`);
  }
});

test('each field of a line has one row, and none has a name of the logger', () => {
  const used = [...new Set([...calls, ...lines].flatMap((line) => line.fields))];
  expect(used).toContain('activationIds');
  expect(used.filter((field) => !fields.includes(field))).toEqual([]);
  expect(fields.filter((field) => RESERVED.includes(field))).toEqual([]);
  expect(fields).toEqual([...new Set(fields)]);
});

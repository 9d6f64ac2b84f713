import * as v from 'valibot';
import { expect, test } from 'vitest';
import {
  ConfigurationError,
  jsonOr,
  numberOr,
  oneOf,
  optionalText,
  readSettings,
  text,
  textOr,
} from '../../../lib/runtime/configuration.ts';

const settings = {
  table: text('TABLE'),
  queue: text('QUEUE'),
  region: textOr('REGION', 'cn-beijing'),
  token: optionalText('TOKEN'),
  rate: numberOr('RATE', 4, 1, 100),
  idle: oneOf('IDLE', ['tick', 'return'], 'tick'),
  accounts: jsonOr('ACCOUNTS', v.record(v.string(), v.object({ key: v.string() })), {}),
};

const problemsOf = (environment: Record<string, string>) => {
  try {
    readSettings(settings, environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
  }
  return undefined;
};

test('reads what is there, and falls back where that is allowed; empty is absent', () => {
  const environment = { TABLE: 't', QUEUE: 'q', REGION: '', RATE: '2.5', ACCOUNTS: '{"a":{"key":"k"}}' };
  expect(readSettings(settings, environment)).toEqual({
    table: 't',
    queue: 'q',
    region: 'cn-beijing',
    token: undefined,
    rate: 2.5,
    idle: 'tick',
    accounts: { a: { key: 'k' } },
  });
});

test('names all that is wrong at once, and repeats no value', () => {
  const secret = 'AKLT-very-secret';
  const problems = problemsOf({ RATE: 'fast', IDLE: 'never', ACCOUNTS: `{"a":{"keys":"${secret}"}}` });
  expect(problems).toEqual([
    'TABLE is missing',
    'QUEUE is missing',
    'RATE must be a number from 1 to 100',
    'IDLE must be one of tick, return',
    'ACCOUNTS has an invalid shape at a.key',
  ]);
  expect(problemsOf({ TABLE: 't', QUEUE: 'q', ACCOUNTS: secret })).toEqual(['ACCOUNTS is not JSON']);
});

test.each(['0', '101', 'NaN', '1e999', '-1'])('a number of %s is refused', (rate) => {
  expect(problemsOf({ TABLE: 't', QUEUE: 'q', RATE: rate })).toHaveLength(1);
});

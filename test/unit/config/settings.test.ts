import { expect, test } from 'vitest';
import {
  ConfigurationError,
  numberOr,
  oneOf,
  optionalText,
  readSettings,
  text,
  wholeNumberOr,
} from '../../../lib/config/settings.ts';

const settings = {
  table: text('TABLE'),
  queue: text('QUEUE'),
  tickMs: wholeNumberOr('TICK_MS', 5_000, 50, 30_000),
  token: optionalText('TOKEN', (value) => value !== 'bad', 'must be good'),
  rate: numberOr('RATE', 4, 1, 100),
  idle: oneOf('IDLE', ['tick', 'return'], 'tick'),
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
  const environment = { TABLE: 't', QUEUE: 'q', TICK_MS: '', RATE: '2.5' };
  expect(readSettings(settings, environment)).toEqual({
    table: 't',
    queue: 'q',
    tickMs: 5_000,
    token: undefined,
    rate: 2.5,
    idle: 'tick',
  });
});

test('names all that is wrong at once, and repeats no value', () => {
  const secret = 'AKLT-very-secret';
  const problems = problemsOf({ RATE: secret, IDLE: secret, TICK_MS: secret });
  expect(problems).toEqual([
    'TABLE is missing',
    'QUEUE is missing',
    'TICK_MS must be a whole number from 50 to 30000, in digits',
    'RATE must be a number from 1 to 100, in digits',
    'IDLE must be one of tick, return',
  ]);
});

test.each(['0', '101', 'NaN', '1e999', '1e1', '0x10', '-1', '+5', ' 5', '5 ', '5.', '.5', '1_0', '1,5'])(
  'a number of %j is refused',
  (rate) => {
    expect(problemsOf({ TABLE: 't', QUEUE: 'q', RATE: rate })).toHaveLength(1);
  },
);

test.each(['49', '30001', '50.5', '1e3', '1000ms', 'abc'])('a whole number of %j is refused', (tickMs) => {
  expect(problemsOf({ TABLE: 't', QUEUE: 'q', TICK_MS: tickMs })).toHaveLength(1);
});

test('an optional text is checked when it is there', () => {
  expect(problemsOf({ TABLE: 't', QUEUE: 'q', TOKEN: 'bad' })).toEqual(['TOKEN must be good']);
});

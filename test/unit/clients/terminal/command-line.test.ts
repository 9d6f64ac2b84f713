import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../../../clients/terminal/command-line.ts';
import { choice, flag, integer, list, text } from '../../../../clients/terminal/program.ts';

const program = {
  command: 'npm run it',
  about: 'Does it.',
  options: {
    seed: integer({ help: 'of it', from: 0, to: 99, fallback: 7 }),
    batch: integer({ help: 'of it', from: 10, to: 100, multipleOf: 10, fallback: 10 }),
    kind: choice({ help: 'of it', value: 'name', words: ['hot', 'cold'] }),
    name: text({
      help: 'of it',
      value: 'name',
      fallback: undefined,
      pattern: /^[a-z]+$/,
      must: 'letters',
    }),
    size: list({ help: 'of it', value: 'name=number' }),
    quick: flag('or slow'),
  },
  operands: { name: 'part', known: { one: 'the first', two: 'the second' } },
  environment: { PORT: 'of it' },
  examples: ['one --seed 1'],
};

const reading = (...args: string[]) => parseCommandLine(program, args);

test('what is left out has its default, what is given its value', () => {
  const nothing = { seed: 7, batch: 10, kind: undefined, name: undefined, size: [], quick: false };
  expect(reading()).toEqual({ outcome: 'run', given: { values: nothing, operands: [] } });
  const all = ['two', '--seed', '0', '--batch=100', '--kind', 'cold', '--name', 'x'];
  const sizes = ['--size', 'a=1', '--size', 'b=2'];
  expect(reading(...all, ...sizes, '--quick', 'one')).toEqual({
    outcome: 'run',
    given: {
      values: { seed: 0, batch: 100, kind: 'cold', name: 'x', size: ['a=1', 'b=2'], quick: true },
      operands: ['two', 'one'],
    },
  });
});

describe('the help', () => {
  test.each([['--help'], ['-h'], ['--nonsense', '--help']])('is asked for by %s', (...args) => {
    expect(reading(...args).outcome).toBe('help');
  });

  test('says what it does, every option with its default, the words, the variables, an example', () => {
    const found = reading('--help');
    expect(found).toMatchObject({
      text: expect.stringMatching(/^Usage: npm run it -- \[options\] \[part …\]\n\nDoes it\./),
    });
    for (const row of [
      /--seed <n> +of it; 0 to 99 \(default: 7\)/,
      /--kind <name> +of it$/,
      /^Each --kind:\n {2}hot\n {2}cold$/,
      /--quick +or slow/,
      /--help +prints this text/,
      / {2}two +the second/,
      / {2}PORT +of it/,
      / {2}npm run it -- one --seed 1$/,
    ]) {
      expect(found).toMatchObject({ text: expect.stringMatching(new RegExp(row.source, 'm')) });
    }
  });
});

const OPTIONS = 'There are: --seed, --batch, --kind, --name, --size, --quick, --help.';

test.each([
  [['--seed', 'abc'], ['--seed must be a whole number from 0 to 99, not "abc".']],
  [['--seed', '100'], ['--seed must be a whole number from 0 to 99, not "100".']],
  [['--seed', '-1'], ['--seed must be a whole number from 0 to 99, not "-1".']],
  [['--seed', '1e1'], ['--seed must be a whole number from 0 to 99, not "1e1".']],
  [['--seed', ''], ['--seed must be a whole number from 0 to 99, not "".']],
  [['--seed', '1', '--seed', '2'], ['--seed must be given once, not "1" and "2".']],
  [['--seed'], ['--seed needs a value: --seed <n>.']],
  [['--batch', '15'], ['--batch must be a multiple of 10 from 10 to 100, not "15".']],
  [['--kind', 'warm'], ['--kind must be one of: hot, cold, not "warm".']],
  [['--name', 'A1'], ['--name must be letters, not "A1".']],
  [['--quick=yes'], ['--quick takes no value.']],
  [
    ['--sede', '1'],
    [`There is no option --sede. ${OPTIONS}`, 'There is no part "1". There are: one, two.'],
  ],
  [['--constructor'], [`There is no option --constructor. ${OPTIONS}`]],
  [['three'], ['There is no part "three". There are: one, two.']],
  [['--seed', 'x\u001b[31m'], ['--seed must be a whole number from 0 to 99, not "x\\u001b[31m".']],
])('%j is refused, by name and with what is allowed', (args, sentences) => {
  expect(reading(...args)).toEqual({ outcome: 'refused', sentences });
});

test('everything wrong is said at once, and a program without operands takes none', () => {
  const { operands: _, ...plain } = program;
  expect(parseCommandLine(plain, ['--seed', 'x', 'one', '--batch', 'y'])).toEqual({
    outcome: 'refused',
    sentences: [
      '"one" is not an option. This program takes nothing else.',
      '--seed must be a whole number from 0 to 99, not "x".',
      '--batch must be a multiple of 10 from 10 to 100, not "y".',
    ],
  });
});

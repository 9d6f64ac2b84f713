import { parseArgs } from 'node:util';
import { printable, printableLines } from './printable.ts';

/** One option of a program. `read` gets what was given, once for each time, and throws what it must be instead. */
export type Option<Value> = {
  help: string;
  /** What stands for the value in the help. Without it the option takes none. */
  value?: string;
  /** One character: the short form of the option, after one dash. */
  short?: string;
  /** As shown; the option may be left out in any case. */
  byDefault?: string;
  /** The values there are, for the help. */
  words?: readonly string[];
  fallback: Value;
  read(texts: string[]): Value;
};

type Options = Record<string, Option<unknown>>;
type Values<O extends Options> = { [Name in keyof O]: O[Name]['fallback'] };

export type Program<O extends Options> = {
  /** As it is typed, such as `npm run demo`. */
  command: string;
  /** What it does, in a few lines. */
  about: string;
  options?: O;
  /** What may be named without a dash, with a line about each. */
  operands?: { name: string; known: Record<string, string> };
  /** Variables that it reads. */
  environment?: Record<string, string>;
  /** What follows `command`. */
  examples?: string[];
};

export type Given<O extends Options> = { values: Values<O>; operands: string[] };

type Reading<O extends Options> =
  | { outcome: 'run'; given: Given<O> }
  | { outcome: 'help'; text: string }
  | { outcome: 'refused'; sentences: string[] };

const HELP = { help: 'prints this text' };

export function flag(help: string): Option<boolean> {
  return { help, fallback: false, read: () => true };
}

export function text<Fallback>(options: {
  help: string;
  value: string;
  fallback: Fallback;
  byDefault?: string;
  words?: readonly string[];
  pattern?: RegExp;
  /** What the pattern asks for, after "must be". */
  must?: string;
}): Option<string | Fallback> {
  const { pattern = /./, must = 'given', ...option } = options;
  return {
    ...option,
    read: single((given) => {
      if (!pattern.test(given)) throw new Error(`must be ${must}`);
      return given;
    }),
  };
}

export function integer(options: {
  help: string;
  from: number;
  to: number;
  fallback: number;
  byDefault?: string;
  multipleOf?: number;
}): Option<number> {
  const { help, from, to, fallback, byDefault = String(fallback), multipleOf = 1 } = options;
  const what = multipleOf === 1 ? 'a whole number' : `a multiple of ${multipleOf}`;
  return {
    help: `${help}; ${from} to ${to}`,
    value: 'n',
    byDefault,
    fallback,
    read: single((given) => {
      const number = Number(given);
      const isOne = /^\d+$/.test(given) && number >= from && number <= to && number % multipleOf === 0;
      if (!isOne) throw new Error(`must be ${what} from ${from} to ${to}`);
      return number;
    }),
  };
}

/** One of a few words. */
export function choice<const Word extends string>(options: {
  help: string;
  value: string;
  words: readonly Word[];
}): Option<Word | undefined> {
  const { words } = options;
  return {
    ...options,
    fallback: undefined,
    read: single((given) => {
      const word = words.find((each) => each === given);
      if (word === undefined) throw new Error(`must be one of: ${words.join(', ')}`);
      return word;
    }),
  };
}

/** May be given several times. */
export function list(options: { help: string; value: string }): Option<string[]> {
  return { ...options, fallback: [], read: (texts) => texts };
}

function single<Value>(read: (text: string) => Value): (texts: string[]) => Value {
  return ([first = '', ...more]) => {
    if (more.length > 0) throw new Error('must be given once');
    return read(first);
  };
}

/** Reads the arguments of this process. Prints the help and exits with 0, or what is wrong and exits with 2. */
export function readCommandLine<O extends Options>(program: Program<O>): Given<O> {
  const reading = parseCommandLine(program, process.argv.slice(2));
  if (reading.outcome === 'run') return reading.given;
  if (reading.outcome === 'refused') refuse(program, ...reading.sentences);
  console.log(reading.text);
  process.exit(0);
}

/** Ends the process with 2 and the sentences. */
export function refuse(program: Pick<Program<Options>, 'command'>, ...sentences: string[]): never {
  for (const sentence of sentences) console.error(sentence);
  console.error(`See: ${program.command} -- --help`);
  process.exit(2);
}

/** Ends the process with 1, and with what went wrong, which may quote other programs. */
export function reportFailure(error: unknown): void {
  console.error(printableLines(error instanceof Error ? error.message : String(error)));
  process.exitCode = 1;
}

/** As `parseArgs` of node:util wants them. */
export function parserOptions(options: Options) {
  return Object.fromEntries(
    Object.entries(options).map(([name, { value, short }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), ...(short && { short }) },
    ]),
  );
}

/** Parses the arguments. Reports all errors at once. */
export function parseCommandLine<O extends Options>(program: Program<O>, args: string[]): Reading<O> {
  const options: Options = program.options ?? {};
  const { tokens } = parseArgs({
    args,
    strict: false,
    tokens: true,
    options: { help: { type: 'boolean', short: 'h' }, ...parserOptions(options) },
  });
  const texts = new Map<string, string[]>();
  const operands: string[] = [];
  const sentences: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') {
      operands.push(token.value);
      if (!Object.hasOwn(program.operands?.known ?? {}, token.value)) {
        sentences.push(describeStranger(program, token.value));
      }
      continue;
    }
    if (token.kind !== 'option') continue;
    if (token.name === 'help') return { outcome: 'help', text: helpOf(program) };
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (option === undefined)
      sentences.push(`There is no option ${printable(token.rawName)}. ${known(options)}`);
    else if (option.value !== undefined && token.value === undefined)
      sentences.push(`--${token.name} needs a value: --${token.name} <${option.value}>.`);
    else if (option.value === undefined && token.value !== undefined)
      sentences.push(`--${token.name} takes no value.`);
    else texts.set(token.name, [...(texts.get(token.name) ?? []), token.value ?? '']);
  }
  const values = Object.fromEntries(
    Object.entries(options).map(([name, option]) => {
      const given = texts.get(name);
      if (given === undefined) return [name, option.fallback];
      try {
        return [name, option.read(given)];
      } catch (error) {
        const must = error instanceof Error ? error.message : String(error);
        sentences.push(
          `--${name} ${must}, not ${given.map((each) => `"${printable(each)}"`).join(' and ')}.`,
        );
        return [name, option.fallback];
      }
    }),
  );
  if (sentences.length > 0) return { outcome: 'refused', sentences };
  return { outcome: 'run', given: { values: values as Values<O>, operands } };
}

function describeStranger({ operands }: Program<Options>, operand: string): string {
  if (operands === undefined)
    return `"${printable(operand)}" is not an option. This program takes nothing else.`;
  return `There is no ${operands.name} "${printable(operand)}". There are: ${Object.keys(operands.known).join(', ')}.`;
}

function known(options: Options): string {
  return `There are: ${[...Object.keys(options), 'help'].map((name) => `--${name}`).join(', ')}.`;
}

function helpOf({
  command,
  about,
  options = {},
  operands,
  environment = {},
  examples = [],
}: Program<Options>): string {
  const usage = `Usage: ${command} -- [options]${operands ? ` [${operands.name} …]` : ''}`;
  const optionRows = Object.entries<Pick<Option<unknown>, 'help' | 'value' | 'byDefault'>>({
    ...options,
    help: HELP,
  }).map(([name, { help, value, byDefault }]): [string, string] => [
    `--${name}${value === undefined ? '' : ` <${value}>`}`,
    byDefault === undefined ? help : `${help} (default: ${byDefault})`,
  ]);
  const parts = [
    `${usage}\n\n${about}`,
    section('Options', optionRows),
    ...Object.entries(options).map(([name, { words = [] }]) =>
      section(
        `Each --${name}`,
        words.map((word) => [word, '']),
      ),
    ),
    operands && section(`Each ${operands.name}`, Object.entries(operands.known)),
    section('Environment', Object.entries(environment)),
    examples.length > 0 &&
      `Examples:\n${examples.map((example) => `  ${command}${example && ` -- ${example}`}`).join('\n')}`,
  ];
  return parts.filter(Boolean).join('\n\n');
}

function section(title: string, rows: [string, string][]): string {
  if (rows.length === 0) return '';
  const width = Math.max(...rows.map(([name]) => name.length));
  return [`${title}:`, ...rows.map(([name, help]) => `  ${name.padEnd(width)}  ${help}`.trimEnd())].join(
    '\n',
  );
}

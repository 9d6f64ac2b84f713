import { parseArgs } from 'node:util';
import { helpOf, operandsOf } from './help-text.ts';
import { printable, printableLines } from './printable.ts';
import { type Options, type Program, typed } from './program.ts';

type Values<O extends Options> = { [Name in keyof O]: O[Name]['fallback'] };

export type Given<O extends Options> = { values: Values<O>; operands: string[] };

type Reading<O extends Options> =
  | { outcome: 'run'; given: Given<O> }
  | { outcome: 'help'; text: string }
  | { outcome: 'refused'; sentences: string[] };

/** Reads the arguments of this process. Prints the help and exits with 0, or prints what is wrong and exits with 2. */
export function readCommandLine<O extends Options>(program: Program<O>): Given<O> {
  const reading = parseCommandLine(program, process.argv.slice(2));
  if (reading.outcome === 'run') return reading.given;
  if (reading.outcome === 'refused') refuse(program, ...reading.sentences);
  console.log(reading.text);
  process.exit(0);
}

/** Prints the sentences and exits with 2. */
export function refuse(program: Pick<Program<Options>, 'command'>, ...sentences: string[]): never {
  for (const sentence of sentences) console.error(sentence);
  console.error(`See: ${typed(program.command, '--help')}`);
  process.exit(2);
}

/** Prints what went wrong, which may quote other programs. The exit code becomes 1. */
export function reportFailure(error: unknown): void {
  console.error(printableLines(error instanceof Error ? error.message : String(error)));
  process.exitCode = 1;
}

/** Returns the options in the form that `parseArgs` of node:util takes. */
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
      if (!isKnown(program, token.value)) sentences.push(describeStranger(program, token.value));
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
  sentences.push(...describeNumber(program, operands.length));
  if (sentences.length > 0) return { outcome: 'refused', sentences };
  return { outcome: 'run', given: { values: values as Values<O>, operands } };
}

function isKnown({ operands }: Program<Options>, operand: string): boolean {
  return operands !== undefined && (operands.known === undefined || Object.hasOwn(operands.known, operand));
}

function describeStranger({ operands }: Program<Options>, operand: string): string {
  if (operands?.known === undefined)
    return `"${printable(operand)}" is not an option. This program takes nothing else.`;
  return `There is no ${operands.name} "${printable(operand)}". There are: ${Object.keys(operands.known).join(', ')}.`;
}

function describeNumber({ command, operands }: Program<Options>, count: number): string[] {
  if (operands === undefined) return [];
  const { name, atLeast = 0, atMost = Number.POSITIVE_INFINITY } = operands;
  if (count < atLeast) return [`A ${name} is missing: ${typed(command, operandsOf(operands))}.`];
  return count > atMost ? [`There is more than ${atMost === 1 ? `one ${name}` : `${atMost} ${name}`}.`] : [];
}

function known(options: Options): string {
  return `There are: ${[...Object.keys(options), 'help'].map((name) => `--${name}`).join(', ')}.`;
}

import { groupBy } from './group-by.ts';
import { wrap } from './layout.ts';
import { type Option, type Options, type Program, typed } from './program.ts';

const INDENT = '  ';
const GAP = '  ';
/** Narrower text cannot be read. */
const LEAST_COLUMNS = 20;

const HELP = { help: 'prints this text' };

/** What `--help` prints. On a terminal of so many columns, what an option does is broken between words. */
export function helpOf(program: Program<Options>, columns = Number.POSITIVE_INFINITY): string {
  const { command, about, options = {}, operands, environment = {}, examples = [] } = program;
  const section = (title: string, rows: [string, string][]) => sectionOf(title, rows, columns);
  const usage = `Usage: ${typed(command, `[options]${operands ? ` ${operandsOf(operands)}` : ''}`)}`;
  const parts = [
    `${usage}\n\n${about}`,
    ...optionGroups(options).map(([group, rows]) => section(group, rows)),
    ...Object.entries(options).map(([name, { value, words = [] }]) =>
      // The value itself may name them.
      value === words.join('|')
        ? ''
        : section(
            `Each --${name}`,
            words.map((word) => [word, '']),
          ),
    ),
    operands?.known && section(`Each ${operands.name}`, Object.entries(operands.known)),
    operands?.help && section(`Each ${operands.name}`, [[operands.help, '']]),
    section('Environment', Object.entries(environment)),
    examples.length > 0 && `Examples:\n${examplesOf(command, examples)}`,
  ];
  return parts.filter(Boolean).join('\n\n');
}

type Operands = NonNullable<Program<Options>['operands']>;

export function operandsOf({ name, atLeast = 0, atMost = Number.POSITIVE_INFINITY }: Operands): string {
  const names = atMost > 1 ? `${name} …` : name;
  return atLeast > 0 ? names : `[${names}]`;
}

/** Returns the rows of the options under their headings. `--help` is among the first. */
function optionGroups(options: Options): [group: string, rows: [string, string][]][] {
  const groups = groupBy(
    Object.entries<Pick<Option<unknown>, 'help' | 'value' | 'byDefault' | 'group'>>(options),
    ([, { group = 'Options' }]) => group,
  );
  groups.set('Options', [...(groups.get('Options') ?? []), ['help', HELP]]);
  return [...groups].map(([group, members]) => [
    group,
    members.map(([name, { help, value, byDefault }]) => [
      `--${name}${value === undefined ? '' : ` <${value}>`}`,
      byDefault === undefined ? help : `${help} (default: ${byDefault})`,
    ]),
  ]);
}

function examplesOf(command: string, examples: NonNullable<Program<Options>['examples']>): string {
  return examples
    .map((example) => {
      const [args, does] = typeof example === 'string' ? [example] : example;
      const line = `  ${typed(command, args)}`;
      return does === undefined ? line : `  # ${does}\n${line}`;
    })
    .join('\n');
}

/** A heading, and a row for each name with what it is. */
export function sectionOf(
  title: string,
  rows: [string, string][],
  columns = Number.POSITIVE_INFINITY,
): string {
  if (rows.length === 0) return '';
  const width = Math.max(...rows.map(([name]) => name.length));
  const indent = ' '.repeat(width + INDENT.length + GAP.length);
  const lines = rows.map(([name, help]) => {
    const [first, ...rest] = wrap(help, Math.max(columns - indent.length, LEAST_COLUMNS)).split('\n');
    const row = `${INDENT}${name.padEnd(width)}${GAP}${first}`.trimEnd();
    return [row, ...rest.map((line) => indent + line)].join('\n');
  });
  return [`${title}:`, ...lines].join('\n');
}

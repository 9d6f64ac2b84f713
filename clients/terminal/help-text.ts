import type { Option, Options, Program } from './program.ts';

const HELP = { help: 'prints this text' };

/** What `--help` prints. */
export function helpOf({
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

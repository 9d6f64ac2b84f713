import { sectionOf } from '../terminal/help-text.ts';
import { type Options, type Program, typed } from '../terminal/program.ts';
import { GLOBAL_OPTIONS } from './address.ts';
import { COMMAND_NAME, type Command, EXIT_MEANINGS, GROUPS } from './command.ts';

/** Returns one command as a program, with the options that all have. */
export function programOf({ name, summary, about, operands, options, examples }: Command): Program<Options> {
  return {
    command: `${COMMAND_NAME} ${name}`,
    about: `${capital(summary)}.${about === undefined ? '' : `\n\n${about}`}`,
    operands,
    // A command may know more forms of output.
    options: { ...options, ...GLOBAL_OPTIONS, ...(options?.output && { output: options.output }) },
    examples: [...examples],
  };
}

/** The same in each group. */
const NAME_COLUMNS = 10;

const ABOUT = `Activates Volcengine VPC flow logs, and shows what became of it.
Without --stage or --url it talks to the local world of this machine (npm start).`;

const FIRST_STEPS = [
  ['activate fl-1 fl-2 --wait 5m', 'ask for two flow logs, and wait until they are Active'],
  ['failures', 'what went wrong, and what to do now'],
  ['get fl-1', 'why a flow log is where it is'],
  ['doctor', 'is everything set up'],
] as const;

/** What `flow-log-activator --help` prints. */
export function overview(commands: readonly Command[], columns?: number): string {
  const known = new Set(commands.map(({ name }) => name));
  const steps = FIRST_STEPS.filter(([args]) => known.has(args.split(' ', 1)[0] ?? ''));
  const groups = GROUPS.map((group) => {
    const members = commands.filter((command) => command.group === group);
    return sectionOf(
      group,
      members.map(({ name, summary }) => [name.padEnd(NAME_COLUMNS), summary]),
      columns,
    );
  });
  return [
    `Usage: ${COMMAND_NAME} <command> [options]\n\n${ABOUT}`,
    ...groups,
    `First steps:\n${steps.map(([args, does]) => `  # ${does}\n  ${typed(COMMAND_NAME, args)}`).join('\n')}`,
    sectionOf('Exit status', Object.entries(EXIT_MEANINGS), columns),
    `All options of a command: ${COMMAND_NAME} <command> --help`,
  ].join('\n\n');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

import { type Options, type Program, typed } from '../terminal/program.ts';
import { GLOBAL_OPTIONS } from './address.ts';
import { COMMAND_NAME, type Command, EXIT_MEANINGS, GROUPS } from './command.ts';

/** Returns one command as a program, with the options that all have. */
export function programOf({ name, summary, about, operands, options, examples }: Command): Program<Options> {
  return {
    command: `${COMMAND_NAME} ${name}`,
    about: `${capital(summary)}.${about === undefined ? '' : `\n\n${about}`}`,
    operands,
    options: { ...options, ...GLOBAL_OPTIONS },
    examples: [...examples],
  };
}

const ABOUT = `Activates Volcengine VPC flow logs, and shows what became of it: ask once, hear exactly how it ended.
Without --stage or --url it talks to the local world of this machine (npm start).`;

const FIRST_STEPS = [
  ['activate fl-1 fl-2 --wait 5m', 'ask for two flow logs, and wait until they are Active'],
  ['failures', 'what went wrong, and what to do now'],
  ['get fl-1', 'why a flow log is where it is'],
  ['doctor', 'is everything set up'],
] as const;

/** What `flow-log-activator --help` prints. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const row = (name: string, help: string) => `  ${name.padEnd(width)}  ${help}`;
  const known = new Set(commands.map(({ name }) => name));
  return [
    `Usage: ${COMMAND_NAME} <command> [options]\n\n${ABOUT}`,
    ...GROUPS.flatMap((group) => {
      const members = commands.filter((command) => command.group === group);
      return members.length === 0
        ? []
        : [`${group}:\n${members.map(({ name, summary }) => row(name, summary)).join('\n')}`];
    }),
    `First steps:\n${FIRST_STEPS.filter(([args]) => known.has(args.split(' ', 1)[0] ?? ''))
      .map(([args, does]) => `  # ${does}\n  ${typed(COMMAND_NAME, args)}`)
      .join('\n')}`,
    `Exit status:\n${Object.entries(EXIT_MEANINGS)
      .map(([status, meaning]) => `  ${status.padStart(3)}  ${meaning}`)
      .join('\n')}`,
    `All options of a command: ${COMMAND_NAME} <command> --help`,
  ].join('\n\n');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

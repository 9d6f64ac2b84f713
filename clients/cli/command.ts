import type { FlowLogActivator } from '../http/client.ts';
import type { Given } from '../terminal/command-line.ts';
import type { Option, Options, Program } from '../terminal/program.ts';
import type { Address } from './address.ts';
import type { Output } from './output.ts';

export const COMMAND_NAME = 'flow-log-activator';

export const EXIT = {
  ok: 0,
  /** Some activations failed, or something is wrong. */
  failed: 1,
  usage: 2,
  notInTime: 3,
  /** The service cannot be reached, or refuses the caller. */
  noService: 4,
  /** Ctrl-C, as shells have it. */
  interrupted: 130,
} as const;
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** In words, for the help and docs/reference/command.md. */
export const EXIT_MEANINGS: Record<ExitStatus, string> = {
  0: 'all is well; with --wait: all are Active, or Inactive where that was asked for',
  1: 'some activations failed, or a request was refused',
  2: 'the command line is not valid',
  3: 'not in time: some activations are still open when --wait is over',
  4: 'the service cannot be reached, or refuses us',
  130: 'stopped by Ctrl-C',
};

export const GROUPS = ['Ask', 'Look', 'Mend', 'Operate', 'Other'] as const;

/** What a command works with. */
export type Context = {
  /** Finds the service. Throws what people can read if there is none. */
  connect(): Promise<FlowLogActivator>;
  address(): Promise<Address>;
  out: Output;
  commands: readonly Command[];
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  /** Where the package of this command is. */
  packageDir: string;
  /** Asks the person at the terminal, and returns the answer. Absent without a terminal: nobody can be asked. */
  ask?: (question: string) => Promise<string>;
  /** Says how to go on, if the command is stopped or the service is lost. Gets the arguments of a command. */
  toGoOn(args: string): void;
  /** The command line with these arguments, for the same service. */
  typed(args: string): string;
};

/** One command. The help, the completion and docs/reference/command.md are made of it. */
export type Command<O extends Options = Options> = Pick<Program<O>, 'operands'> & {
  name: string;
  group: (typeof GROUPS)[number];
  /** One line, in the list of commands. */
  summary: string;
  /** The rest of what it does. */
  about?: string;
  options?: O;
  examples: readonly (readonly [args: string, does: string])[];
  run(context: Context, given: Given<O>): Promise<ExitStatus>;
};

export function defineCommand<const O extends Record<string, Option<unknown>>>(command: Command<O>): Command {
  return command as unknown as Command;
}

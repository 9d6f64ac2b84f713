import type { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { parseCommandLine, parserOptions } from '../terminal/command-line.ts';
import { helpOf } from '../terminal/help-text.ts';
import type { Terminal } from '../terminal/live-lines.ts';
import { printable } from '../terminal/printable.ts';
import { typed } from '../terminal/program.ts';
import { type Address, connectTo, findAddress, GLOBAL_OPTIONS, sameService } from './address.ts';
import { COMMAND_NAME, type Command, EXIT, type ExitStatus } from './command.ts';
import { COMMANDS } from './commands.ts';
import { explain } from './failures.ts';
import { createOutput, type Output } from './output.ts';
import { overview, programOf } from './programs.ts';

export type Streams = {
  stdout: Terminal;
  stderr: Writable;
  env: NodeJS.ProcessEnv;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  version: string;
  /** See Context. */
  ask?: (question: string) => Promise<string>;
  /** Where the package is: the page is in it. */
  packageDir: string;
};

/** Runs one command line. Never throws what a person can mend: that is said, and told by the exit status. */
export async function run(args: string[], streams: Streams): Promise<ExitStatus> {
  const { stdout, stderr, version } = streams;
  const columns = stdout.isTTY ? stdout.columns : undefined;
  const { name, rest } = splitCommand(args);
  if (name === undefined) {
    if (rest.includes('--version')) stdout.write(`${version}\n`);
    else (rest.length === 0 ? stderr : stdout).write(`${overview(COMMANDS, columns)}\n`);
    return rest.length === 0 ? EXIT.usage : EXIT.ok;
  }
  const command = COMMANDS.find((each) => each.name === name);
  if (command === undefined) return refuse(streams, COMMAND_NAME, [describeUnknown(name)]);
  const program = programOf(command);
  const reading = parseCommandLine(program, rest);
  if (reading.outcome === 'help') {
    stdout.write(`${helpOf(program, columns)}\n`);
    return EXIT.ok;
  }
  if (reading.outcome === 'refused') return refuse(streams, program.command, reading.sentences);
  return runCommand(command, reading.given, streams);
}

/** The command is the first word that is no option. Options of all commands may stand before it. */
function splitCommand(args: string[]): { name: string | undefined; rest: string[] } {
  const options = { ...parserOptions(GLOBAL_OPTIONS), help: { type: 'boolean' as const } };
  const { tokens } = parseArgs({ args, strict: false, tokens: true, options });
  const first = tokens.find(({ kind }) => kind === 'positional');
  if (first?.kind !== 'positional') return { name: undefined, rest: args };
  return { name: first.value, rest: args.filter((_arg, index) => index !== first.index) };
}

function describeUnknown(name: string): string {
  return `There is no command "${printable(name)}". There are: ${COMMANDS.map((command) => command.name).join(', ')}.`;
}

function refuse({ stderr }: Streams, command: string, sentences: string[]): ExitStatus {
  stderr.write([...sentences, `See: ${typed(command, '--help')}`, ''].join('\n'));
  return EXIT.usage;
}

async function runCommand(
  command: Command,
  given: { values: Record<string, unknown>; operands: string[] },
  streams: Streams,
): Promise<ExitStatus> {
  const globals = given.values as Parameters<typeof findAddress>[0];
  const out = createOutput(streams, globals.output === 'json');
  let address: Promise<Address> | undefined;
  const findOnce = () => {
    address ??= findAddress(globals, streams.env);
    return address;
  };
  let goOn: string | undefined;
  const typedAgain = (args: string) => typed(COMMAND_NAME, `${args}${sameService(globals)}`);
  try {
    return await command.run(
      {
        connect: async () => connectTo(await findOnce()),
        address: findOnce,
        out,
        commands: COMMANDS,
        signal: streams.signal,
        ...(streams.ask && !out.isJson && { ask: streams.ask }),
        packageDir: streams.packageDir,
        toGoOn: (args) => {
          goOn = typedAgain(args);
        },
        typed: typedAgain,
      },
      given as never,
    );
  } catch (error) {
    const status = streams.signal.aborted
      ? sayStopped(out)
      : sayFailure(out, error, (await address?.catch(() => undefined))?.isLocal ?? false);
    if (goOn !== undefined) out.note(`To go on: ${goOn}`);
    return status;
  }
}

function sayStopped(out: Output): ExitStatus {
  out.note('', 'Stopped. What was asked for goes on.');
  return EXIT.interrupted;
}

function sayFailure(out: Output, error: unknown, isLocal: boolean): ExitStatus {
  const { status, lines } = explain(error, isLocal);
  out.note(...lines.map(printable));
  return status;
}

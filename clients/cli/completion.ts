import type { Options } from '../terminal/program.ts';
import { GLOBAL_OPTIONS } from './address.ts';
import { COMMAND_NAME, type Command } from './command.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

type Word = { name: string; help: string; words: readonly string[]; takesValue: boolean };
type Described = { name: string; help: string; options: Word[]; operands: string[] };

/** Returns the script that completes commands, options and known words in a shell. */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  const described = commands.map(
    (command): Described => ({
      name: command.name,
      help: command.summary,
      options: wordsOf({ ...command.options, ...GLOBAL_OPTIONS }),
      operands: Object.keys(command.operands?.known ?? {}),
    }),
  );
  return { bash, zsh, fish }[shell](described);
}

function wordsOf(options: Options): Word[] {
  const help: Word = { name: '--help', help: 'prints the help', words: [], takesValue: false };
  const own = Object.entries(options).map(
    ([name, option]): Word => ({
      name: `--${name}`,
      help: option.help,
      words: option.words ?? [],
      takesValue: option.value !== undefined,
    }),
  );
  return [...own, help];
}

/** A case of a shell for each option that takes one of a few words, then one for the rest. */
function bash(commands: Described[]): string {
  const cases = commands.map(({ name, options, operands }) => {
    const values = options
      .filter(({ takesValue }) => takesValue)
      .map(({ name: option, words }) => `      ${option}) words='${words.join(' ')}' ;;`);
    const words = [...options.map((option) => option.name), ...operands].join(' ');
    return `    ${name})\n      case $previous in\n${values.join('\n')}\n      *) words='${words}' ;;\n      esac ;;`;
  });
  return `# flow-log-activator completion bash >> ~/.bashrc
_flow_log_activator() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} words=''
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${commands.map(({ name }) => name).join(' ')} --help --version'
  else
    case \${COMP_WORDS[1]} in
${cases.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _flow_log_activator ${COMMAND_NAME}
`;
}

function zsh(commands: Described[]): string {
  const escaped = (text: string) => text.replaceAll(/['\\]/g, '').replaceAll(/[[\]:]/g, '\\$&');
  const cases = commands.map(({ name, options, operands }) => {
    const specs = options.map(({ name: option, help, words, takesValue }) => {
      const value = takesValue ? `:value:(${words.join(' ')})` : '';
      return `        '*${option}[${escaped(help)}]${value}'`;
    });
    return `      ${name})\n        _arguments \\\n${specs.join(' \\\n')} \\\n        '*:id:(${operands.join(' ')})' ;;`;
  });
  return `#compdef ${COMMAND_NAME}
# flow-log-activator completion zsh > "\${fpath[1]}/_flow-log-activator"
_flow_log_activator() {
  local -a commands=(
${commands.map(({ name, help }) => `    '${name}:${escaped(help)}'`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
  else
    local command=$words[2]
    shift words
    (( CURRENT-- ))
    case $command in
${cases.join('\n')}
    esac
  fi
}
if [ "$funcstack[1]" = "_flow_log_activator" ]; then _flow_log_activator "$@"; else compdef _flow_log_activator ${COMMAND_NAME}; fi
`;
}

function fish(commands: Described[]): string {
  const quoted = (text: string) => `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
  const line = (rest: string) => `complete -c ${COMMAND_NAME} ${rest}`;
  const of = (name: string) => `-n '__fish_seen_subcommand_from ${name}'`;
  return [
    '# flow-log-activator completion fish > ~/.config/fish/completions/flow-log-activator.fish',
    line('-f'),
    ...commands.map(({ name, help }) => line(`-n __fish_use_subcommand -a ${name} -d ${quoted(help)}`)),
    ...commands.flatMap(({ name, options, operands }) => [
      ...options.map(({ name: option, help, words, takesValue }) => {
        const values = words.length > 0 ? ` -a ${quoted(words.join(' '))}` : '';
        return line(
          `${of(name)} -l ${option.slice(2)} -d ${quoted(help)}${takesValue ? ` -x${values}` : ''}`,
        );
      }),
      ...(operands.length > 0 ? [line(`${of(name)} -a ${quoted(operands.join(' '))}`)] : []),
    ]),
    '',
  ].join('\n');
}

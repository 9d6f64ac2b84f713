import { defineCommand, EXIT } from '../command.ts';

export const completion = defineCommand({
  name: 'completion',
  group: 'Other',
  summary: 'print the script that completes this command in a shell',
  operands: {
    name: 'SHELL',
    known: {
      bash: 'source it in ~/.bashrc',
      zsh: 'a file _flow-log-activator in $fpath',
      fish: 'a file in ~/.config/fish/completions',
    },
    atLeast: 1,
    atMost: 1,
  },
  examples: [['bash >> ~/.bashrc', 'for bash']],
  async run({ out, commands }, { operands: [shell] }) {
    const { completionScript, SHELLS } = await import('../completion.ts');
    const chosen = SHELLS.find((each) => each === shell);
    if (chosen === undefined) return EXIT.usage;
    out.terminal.write(completionScript(chosen, commands));
    return EXIT.ok;
  },
});

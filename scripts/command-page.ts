import { COMMANDS } from '../clients/cli/commands.ts';
import { overview, programOf } from '../clients/cli/programs.ts';
import { helpOf } from '../clients/terminal/help-text.ts';

export const COMMAND_PAGE = 'docs/reference/command.md';

const INTRODUCTION = `# The command

For callers and operators: every command of \`flow-log-activator\`, as its \`--help\` prints it. This page is made by \`npm run contracts\`.

\`npm ci\` builds the command; in the folder of this project it is \`npx flow-log-activator\`. Without an option it talks to the local world (\`npm start\`). With \`--stage prod\` it finds the deployed stack by its outputs, and signs each request with the AWS credentials that AWS's own tools would use. How it is used when something is wrong: [operate](../guides/operate.md).

On a terminal \`activate --wait\` and \`watch\` redraw a table; piped, they print a line for each change. \`--output json\` prints one JSON object, and the stream commands one for each line. \`NO_COLOR\` turns colours off. Ctrl-C ends only the command: it says how to go on.

In a pipeline: \`examples/github-action/\` and \`examples/terraform/\` activate, wait, and fail with those that fail. In a program: [the client](http-api.md#from-typescript).
`;

/** Returns the page of the docs about the command. */
export function commandPage(): string {
  const sections = COMMANDS.map((command) => `## ${command.name}\n\n${block(helpOf(programOf(command)))}`);
  return [INTRODUCTION, block(overview(COMMANDS)), ...sections]
    .join('\n')
    .replaceAll('```\n## ', '```\n\n## ');
}

function block(text: string): string {
  return `\`\`\`\n${text}\n\`\`\`\n`;
}

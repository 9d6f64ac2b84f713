import { glob, readFile } from 'node:fs/promises';
import { projectFile } from './page.ts';

export type LogCall = {
  file: string;
  level: string;
  /** With `…` for each part that is put in. None if a variable holds the message. */
  messages: string[];
  /** The names in its object of fields. Not those of objects that are spread into it. */
  fields: string[];
};

const CALL = /\blog\.(info|warn|error)\(/g;
/** A message has more than one word. */
const TEXT = /'([^'\n]*)'|`([^`]*)`/g;
/** What is put in for an activation; `…` for anything else. Of a deactivation the line is the same, with its own words. */
const OF_ACTIVATION: [RegExp, string][] = [
  [/\$\{[^}]*\bnoun\}/g, 'activation'],
  [/\$\{[^}]*\baction\}/g, 'ActiveFlowLog'],
  [/\$\{status\}/g, 'Active'],
  [/\$\{[^}]*\}/g, '…'],
];
/** Each of its lines begins with `name:`, `name,` or `...`, as the formatter leaves them. */
const FIELD = /(?:^|[{,(]|&&)\s*(\w+)(?=\s*(?:[:,}]|$))/gm;
const STRING = /'[^'\n]*'|`[^`]*`/g;

/** Every call of a log in what is deployed. It reads texts, so it relies on the forms in which they are written. */
export async function logCalls(): Promise<LogCall[]> {
  const files = await Array.fromAsync(glob(['lib/**/*.ts', 'functions/**/*.ts'], { cwd: projectFile('.') }));
  const calls: LogCall[] = [];
  for (const file of files.sort()) {
    const source = await readFile(projectFile(file), 'utf8');
    for (const { index, 0: head, 1: level = '' } of source.matchAll(CALL)) {
      const [message = '', fields = ''] = argumentsOf(source.slice(index + head.length));
      calls.push({
        file,
        level: level.toUpperCase(),
        messages: messagesIn(message),
        fields: fieldsIn(fields),
      });
    }
  }
  return calls;
}

/** What stands up to the closing bracket, split at the commas between the arguments. */
function argumentsOf(text: string): string[] {
  const found = [''];
  let depth = 0;
  for (const [part] of text.matchAll(/'[^'\n]*'|`[^`]*`|[^'`]/g)) {
    if (/^[([{]$/.test(part)) depth += 1;
    if (/^[)\]}]$/.test(part)) depth -= 1;
    if (depth < 0) break;
    if (part === ',' && depth === 0) found.push('');
    else found.push(found.pop() + part);
  }
  return found;
}

function messagesIn(argument: string): string[] {
  return [...argument.matchAll(TEXT)]
    .map(([, plain, template = '']) =>
      OF_ACTIVATION.reduce((text, [form, word]) => text.replaceAll(form, word), plain ?? template),
    )
    .filter((message) => message.includes(' '));
}

function fieldsIn(argument: string): string[] {
  if (!argument.trim().startsWith('{')) return [];
  const outer = argument
    .trim()
    .slice(1)
    .replaceAll(STRING, '0')
    .replaceAll(/:[^,{}]*/g, ':');
  return [...`{${outer}`.matchAll(FIELD)].map(([, name = '']) => name);
}

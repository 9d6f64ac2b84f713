import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT_DIR } from './osls.ts';
import { SETTINGS, type Setting, whatItTakes } from './settings.ts';

export const SETTINGS_PAGE = 'docs/reference/configuration.md';

const BEGIN = '<!-- Made by `npm run contracts` from infra/settings.cjs. -->';
const END = '<!-- End of what is made. -->';

/** Returns the page with its tables of the settings made anew. The rest is written by hand. */
export async function settingsPage(): Promise<string> {
  const page = await readFile(join(PROJECT_DIR, SETTINGS_PAGE), 'utf8');
  const [before, rest] = page.split(BEGIN);
  const [, after] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined) throw new Error(`${SETTINGS_PAGE} lacks "${BEGIN}".`);
  const groups = Object.entries(Object.groupBy(Object.entries(SETTINGS), ([, { group }]) => group));
  const tables = groups.map(([group, settings = []]) => `### ${group}\n\n${tableOf(settings)}\n`);
  return [before, BEGIN, '\n\n', tables.join('\n'), '\n', END, after].join('');
}

function tableOf(settings: [name: string, setting: Setting][]): string {
  const rows = settings.map(([name, setting]) => {
    const { variable, description, more } = setting;
    const meaning = [description.replaceAll(/[|<]/g, String.raw`\$&`), more].filter(Boolean).join(' ');
    return [`\`${name}\``, `\`${setting.default}\``, whatItTakes(setting), codeOf(variable), meaning];
  });
  const lines = rows.map((cells) => `| ${cells.join(' | ')} |`);
  return ['| setting | default | takes | variable | meaning |', '|---|---|---|---|---|', ...lines].join('\n');
}

function codeOf(name: string | undefined): string {
  return name === undefined ? '' : `\`${name}\``;
}

import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import * as v from 'valibot';
import { PROJECT_DIR } from './osls.ts';

/** Beside each bundle: minified code keeps no comment, and most packages have their licence in a file of its own. */
export const LICENSES_FILE = 'THIRD-PARTY-LICENSES.txt';

const Manifest = v.object({
  name: v.string(),
  version: v.string(),
  license: v.string(),
  author: v.optional(v.union([v.string(), v.object({ name: v.string() })]), ''),
});

const RULE = `\n\n${'-'.repeat(80)}\n\n`;

/**
 * Returns the licences of the packages in a bundle: each text once, with the names of its packages. The text of a package
 * is its licence files, including NOTICE. Throws if a package states no licence.
 */
export async function licensesOf(inputs: Metafile['outputs'][string]['inputs']): Promise<string> {
  const used = Object.entries(inputs).flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [packageDirOf(path)] : [],
  );
  const stated = await Promise.all([...new Set(used)].filter((dir) => dir !== '').map(readLicense));
  const byText = Map.groupBy(stated, ({ text }) => text);
  const sections = [...byText].map(
    ([text, packages]) =>
      `${packages
        .map(({ name }) => name)
        .sort()
        .join('\n')}\n\n${text}`,
  );
  return `${sections.sort().join(RULE)}\n`;
}

/** Returns several such texts as one, each licence and each package once. */
export function mergeLicenses(texts: string[]): string {
  const namesOf = new Map<string, Set<string>>();
  for (const section of texts.flatMap((each) => each.trimEnd().split(RULE))) {
    const [names = '', ...license] = section.split('\n\n');
    const text = license.join('\n\n');
    namesOf.set(text, (namesOf.get(text) ?? new Set()).union(new Set(names.split('\n'))));
  }
  const sections = [...namesOf].map(([text, names]) => `${[...names].sort().join('\n')}\n\n${text}`);
  return `${sections.sort().join(RULE)}\n`;
}

/** Returns an empty text for a file of the project itself. A path from a plugin starts with the plugin's namespace. */
function packageDirOf(path: string): string {
  return /(?:^|[:/])((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/.][^/]*)\//.exec(path)?.[1] ?? '';
}

async function readLicense(packageDir: string): Promise<{ name: string; text: string }> {
  const cwd = join(PROJECT_DIR, packageDir.slice(packageDir.indexOf('node_modules/')));
  const manifest = v.parse(Manifest, JSON.parse(await readFile(join(cwd, 'package.json'), 'utf8')));
  const files = (await Array.fromAsync(glob('*', { cwd })))
    .filter((file) => /^(licen[cs]e|notice|copying)(\.|$)/i.test(file))
    .sort();
  const texts = await Promise.all(files.map((file) => readFile(join(cwd, file), 'utf8')));
  const name = `${manifest.name} ${manifest.version} (${manifest.license})`;
  return { name, text: texts.map((text) => text.trim()).join('\n\n') || (await statedOnly(manifest)) };
}

/** The text for a package that states a licence without its text. For MIT, our copy with the package's author. */
async function statedOnly({ license, author }: v.InferOutput<typeof Manifest>): Promise<string> {
  const holder = typeof author === 'string' ? author : author.name;
  if (license !== 'MIT') return `Author: ${holder}. The package states its licence and brings no text of it.`;
  const ours = await readFile(join(PROJECT_DIR, 'LICENSE'), 'utf8');
  return ours.replace(/^Copyright .*$/m, `Copyright (c) ${holder}`).trim();
}

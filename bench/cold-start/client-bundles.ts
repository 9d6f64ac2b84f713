import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { type Bundle, buildFunctions } from '../../scripts/build.ts';

const SourceMap = v.pipe(v.string(), v.parseJson(), v.object({ sources: v.array(v.string()) }));

const COMMAND = /\/@aws-sdk\/client-([\w-]+)\/dist-es\/commands\/(\w+Command)\.js$/;
const CLIENT = /\/@aws-sdk\/client-([\w-]+)\/dist-es\/(\w+Client)\.js$/;
/** Ours imports it only when it reads a secret. The other contender does the same. */
const LAZY = new Set(['secrets-manager']);

/**
 * For each function a bundle of the same SDK clients and commands, and of undici where the function has it, built
 * with the same options, and nothing else. Which they are is read from the function's source map.
 */
export async function buildClientBundles(functions: Bundle[], sourceDir: string, outDir: string) {
  await mkdir(sourceDir, { recursive: true });
  for (const { name, path } of functions) {
    const { sources } = v.parse(SourceMap, await readFile(`${path}.map`, 'utf8'));
    await writeFile(join(sourceDir, `${name}.ts`), sourceOf(sources));
  }
  return buildFunctions({ functionsDir: sourceDir, outDir });
}

function sourceOf(sources: string[]): string {
  const packages = new Map<string, Set<string>>();
  const lazy = new Set<string>();
  for (const source of sources) {
    const [, client = '', name = ''] = COMMAND.exec(source) ?? CLIENT.exec(source) ?? [];
    if (name === '') continue;
    if (LAZY.has(client)) lazy.add(client);
    else packages.set(client, (packages.get(client) ?? new Set()).add(name));
  }
  const imports = [...packages].map(
    ([client, names]) => `import { ${[...names].sort().join(', ')} } from '@aws-sdk/client-${client}';`,
  );
  const used = [...packages.values()].flatMap((names) => [...names]);
  if (sources.some((source) => source.includes('/undici/'))) {
    imports.push(`import { Pool } from 'undici';`);
    used.push('Pool');
  }
  const late = [...lazy].map((client) => `import('@aws-sdk/client-${client}')`);
  return `${imports.join('\n')}\nexport const handler = async () => [${[...used, ...late].join(', ')}];\n`;
}

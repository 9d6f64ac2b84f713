import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { replaceFile } from './build.ts';
import { bundleForNode } from './bundle-for-node.ts';
import { emitDeclarations } from './emit-declarations.ts';
import { PROJECT_DIR } from './osls.ts';

const ENTRY = join(PROJECT_DIR, 'clients/http/client.ts');

/** Modules of others in the declarations of the client, with their own declarations. */
const FOREIGN = ['openapi-fetch', 'openapi-typescript-helpers'];

/** Makes `<name>/client`: one module of JavaScript, what it loads only to sign, and the types beside it. */
export async function buildClient(outDir: string): Promise<void> {
  await bundleForNode({ entry: ENTRY, name: 'client', extension: '.js', outDir });
  const emitted = Object.entries(await emitDeclarations(ENTRY)).filter(([path]) =>
    path.startsWith('clients/http/'),
  );
  const files = [
    ...emitted.map(([path, text]) => [basename(path), text] as const),
    ['openapi.d.ts', await readFile(join(PROJECT_DIR, 'contracts/openapi.d.ts'), 'utf8')] as const,
    ...(await Promise.all(
      FOREIGN.map(
        async (name) =>
          [
            `${name}.d.ts`,
            await readFile(join(PROJECT_DIR, 'node_modules', name, 'dist/index.d.ts'), 'utf8'),
          ] as const,
      ),
    )),
  ];
  for (const [name, text] of files)
    await replaceFile(join(outDir, name), Buffer.from(besideOneAnother(text)));
}

/** All declarations are in one folder. */
function besideOneAnother(text: string): string {
  return text.replaceAll(/\bfrom (['"])([^'"]+)\1/g, (whole, _quote, module: string) => {
    if (FOREIGN.includes(module)) return `from './${module}.js'`;
    return module.endsWith('.ts') ? `from './${basename(module).replace(/(\.d)?\.ts$/, '.js')}'` : whole;
  });
}

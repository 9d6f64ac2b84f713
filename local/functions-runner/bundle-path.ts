import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The module behind a handler such as `dist/poll-activations/index.handler`, looked up as Lambda does.
 * Throws when there is none.
 */
export function bundlePath(codeDir: string, handler: string): string {
  const base = join(codeDir, handler.slice(0, handler.lastIndexOf('.')));
  const found = ['.js', '.mjs', '.cjs'].map((extension) => base + extension).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${handler}: there is no ${base}.mjs. Run npm run build.`);
  return found;
}

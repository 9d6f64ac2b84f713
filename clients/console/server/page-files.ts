import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { About } from '../about.ts';

export type PageFile = { status: number; headers: Record<string, string>; body: Buffer };

const FILES: Readonly<Record<string, [name: string, type: string]>> = {
  '/': ['index.html', 'text/html;charset=utf-8'],
  '/console.js': ['console.js', 'text/javascript;charset=utf-8'],
  '/console.css': ['console.css', 'text/css;charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
};

/** What the page may do: load its own files, and talk to the server that has served it. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

export type PageOptions = {
  /** Where the built page is. */
  directory: string;
  /** What `/console.json` says. */
  about: About;
};

/** Returns a file of the page for a GET of its path. Undefined: the path is none of the page's. */
export async function pageFile(
  path: string,
  { directory, about }: PageOptions,
): Promise<PageFile | undefined> {
  if (path === '/console.json') return ok('application/json', Buffer.from(JSON.stringify(about)));
  const file = Object.hasOwn(FILES, path) ? FILES[path] : undefined;
  if (file === undefined) return undefined;
  const [name, type] = file;
  const body = await readFile(join(directory, name)).catch(() => undefined);
  if (body !== undefined) return ok(type, body);
  const missing = 'The page is not built. Build it: npm run build\n';
  return {
    status: 404,
    headers: { ...HEADERS, 'content-type': 'text/plain;charset=utf-8' },
    body: Buffer.from(missing),
  };
}

function ok(type: string, body: Buffer): PageFile {
  return { status: 200, headers: { ...HEADERS, 'content-type': type }, body };
}

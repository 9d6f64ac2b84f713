import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The browser of this machine: `CHROMIUM`, or the first one in PATH. Throws what to install if there is none. */
export async function startChromium(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM || (await findInPath(NAMES));
  if (executablePath === undefined) {
    throw new Error(
      'There is no Chromium. Install it (Debian: apt-get install chromium), or name one: CHROMIUM=/path/to/chromium',
    );
  }
  return chromium.launch({ executablePath });
}

async function findInPath(names: string[]): Promise<string | undefined> {
  const directories = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const path of names.flatMap((name) => directories.map((directory) => join(directory, name)))) {
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { PROJECT_DIR } from '../../scripts/osls.ts';
import { openPage, show, viewsOf } from './page-checks.ts';
import type { Stage } from './page-stage.ts';

const DIRECTORY = join(PROJECT_DIR, 'docs/images');

/** The pictures of docs/guides/console.md. */
export async function takePictures(browser: Browser, stage: Stage): Promise<void> {
  await mkdir(DIRECTORY, { recursive: true });
  const views = viewsOf(stage);
  const pictures = [
    { file: 'console-overview.png', view: views.overview, width: 1100, height: 720, colorScheme: 'light' },
    {
      file: 'console-activation.png',
      view: views['a completed one'],
      width: 1100,
      height: 720,
      colorScheme: 'dark',
    },
  ] as const;
  for (const { file, view, ...look } of pictures) {
    if (view === undefined) throw new Error(`${file} shows no view`);
    const { page, close } = await openPage(browser, look);
    await show(page, stage, view);
    await page.screenshot({ path: join(DIRECTORY, file) });
    console.log(`docs/images/${file}`);
    await close();
  }
}

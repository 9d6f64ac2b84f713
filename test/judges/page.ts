import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { readCommandLine } from '../../clients/terminal/command-line.ts';
import { printable } from '../../clients/terminal/printable.ts';
import { flag } from '../../clients/terminal/program.ts';
import { formatAsJson } from '../../local/logs/format-record.ts';
import { endInterrupted, onStopSignal } from '../../local/stop-signals.ts';
import { type LocalWorld, startLocalWorld } from '../../local/world.ts';
import { consoleBundle } from '../../scripts/build-console.ts';
import { startChromium } from './chromium.ts';
import {
  checkAlarms,
  checkFaults,
  checkKeyboard,
  checkOlderBatches,
  checkOperation,
  checkPlan,
  checkRedrive,
  checkRequest,
  checkUrl,
  checkViews,
} from './page-checks.ts';
import { measureOverview } from './page-figures.ts';
import { takePictures } from './page-pictures.ts';
import { type Stage, setStage } from './page-stage.ts';

const { values } = readCommandLine({
  command: 'npm run judge:page',
  about: `Has a real Chromium show the page of the service: every view at 390 and 1,440 pixels, by day and by night, with
axe-core; a redrive, a pause, an operation and its abort, the fault switches, a request; and failures by keyboard alone.
Prints what is not as planned, and fails when anything is not. Needs a Chromium (Debian: apt-get install chromium).`,
  options: { pictures: flag('only takes the pictures of docs/images anew') },
  environment: { CHROMIUM: 'the browser (default: chromium in PATH)' },
  examples: ['', '--pictures'],
});

const PARTS: Record<string, (browser: Browser, stage: Stage) => Promise<string[]>> = {
  'every view, at two widths, in two colours, with axe-core': checkViews,
  'the state in the URL': checkUrl,
  'the alarms': checkAlarms,
  'a redrive': checkRedrive,
  'a plan by its id, its execution, and events as they come': checkPlan,
  'a pause, and an operation that is aborted': checkOperation,
  'batches of older activations': checkOlderBatches,
  'by keyboard alone': checkKeyboard,
  'the fault switches': checkFaults,
  'a request': checkRequest,
};

/** How many differences there were; each is printed. */
async function judge(browser: Browser, world: LocalWorld): Promise<number> {
  const stage = await setStage(world);
  if (values.pictures) {
    await takePictures(browser, stage);
    return 0;
  }
  let differences = 0;
  for (const [name, play] of Object.entries(PARTS)) {
    const found = await play(browser, stage).catch((error: unknown) => [String(error)]);
    console.log(`${found.length === 0 ? 'as planned' : 'DIFFERENT '}  ${name}`);
    for (const difference of found) console.log(`            ${printable(difference)}`);
    differences += found.length;
  }
  const { bytes } = await consoleBundle();
  console.log(`measured    the page: ${(bytes / 1000).toFixed(1)} kB, gzipped`);
  console.log(`measured    ${await measureOverview(browser, world)}`);
  return differences;
}

async function main(directory: string, logPath: string): Promise<number> {
  const ends: (() => Promise<unknown>)[] = [];
  try {
    const browser = await startChromium();
    ends.push(() => browser.close());
    const log = createWriteStream(logPath);
    ends.push(() => new Promise((resolve) => log.end(resolve)));
    const world = await startLocalWorld({
      env: { POLL_TICK_MS: '1000', RATE_LIMIT_PER_SECOND: '100' },
      port: 0,
      dataDir: join(directory, 'data'),
      fake: { autoCreate: { pattern: '*' } },
      onLog: (record) => log.write(`${formatAsJson(record)}\n`),
    });
    ends.push(() => world.stop());
    return await judge(browser, world);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

const directory = await mkdtemp(join(tmpdir(), 'flow-log-activator-page-'));
onStopSignal((signal) => endInterrupted(signal, directory));
const logPath = join(directory, 'log.jsonl');
const differences = await main(directory, logPath).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  return 1;
});
if (differences === 0) {
  await rm(directory, { recursive: true, force: true });
} else {
  console.error(`What the functions logged: ${printable(logPath)}`);
  process.exitCode = 1;
}

import type { Browser } from 'playwright-core';
import { requestActivations } from '../../local/demo/observe.ts';
import type { LocalWorld } from '../../local/world.ts';
import { LOOKS, openPage } from './page-checks.ts';

const BATCHES = 40;
const BATCH_SIZE = 250;
const ROUNDS = 5;

/** How long the overview takes from the API's last answer to the frame that shows it, with 10,000 activations stored. */
export async function measureOverview(browser: Browser, { apiUrl }: LocalWorld): Promise<string> {
  // Paused, so that nothing else works on this machine meanwhile.
  await fetch(`${apiUrl}/accounts/default/pause`, { method: 'PUT' });
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const ids = Array.from({ length: BATCH_SIZE }, (_, index) => `fl-figure-${batch}-${index}`);
    await requestActivations(apiUrl, ids);
  }
  const [look] = LOOKS;
  if (look === undefined) throw new Error('there is no look');
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { page, close } = await openPage(browser, look);
    await page.addInitScript(noteWhenDrawn);
    await page.goto(`${apiUrl}/#/`);
    await page.waitForFunction(() => performance.getEntriesByName('drawn').length > 0);
    times.push(await page.evaluate(sinceLastAnswer));
    await close();
  }
  const [median] = times.toSorted((a, b) => a - b).slice(Math.floor(ROUNDS / 2));
  const total = (BATCHES * BATCH_SIZE).toLocaleString('en');
  return `the overview with ${total} activations is drawn ${median?.toFixed(0)} ms after the API's answer (median of ${ROUNDS})`;
}

/** Runs in the page: notes the first frame after everything that is read has been drawn. */
function noteWhenDrawn(): void {
  const look = () => {
    const isDrawn =
      document.querySelectorAll('main table').length === 2 &&
      document.querySelector('main .loading') === null;
    requestAnimationFrame(isDrawn ? () => performance.mark('drawn') : look);
  };
  requestAnimationFrame(look);
}

/** Runs in the page. */
function sinceLastAnswer(): number {
  const drawnAt = performance.getEntriesByName('drawn')[0]?.startTime ?? Number.NaN;
  const answers = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
  return drawnAt - Math.max(...answers.map(({ responseEnd }) => responseEnd).filter((end) => end <= drawnAt));
}

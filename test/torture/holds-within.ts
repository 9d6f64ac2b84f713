import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 50;

/** Looks until the condition holds; false when it did not within the bound. */
export async function holdsWithin(
  boundMs: number,
  condition: () => boolean | Promise<boolean>,
): Promise<boolean> {
  const giveUpAt = Date.now() + boundMs;
  while (!(await condition())) {
    if (Date.now() > giveUpAt) return false;
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { CountedRequest } from './counted-dynamodb.ts';
import { median } from './harness/statistics.ts';

/** A tick asks each shard of the index `due` once, when a page holds all. */
const QUERIES_A_TICK = 4;
const QUIET_TICKS = 3;
const MEASURED_TICKS = 20;
const BOUND_MS = 180_000;
const LOOK_EVERY_MS = 100;

export type TickCost = { requests: number; itemsRead: number };

/**
 * What a tick of the poller costs when nothing changes: the median of 20, measured once it has written nothing for
 * a few ticks. Throws when it never comes to rest.
 */
export async function measureQuietTicks(requests: CountedRequest[]): Promise<TickCost> {
  const giveUpAt = Date.now() + BOUND_MS;
  for (;;) {
    const from = requests.length;
    const quiet = await collectTicks(requests, from, QUIET_TICKS, giveUpAt);
    if (quiet.some(({ wrote }) => wrote)) continue;
    const measured = await collectTicks(requests, requests.length, MEASURED_TICKS, giveUpAt);
    return {
      requests: median(measured.map((tick) => tick.requests)),
      itemsRead: median(measured.map((tick) => tick.itemsRead)),
    };
  }
}

async function collectTicks(requests: CountedRequest[], from: number, count: number, giveUpAt: number) {
  for (;;) {
    const ticks = splitTicks(requests.slice(from).filter(({ client }) => client === 'poll-activations'));
    // The first may have been cut, and the last may go on.
    if (ticks.length >= count + 2) return ticks.slice(1, count + 1);
    if (Date.now() > giveUpAt) throw new Error(`no ${count} ticks within ${BOUND_MS / 1_000} s`);
    await sleep(LOOK_EVERY_MS);
  }
}

function splitTicks(requests: CountedRequest[]): (TickCost & { wrote: boolean })[] {
  const ticks: (TickCost & { wrote: boolean })[] = [];
  let queries = 0;
  for (const { operation, itemsRead } of requests) {
    if (operation === 'Query' && queries++ % QUERIES_A_TICK === 0) {
      ticks.push({ requests: 0, itemsRead: 0, wrote: false });
    }
    const tick = ticks.at(-1);
    if (tick === undefined) continue;
    tick.requests += 1;
    tick.itemsRead += itemsRead;
    tick.wrote ||= operation === 'UpdateItem' || operation === 'PutItem';
  }
  return ticks;
}

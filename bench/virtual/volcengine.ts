import { type FakeVolcengine, startFakeVolcengine } from '../../local/volcengine/start-fake-volcengine.ts';
import { credentialOf, REGION } from './adapters.ts';
import type { VirtualClock } from './virtual-clock.ts';

export type FlowLog = {
  /** `default` if not given. */
  account?: string;
  flowLogId: string;
  pendingMs: number;
  status?: 'Inactive' | 'Active' | 'Pending';
};

/** Its log keeps the latest 10,000 calls. */
const COUNT_EVERY_MS = 2_000;
const SEEDS_AT_ONCE = 10_000;

export type Volcengine = {
  url: string;
  /** The calls that its log shows, by action. Throws when one of them was refused for another reason than its status. */
  calls(): Map<string, number>;
  /** When each became Active, by its id; in milliseconds since the epoch. */
  activeTimes(): Map<string, number>;
  close(): Promise<void>;
};

/** The fake of the local world, by the virtual clock: it checks signatures and keeps a log of its calls. */
export async function startVolcengine(clock: VirtualClock, flowLogs: FlowLog[]): Promise<Volcengine> {
  const accounts = new Set(['default', ...flowLogs.map(({ account = 'default' }) => account)]);
  const fake = await startFakeVolcengine({ now: clock.now, credentials: [...accounts].map(credentialOf) });
  for (let start = 0; start < flowLogs.length; start += SEEDS_AT_ONCE) {
    const seeds = flowLogs.slice(start, start + SEEDS_AT_ONCE);
    await fake.seed(seeds.map((flowLog) => ({ region: REGION, ...flowLog })));
  }
  const counts = new Map<string, number>();
  let seen = 0;
  const count = () => {
    seen = countCalls(fake, seen, counts);
    return counts;
  };
  const countRegularly = () => {
    count();
    clock.after(COUNT_EVERY_MS, countRegularly);
  };
  countRegularly();
  return { url: fake.url, calls: count, activeTimes: () => activeTimesOf(fake), close: () => fake.close() };
}

function activeTimesOf(fake: FakeVolcengine): Map<string, number> {
  const active = fake.flowLogs().flatMap(({ flowLogId, activeAt }) => {
    const known: [string, number][] = activeAt === undefined ? [] : [[flowLogId, activeAt]];
    return known;
  });
  return new Map(active);
}

function countCalls(fake: FakeVolcengine, seen: number, counts: Map<string, number>): number {
  let last = seen;
  for (const { seq, action, code } of fake.calls(seen)) {
    if (seq !== last + 1) throw new Error('the log has forgotten calls that were not counted');
    if (code !== undefined && code !== 'InvalidFlowLog.InvalidStatus') throw new Error(`${action}: ${code}`);
    counts.set(action, (counts.get(action) ?? 0) + 1);
    last = seq;
  }
  return last;
}

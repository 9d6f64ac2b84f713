import * as v from 'valibot';
import type { Sample } from './statistics.ts';

/** How long a contender warms up (and for how many calls at least), and how long it is then measured. */
export const Durations = v.object({
  warmUpMs: v.number(),
  warmUpCalls: v.optional(v.number(), 0),
  measureMs: v.number(),
});
type Durations = v.InferOutput<typeof Durations>;

export const SampleSchema = v.object({ operations: v.number(), wallMs: v.number(), cpuUs: v.number() });

/** The clock is read once in so many operations, where one takes microseconds. */
const CHUNK = 200;

/** Of this process alone: user and system time of all its threads. */
function startMeter(): (operations: number) => Sample {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  return (operations) => {
    const wallMs = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(cpu);
    return { operations, wallMs, cpuUs: user + system };
  };
}

/** Calls again and again; `call` is given the number of the call. */
export function measureSync(call: (index: number) => unknown, { warmUpMs, measureMs }: Durations): Sample {
  let calls = 0;
  const callFor = (durationMs: number) => {
    const first = calls;
    const endAt = performance.now() + durationMs;
    do {
      for (let left = CHUNK; left > 0; left -= 1) {
        call(calls);
        calls += 1;
      }
    } while (performance.now() < endAt);
    return calls - first;
  };
  callFor(warmUpMs);
  const stop = startMeter();
  return stop(callFor(measureMs));
}

/** So many callers at once, each with one call after the other. A call that rejects ends it all. */
export async function measureConcurrent(
  call: (index: number) => Promise<unknown>,
  concurrency: number,
  { warmUpMs, warmUpCalls, measureMs }: Durations,
): Promise<Sample> {
  let calls = 0;
  const callFor = async (durationMs: number, least = 0) => {
    const first = calls;
    const endAt = performance.now() + durationMs;
    const caller = async () => {
      do {
        calls += 1;
        await call(calls);
      } while (performance.now() < endAt || calls - first < least);
    };
    await Promise.all(Array.from({ length: concurrency }, caller));
    return calls - first;
  };
  await callFor(warmUpMs, warmUpCalls);
  const stop = startMeter();
  return stop(await callFor(measureMs));
}

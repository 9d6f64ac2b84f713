import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { median } from './harness/statistics.ts';

const SAMPLES = 5;
const SAMPLE_EVERY_MS = 1_000;

/** Resident set size in MB: the median of a few seconds, as garbage collection comes and goes. */
export async function residentMb(pid: number | undefined): Promise<number> {
  const samples: number[] = [];
  for (let index = 0; index < SAMPLES; index += 1) {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
    samples.push(Number(stdout.trim()) / 1_024);
    await sleep(SAMPLE_EVERY_MS);
  }
  return median(samples);
}

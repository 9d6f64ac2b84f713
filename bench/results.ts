import { readFile, writeFile } from 'node:fs/promises';
import * as v from 'valibot';
import type { Sizes } from './harness/bench.ts';
import type { Machine } from './harness/machine.ts';
import type { Measured } from './harness/statistics.ts';
import { judge, limitOf } from './harness/verdict.ts';
import { TARGETS } from './targets.ts';

const RESULTS_URL = new URL('./results.json', import.meta.url);

export type Entry = {
  measuredAt: string;
  machine: Machine;
  rounds: number;
  sizes: Sizes;
  /** Whether the sizes are those that the targets speak of. */
  isFull: boolean;
  figures: Record<string, Measured>;
  notes: string[];
};

const Stored = v.record(v.string(), v.unknown());

const StoredEntry = v.object({
  measuredAt: v.string(),
  machine: v.object({
    processor: v.string(),
    cores: v.number(),
    memoryGb: v.number(),
    system: v.string(),
    versions: v.record(v.string(), v.string()),
  }),
  rounds: v.number(),
  isFull: v.boolean(),
  figures: v.record(
    v.string(),
    v.object({
      unit: v.string(),
      median: v.number(),
      least: v.number(),
      most: v.number(),
      rounds: v.number(),
    }),
  ),
});
export type StoredEntry = v.InferOutput<typeof StoredEntry>;

/** What the benches wrote, by their names. Throws when there is nothing. */
export async function readResults(): Promise<Record<string, StoredEntry>> {
  const text = await readFile(RESULTS_URL, 'utf8');
  return v.parse(v.record(v.string(), StoredEntry), JSON.parse(text));
}

/** Takes the place of what the same benches wrote before; the results of others stay, with their own date. */
export async function writeResults(entries: Record<string, Entry>): Promise<string> {
  const text = await readFile(RESULTS_URL, 'utf8').catch(() => '{}');
  const stored = v.parse(Stored, JSON.parse(text));
  for (const [name, { figures, ...rest }] of Object.entries(entries)) {
    const stores = Object.entries(figures).map(([figure, value]) => [
      figure,
      toStored(figure, value, rest.isFull),
    ]);
    stored[name] = { ...rest, figures: Object.fromEntries(stores) };
  }
  await writeFile(RESULTS_URL, `${JSON.stringify(stored, null, 2)}\n`);
  return RESULTS_URL.pathname;
}

function toStored(name: string, figure: Measured, isFull: boolean) {
  const target = TARGETS.find((candidate) => candidate.figure === name);
  const { unit, median, least, most, rounds } = figure;
  return {
    unit,
    median: round(median),
    least: round(least),
    most: round(most),
    rounds,
    ...(target && isFull && { target: limitOf(target), verdict: judge(target, figure) }),
  };
}

function round(value: number): number {
  return Number(value.toPrecision(5));
}

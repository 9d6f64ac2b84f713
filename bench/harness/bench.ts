import type { Measured } from './statistics.ts';
import type { Table } from './table.ts';

export type Sizes = Record<string, number>;

type BenchResult = {
  tables: Table[];
  /** By the name that `targets.ts` knows it by. */
  figures: Record<string, Measured>;
  /** What a reader must know to judge the figures. */
  notes: string[];
};

type BenchContext<S extends Sizes> = {
  rounds: number;
  sizes: S;
  /** Progress, for a person who waits. */
  say: (text: string) => void;
};

export type BenchDefinition<S extends Sizes> = {
  name: string;
  what: string;
  /** The real ones, and those that only show that the bench runs. */
  sizes: { full: S; quick: S };
  /** Those sizes that add a measurement and change no other. */
  extras?: readonly (keyof S & string)[];
  run: (context: BenchContext<S>) => Promise<BenchResult>;
};

type BenchOptions = { rounds: number; quick: boolean; sizes: Sizes; say: (text: string) => void };

/** A bench with its sizes' names forgotten, so that all fit one list. */
export type Bench = {
  name: string;
  what: string;
  sizes: Sizes;
  /**
   * Throws for a size that this bench does not have. `isFull`: the sizes are those that the targets speak of.
   */
  run: (options: BenchOptions) => Promise<BenchResult & { sizes: Sizes; isFull: boolean }>;
};

export function defineBench<S extends Sizes>(definition: BenchDefinition<S>): Bench {
  const { name, what, sizes, extras = [], run } = definition;
  return {
    name,
    what,
    sizes: sizes.full,
    async run({ rounds, quick, sizes: given, say }) {
      for (const size of Object.keys(given)) {
        if (!(size in sizes.full)) throw new Error(`${name} has no size ${size}`);
      }
      const chosen = { ...(quick ? sizes.quick : sizes.full), ...given };
      const isFull = Object.entries(sizes.full).every(
        ([size, value]) => chosen[size] === value || extras.includes(size),
      );
      return { ...(await run({ rounds, sizes: chosen, say })), sizes: chosen, isFull };
    },
  };
}

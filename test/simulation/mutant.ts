import type { Theme } from './fault-kinds.ts';
import type { LoadName } from './loads/load.ts';
import type { Rule } from './rules.ts';

export type Mutant = {
  name: string;
  file: string;
  /** Must occur exactly once. */
  original: string;
  mutated: string;
  /** Rules that may be the first to catch it. */
  caughtBy: readonly Rule[];
  /** What it takes to be caught soon. */
  theme?: Theme;
  load?: LoadName;
};

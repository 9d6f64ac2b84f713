import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { SeededRandom } from '../support/fakes/seeded-random.ts';
import type { Version } from '../support/virtual/container-pool.ts';
import type { readItem } from '../support/virtual/functions.ts';
import type { Habits } from '../support/virtual/simulated-flow-log.ts';
import { hasKnownFaults } from './known-faults.ts';

export type Release = Version & { readItem: typeof readItem };

const FOLDER = new URL('../fixtures/released/', import.meta.url);
const ANOTHER_STREAM = 0x5e1ea5e;

/** What was released before, as scripts/bundle-release.ts has kept it. */
const RELEASES: readonly Release[] = await Promise.all(
  readdirSync(FOLDER)
    .filter((file) => /^\d+\.\d+\.\d+\.mjs$/.test(file))
    .sort()
    .map(async (file) => {
      const { functionsOf, readItem } = await import(new URL(file, FOLDER).href);
      return { version: basename(file, '.mjs'), functionsOf, readItem };
    }),
);

/** What 0.3.0 does not know of Volcengine: an id for which a whole call is refused, no list at all, a lock that is being lifted. */
const KNOWN_HABITS = {
  unknownId: 'left out',
  emptyList: 'list',
  restoringMs: 0,
} as const satisfies Partial<Habits>;

/** Which version of the code the next invocation meets. A random of its own, as loads have. */
export class Rollout {
  readonly #random: SeededRandom;
  readonly release: Release | undefined;
  /** Of the invocations, how many the released version has. */
  share = 0;

  constructor(seed: number, isOn: boolean) {
    this.#random = new SeededRandom(seed ^ ANOTHER_STREAM);
    this.release = isOn ? this.#random.pick(RELEASES) : undefined;
  }

  get habits(): Partial<Habits> {
    return hasKnownFaults(this.release?.version) ? KNOWN_HABITS : {};
  }

  /** The released one, or undefined for the code as it is. */
  draw(): Release | undefined {
    return this.release && this.#random.chance(this.share) ? this.release : undefined;
  }
}

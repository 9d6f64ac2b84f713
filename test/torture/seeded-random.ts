export type SeededRandom = {
  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number;
  shuffled<Item>(items: readonly Item[]): Item[];
};

/** mulberry32: the same numbers for the same seed on every machine. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    integer: (min, max) => min + Math.floor(next() * (max - min + 1)),
    shuffled(items) {
      const keyed = items.map((item) => ({ item, key: next() }));
      return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
    },
  };
}

import { describe, expect, it } from 'vitest';
import { createCapacityMeter } from '../../../bench/money/capacity.ts';
import { itemBytes } from '../../../bench/money/item-size.ts';

const S = (value: string) => ({ S: value });
const N = (value: number) => ({ N: String(value) });

const queued = {
  pk: S('F#default#cn-beijing#fl-1'),
  sk: S('0'),
  status: S('queued'),
  dueShard: S('1'),
  dueAt: N(1_767_323_045_000),
  listBucket: S('open#1'),
  listKey: S('0001#a'),
};
const longNote = S('x'.repeat(1_024));
const unitsOf = (
  before: typeof queued | undefined,
  after: Partial<typeof queued> & { note?: { S: string }; pastListKey?: { S: string } },
) => {
  const { meter, capacity } = createCapacityMeter();
  meter.wrote(before, Object.fromEntries(Object.entries(after).filter(([, value]) => value !== undefined)));
  return capacity().writeUnits;
};

describe('capacity that a write costs', () => {
  it('reckons names and strings in UTF-8, numbers by two digits a byte, and lists by element', () => {
    expect(itemBytes({ ab: S('ü') })).toBe(2 + 2);
    expect(itemBytes({ n: N(1_767_323_045_000) })).toBe(1 + 5 + 1);
    expect(itemBytes({ l: { L: [S('a'), { M: { b: { BOOL: true } } }] } })).toBe(
      1 + 3 + (1 + 1) + (1 + 3 + 1 + 1 + 1),
    );
  });

  it.each([
    ['a new item is put where it has keys', undefined, queued, [1, 1, 1, 0]],
    ['an archived one as well', undefined, { ...queued, pastListKey: S('0001#a') }, [1, 1, 1, 1]],
    ['a change of no key changes no index', queued, { ...queued, note: S('x') }, [1, 0, 0, 0]],
    ['a changed key is deleted and put', queued, { ...queued, listBucket: S('failed#1') }, [1, 0, 2, 0]],
    ['what leaves an index is deleted there', queued, { ...queued, dueAt: undefined }, [1, 1, 0, 0]],
    ['the larger of before and after counts', queued, { ...queued, note: longNote }, [2, 0, 0, 0]],
  ])('%s', (_what, before, after, [table, due, list, flowLog]) => {
    expect(unitsOf(before, after)).toEqual({ table, due, list, attention: 0, 'flow-log': flowLog });
  });

  it('reads by 4 kB, the index at half the price, and what is not there as one', () => {
    const { meter, capacity } = createCapacityMeter();
    meter.got([queued, undefined], true);
    meter.queried([queued, queued]);
    meter.queried([]);
    expect(capacity().readUnits).toBe(1 + 1 + 0.5 + 0.5);
  });
});

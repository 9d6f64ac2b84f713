import { parse, safeParse } from 'valibot';
import { expect, test } from 'vitest';
import { batchPlanned, batchPlannedSchema } from '../../../events/batch-planned-v1.ts';
import { batchPlannedExample } from '../../../events/golden-examples.ts';

test('the golden example parses, whole', () => {
  expect(parse(batchPlannedSchema, batchPlannedExample)).toEqual(batchPlannedExample);
});

test('what is built from its data is the example, byte by byte', () => {
  const { id, time, data } = parse(batchPlannedSchema, batchPlannedExample);
  expect(JSON.stringify(batchPlanned(id, Date.parse(time), data))).toBe(JSON.stringify(batchPlannedExample));
});

test('what a later version adds is let through, what is missing is not', () => {
  const { data } = batchPlannedExample;
  const parses = (change: object) =>
    safeParse(batchPlannedSchema, { ...batchPlannedExample, data: { ...data, ...change } }).success;
  expect(parses({ added: 1, counts: { ...data.counts, added: 1 } })).toBe(true);
  expect(parses({ schedule: undefined })).toBe(false);
  expect(parses({ counts: {} })).toBe(false);
  expect(parses({ scheduledAt: 'x' })).toBe(false);
});

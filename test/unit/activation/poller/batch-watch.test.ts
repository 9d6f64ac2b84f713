import { beforeEach, expect, test } from 'vitest';
import type { Batch } from '../../../../lib/activation/model/batch.ts';
import { type BatchWatch, createBatchWatch } from '../../../../lib/activation/poller/batch-watch.ts';
import { aBatch, numberedIds } from '../../../support/builders/activations.ts';
import { anActivation, batchIdOf, START } from '../../../support/fakes/activations.ts';

let watch: BatchWatch;

beforeEach(() => {
  watch = createBatchWatch();
  watch.beginTick(START);
});

const batchOf = (total: number, change: Partial<Batch> = {}) =>
  aBatch(numberedIds(total), { dueAt: START + 60_000, ...change });
const ended = (index: number, joiners: string[] = []) => anActivation({ flowLogId: `fl-${index}`, joiners });
const mayHaveEnded = (batch: Batch) => watch.candidates().includes(batch.batchId) && watch.needsCheck(batch);

test('a batch is checked when all its activations have ended, and not before', () => {
  const batch = batchOf(3);
  expect(watch.candidates()).toEqual([]);
  watch.recordEnd(ended(0));
  // The batch must be read once to know its number of activations.
  expect(watch.candidates()).toEqual([batch.batchId]);
  expect(watch.needsCheck(batch)).toBe(false);
  expect(watch.candidates()).toEqual([]);
  watch.recordEnd(ended(1));
  expect(watch.candidates()).toEqual([]);
  watch.recordEnd(ended(2));
  expect(mayHaveEnded(batch)).toBe(true);
  watch.forget(batch.batchId);
  expect(watch.candidates()).toEqual([]);
});

test('the end of an activation counts once', () => {
  const batch = batchOf(2);
  watch.recordEnd(ended(0));
  watch.recordEnd(ended(0));
  expect(watch.needsCheck(batch)).toBe(false);
  watch.recordEnd(ended(1));
  expect(mayHaveEnded(batch)).toBe(true);
});

test('joined batches are counted too', () => {
  const joiner = batchOf(1, { batchId: batchIdOf(2) });
  watch.recordEnd(ended(0, [joiner.batchId]));
  expect(watch.candidates()).toEqual([batchIdOf(1), joiner.batchId]);
  expect(watch.needsCheck(joiner)).toBe(true);
});

test('a batch that is older than the watch is checked once, then again when the rest has ended', () => {
  const batch = batchOf(5, { createdAt: START - 1 });
  watch.recordEnd(ended(3));
  expect(mayHaveEnded(batch)).toBe(true);
  watch.setOpenCount(batch.batchId, 1);
  expect(watch.candidates()).toEqual([]);
  watch.recordEnd(ended(4));
  expect(mayHaveEnded(batch)).toBe(true);
});

test('a large batch that is older than the watch, and due soon, is counted by the check at its dueAt', () => {
  const batch = batchOf(101, { createdAt: START - 1 });
  watch.recordEnd(ended(0));
  expect(mayHaveEnded(batch)).toBe(false);
  expect(watch.candidates()).toEqual([]);
  watch.setOpenCount(batch.batchId, 1);
  watch.recordEnd(ended(1));
  expect(mayHaveEnded(batch)).toBe(true);
});

test('after a pause the count restarts, because another poller may have published ends', () => {
  const batch = batchOf(3);
  watch.recordEnd(ended(0));
  expect(watch.needsCheck(batch)).toBe(false);
  watch.beginTick(START + 30_000);
  watch.recordEnd(ended(1));
  expect(mayHaveEnded(batch)).toBe(false);
  watch.beginTick(START + 120_000);
  watch.recordEnd(ended(2));
  expect(mayHaveEnded(batch)).toBe(true);
});

test('the memory is bounded', () => {
  const batch = batchOf(60_000, { dueAt: START + 3_600_000 });
  const one = ended(0);
  watch.recordEnd(one);
  expect(watch.needsCheck(batch)).toBe(false);
  for (let index = 1; index <= 50_000; index += 1) watch.recordEnd({ ...one, activationId: `a-${index}` });
  watch.beginTick(START + 5_000);
  expect(watch.candidates()).toEqual([]);
  watch.recordEnd(one);
  expect(mayHaveEnded(batch)).toBe(true);
});

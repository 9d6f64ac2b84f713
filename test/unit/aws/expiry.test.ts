import { expect, test } from 'vitest';
import { toActivationItem } from '../../../lib/aws/activation-item.ts';
import { toBatchItem } from '../../../lib/aws/batch-item.ts';
import { aBatch } from '../../support/builders/activations.ts';
import { anActivation, START } from '../../support/fakes/activations.ts';

const DAY_MS = 86_400_000;
const batch = aBatch(['fl-1']);
const ended = { ...anActivation(), status: 'completed' as const, finishedAt: START, dueAt: undefined };

test('a batch expires 90 days after it was made, but not before its end is told', () => {
  expect(toBatchItem(batch).expiresAt).toBe(Math.floor((START + 90 * DAY_MS) / 1_000));
  expect(toBatchItem({ ...batch, dueAt: START })).not.toHaveProperty('expiresAt');
});

test('an archived copy expires 400 days after its end, but not before all of it is told', () => {
  const copy = { ...ended, archived: true };
  expect(toActivationItem(copy).expiresAt).toBe(Math.floor((START + 400 * DAY_MS) / 1_000));
  expect(toActivationItem({ ...copy, dueAt: START })).not.toHaveProperty('expiresAt');
});

test('a claim never expires', () => {
  expect(toActivationItem(ended)).not.toHaveProperty('expiresAt');
  expect(toActivationItem(anActivation())).not.toHaveProperty('expiresAt');
});

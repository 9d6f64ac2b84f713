import { expect, test } from 'vitest';
import { recordRefusal } from '../../../lib/activation/model/refusals.ts';
import { anActivation, START } from '../../support/fakes/activations.ts';

const after = (times: number) => times * 1_000;

test('each refusal in a row makes the delay longer', () => {
  const once = recordRefusal(anActivation({ outbox: ['failed#1'] }), ['failed#1'], after, START);
  const { refused } = recordRefusal(once, ['failed#1'], after, START);
  expect(refused).toEqual({ entries: ['failed#1'], times: 2, retryAt: START + 2_000 });
});

test('a refusal of an entry that version 0.3 has published since does not count', () => {
  const earlier = { entries: ['failed#1' as const], times: 9, retryAt: START };
  const later = anActivation({ generation: 2, outbox: ['failed#2'], refused: earlier });
  const { refused } = recordRefusal(later, ['failed#2'], after, START);
  expect(refused).toEqual({ entries: ['failed#2'], times: 1, retryAt: START + 1_000 });
});

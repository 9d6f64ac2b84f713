import { expect, test } from 'vitest';
import { lazily } from '../../../lib/runtime/lazily.ts';

test('builds once, and again only after a failure', () => {
  let builds = 0;
  const services = lazily(() => {
    builds += 1;
    if (builds === 1) throw new Error('not yet');
    return builds;
  });
  expect(services).toThrow('not yet');
  expect(services()).toBe(2);
  expect(services()).toBe(2);
});

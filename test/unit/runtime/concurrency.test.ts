import { expect, test } from 'vitest';
import { combineCalls } from '../../../lib/runtime/concurrency.ts';

test('combined calls run together, and each gets its own result', async () => {
  const groups: number[][] = [];
  const double = combineCalls(
    async (items: number[]) => {
      groups.push(items);
      return items.map((item) => item * 2);
    },
    () => Promise.resolve(),
  );
  expect(await Promise.all([double(1), double(2), double(3)])).toEqual([2, 4, 6]);
  expect(groups).toEqual([[1, 2, 3]]);
});

test.each(['run', 'gather'])(
  'if %s throws, each call of the group throws, and the next one runs',
  async (step) => {
    let isBroken = true;
    const failIf = async (name: string) => {
      if (isBroken && name === step) throw new Error('broken');
    };
    const call = combineCalls(
      async (items: number[]) => {
        await failIf('run');
        return items;
      },
      () => failIf('gather'),
    );
    const settled = await Promise.allSettled([call(1), call(2)]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isBroken = false;
    expect(await call(3)).toBe(3);
  },
);

import { expect, test } from 'vitest';
import { parseSecret } from '../../../lib/webhook-delivery/sign.ts';
import { createSigningKeys } from '../../../lib/webhook-delivery/signing-keys.ts';

const secret = (byte: number) => `whsec_${Buffer.alloc(24, byte).toString('base64')}`;
const isKeyOf = (byte: number) => (key: ReturnType<typeof parseSecret>) =>
  key.equals(parseSecret(secret(byte)));

test('come in the order of the configuration; what is kept is read once, and again after five minutes', async () => {
  let now = 0;
  let kept = [secret(2), secret(3)];
  const reads: boolean[] = [];
  const keys = createSigningKeys([secret(1), { secretId: 's' }], {
    now: () => now,
    async readSecrets(_secretId, refresh) {
      reads.push(refresh);
      return kept;
    },
  });
  await keys();
  now += 299_999;
  const first = await keys();
  expect(first.map((key, index) => isKeyOf(index + 1)(key))).toEqual([true, true, true]);
  expect(reads).toEqual([false]);
  kept = [secret(4)];
  now += 1;
  expect((await keys()).map(isKeyOf(4))).toEqual([false, true]);
  expect(reads).toEqual([false, true]);
});

test('a refresh that fails leaves those that were read, for five minutes more', async () => {
  let now = 0;
  let reads = 0;
  const keys = createSigningKeys([{ secretId: 's' }], {
    now: () => now,
    async readSecrets() {
      reads += 1;
      if (reads === 2) throw new Error('throttled');
      return [reads === 3 ? 'not a secret' : secret(reads)];
    },
  });
  await keys();
  for (const expectedReads of [2, 3, 4]) {
    now += 300_000;
    const [key] = await keys();
    expect(key && isKeyOf(expectedReads === 4 ? 4 : 1)(key)).toBe(true);
    await keys();
    expect(reads).toBe(expectedReads);
  }
});

test('what was never read, or is no secret, is refused without being repeated, and read again', async () => {
  const answers = [
    async () => Promise.reject(new Error('denied')),
    async () => ['visible'],
    async () => [secret(1)],
  ];
  const keys = createSigningKeys([{ secretId: 's' }], {
    now: () => 0,
    readSecrets: async () => answers.shift()?.() ?? [],
  });
  await expect(keys()).rejects.toThrow('denied');
  await expect(keys()).rejects.toThrow(/^must be whsec_ and the base64 of 24 to 64 bytes$/);
  expect(await keys()).toHaveLength(1);
});

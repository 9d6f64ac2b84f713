import { expect, test } from 'vitest';
import { createSigningKeyReader } from '../../../../functions/wiring/webhook-secrets.ts';
import { parseSecret } from '../../../../lib/webhooks/outbound/sign.ts';
import { createSigningKeys } from '../../../../lib/webhooks/outbound/signing-keys.ts';
import { RecordingLog } from '../../../support/fakes/ports.ts';

const secret = (byte: number) => `whsec_${Buffer.alloc(24, byte).toString('base64')}`;
const isKeyOf = (byte: number) => (key: ReturnType<typeof parseSecret>) =>
  key.equals(parseSecret(secret(byte)));

function start() {
  const clock = { now: 0 };
  const stored: { value: string | Error; reads: number } = { value: secret(2), reads: 0 };
  const log = new RecordingLog();
  const readKeys = createSigningKeyReader({
    log,
    now: () => clock.now,
    async fetchSecret() {
      stored.reads += 1;
      if (stored.value instanceof Error) throw stored.value;
      return stored.value;
    },
  });
  return { clock, stored, log, keys: createSigningKeys([secret(1), { secretId: 's' }], readKeys) };
}

test('come in the order of the configuration; what is kept is read once, and again after five minutes', async () => {
  const { clock, stored, keys } = start();
  stored.value = JSON.stringify({ secrets: [secret(2), secret(3)] });
  await keys();
  clock.now += 299_999;
  const first = await keys();
  expect(first.map((key, index) => isKeyOf(index + 1)(key))).toEqual([true, true, true]);
  expect(stored.reads).toBe(1);
  stored.value = secret(4);
  clock.now += 1;
  expect((await keys()).map(isKeyOf(4))).toEqual([false, true]);
  expect(stored.reads).toBe(2);
});

test.each([
  ['that cannot be read', new Error('throttled')],
  ['that is none', 'not a secret'],
])('a new one %s leaves those that were read, for 15 minutes in all', async (_name, value) => {
  const { clock, stored, keys, log } = start();
  await keys();
  stored.value = value;
  clock.now += 899_999;
  expect((await keys()).map(isKeyOf(2))).toEqual([false, true]);
  clock.now += 1;
  await expect(keys()).rejects.toThrow();
  expect(JSON.stringify(log.lines)).not.toContain('not a secret');
});

test('what was never read, or is no secret, is refused without being repeated, and read again', async () => {
  const { clock, stored, keys } = start();
  stored.value = new Error('denied');
  await expect(keys()).rejects.toThrow('denied');
  clock.now += 10_000;
  stored.value = 'visible';
  await expect(keys()).rejects.toThrow(/^must be whsec_ and the base64 of 24 to 64 bytes$/);
  clock.now += 10_000;
  stored.value = secret(1);
  expect(await keys()).toHaveLength(2);
});

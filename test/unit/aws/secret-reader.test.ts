import { describe, expect, test } from 'vitest';
import { createSecretReaderOf } from '../../../lib/aws/secret-reader.ts';
import { RecordingLog } from '../../support/fakes/ports.ts';

const MINUTE_MS = 60_000;

function start(retryAfterMs = 0) {
  const clock = { now: 1_000_000 };
  const stored: { value: string | Error; reads: number } = { value: 'first', reads: 0 };
  const log = new RecordingLog();
  const read = createSecretReaderOf((text) => text ?? '', {
    log,
    retryAfterMs,
    now: () => clock.now,
    async fetchSecret() {
      stored.reads += 1;
      if (stored.value instanceof Error) throw stored.value;
      return stored.value;
    },
  });
  return { clock, stored, log, read };
}

const named = (name: string) => Object.assign(new Error('no'), { name });

describe('forgotten at once', () => {
  test.each([
    'ResourceNotFoundException',
    'InvalidRequestException',
    'InvalidParameterException',
    'AccessDeniedException',
    'DecryptionFailure',
    'UnrecognizedClientException',
  ])('%s', async (name) => {
    const { clock, stored, log, read } = start();
    await read('s');
    stored.value = named(name);
    clock.now += 5 * MINUTE_MS;
    await expect(read('s')).rejects.toThrow(stored.value);
    expect(log.lines).toEqual([
      {
        level: 'error',
        message: 'a secret cannot be read',
        fields: { secretId: 's', error: stored.value, kept: false },
      },
    ]);
    // Not even when it can no longer be reached.
    stored.value = named('TimeoutError');
    await expect(read('s')).rejects.toThrow(stored.value);
    stored.value = 'second';
    expect(await read('s')).toBe('second');
  });
});

describe('kept for a quarter of an hour after it was read', () => {
  test.each(['TimeoutError', 'InternalServiceError', 'ThrottlingException', 'ECONNREFUSED'])(
    '%s',
    async (name) => {
      const { clock, stored, read } = start();
      await read('s');
      stored.value = named(name);
      clock.now += 15 * MINUTE_MS - 1;
      expect(await read('s')).toBe('first');
      clock.now += 1;
      await expect(read('s')).rejects.toThrow(stored.value);
    },
  );

  test('and asked for every ten seconds meanwhile', async () => {
    const { clock, stored, read } = start();
    await read('s');
    stored.value = named('TimeoutError');
    clock.now += 5 * MINUTE_MS;
    for (let second = 0; second < 30; second += 1) {
      expect(await read('s', second % 2 === 0 ? 0 : undefined)).toBe('first');
      clock.now += 1_000;
    }
    expect(stored.reads).toBe(1 + 3);
    stored.value = 'second';
    expect(await read('s')).toBe('second');
  });
});

test('what was never read is asked for by each who wants it, or after the time that was set', async () => {
  for (const [retryAfterMs, reads] of [
    [0, 20],
    [10_000, 2],
  ] as const) {
    const { clock, stored, read } = start(retryAfterMs);
    stored.value = named('AccessDeniedException');
    for (let second = 0; second < 20; second += 1) {
      await expect(read('s')).rejects.toThrow(stored.value);
      clock.now += 1_000;
    }
    expect(stored.reads).toBe(reads);
  }
});

test('one call serves all who ask while it is under way, and each secret is read for itself', async () => {
  const { stored, read } = start();
  await Promise.all([read('s'), read('s', 0), read('s'), read('t')]);
  expect(stored.reads).toBe(2);
});

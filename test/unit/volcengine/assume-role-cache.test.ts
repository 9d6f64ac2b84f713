import { expect, test } from 'vitest';
import { RoleCredentials } from '../../../lib/volcengine/assume-role-cache.ts';
import { AssumeRoleFailed } from '../../../lib/volcengine/assume-role-failed.ts';
import type { TemporaryCredentials } from '../../../lib/volcengine/temporary-credentials.ts';

const START = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;

/** An STS that replies when told to, each time with other credentials that live for `lifetimeMs`. */
class ManualSts {
  now = START;
  calls = 0;
  lifetimeMs = HOUR_MS;
  failure: Error | undefined;
  readonly heard: { error: unknown; backoffMs: number }[] = [];
  #waiting: (() => void)[] = [];
  /** False: it replies at once. */
  holds = false;

  readonly role = new RoleCredentials(
    () => this.#assume(),
    () => this.now,
    (error, backoffMs) => this.heard.push({ error, backoffMs }),
  );

  async #assume(): Promise<TemporaryCredentials> {
    this.calls += 1;
    const accessKeyId = `key-${this.calls}`;
    if (this.holds) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.failure !== undefined) throw this.failure;
    return {
      credentials: { accessKeyId, secretAccessKey: 'secret', sessionToken: `token-of-${accessKeyId}` },
      lifetimeMs: this.lifetimeMs,
    };
  }

  release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async keyId(options?: Parameters<RoleCredentials['get']>[0]): Promise<string> {
    return (await this.role.get(options)).accessKeyId;
  }

  hundred(options?: Parameters<RoleCredentials['get']>[0]) {
    return Promise.allSettled(Array.from({ length: 100 }, () => this.keyId(options)));
  }
}

const allGet = (keyId: string, all: PromiseSettledResult<string>[]) =>
  all.every((one) => one.status === 'fulfilled' && one.value === keyId);

const refusal = (retryAfterMs?: number) =>
  new AssumeRoleFailed('AssumeRole', {
    kind: 'throttled',
    error: { code: 'FlowLimitExceeded', message: '' },
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });

test('a hundred callers share one call, and later ones what it gave', async () => {
  const sts = new ManualSts();
  sts.holds = true;
  const all = sts.hundred();
  expect(sts.calls).toBe(1);
  sts.release();
  expect(allGet('key-1', await all)).toBe(true);
  expect(await sts.keyId()).toBe('key-1');
  expect(sts.calls).toBe(1);
});

test.each([
  [900_000, 810_000],
  [HOUR_MS, 3_240_000],
  [12 * HOUR_MS, 38_880_000],
])('of a life of %i ms the last tenth is for renewing: from %i ms on', async (lifetimeMs, renewAfterMs) => {
  const sts = new ManualSts();
  sts.lifetimeMs = lifetimeMs;
  await sts.keyId();
  sts.now = START + renewAfterMs - 1;
  expect(await sts.keyId()).toBe('key-1');
  sts.now += 1;
  expect(allGet('key-2', await sts.hundred())).toBe(true);
  expect(sts.calls).toBe(2);
});

test('time that the call itself takes is not added to the life', async () => {
  const sts = new ManualSts();
  sts.holds = true;
  const first = sts.keyId();
  sts.now += 600_000;
  sts.release();
  await first;
  sts.holds = false;
  sts.now = START + HOUR_MS * 0.9;
  expect(await sts.keyId()).toBe('key-2');
});

test('a renewal that fails is not noticed while the old credentials live, and is not tried all the time', async () => {
  const sts = new ManualSts();
  await sts.keyId();
  sts.failure = refusal();
  sts.now = START + HOUR_MS * 0.95;
  const during = await sts.hundred();
  expect(sts.heard).toEqual([{ error: sts.failure, backoffMs: 5_000 }]);
  expect(allGet('key-1', during)).toBe(true);
  expect(await sts.keyId()).toBe('key-1');
  expect(sts.calls).toBe(2);

  sts.now = START + HOUR_MS * 0.99;
  await expect(sts.keyId()).rejects.toBe(sts.failure);
  sts.failure = undefined;
  sts.now += 60_000;
  expect(await sts.keyId()).toBe('key-4');
});

test('failures are shared, and the pause after them doubles from 5 s to a minute', async () => {
  const sts = new ManualSts();
  sts.failure = refusal();
  for (const [index, pauseMs] of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000].entries()) {
    const all = await sts.hundred();
    expect(all.every((one) => one.status === 'rejected' && one.reason === sts.failure)).toBe(true);
    expect(sts.calls).toBe(index + 1);
    sts.now += pauseMs - 1;
    await expect(sts.keyId()).rejects.toBe(sts.failure);
    expect(sts.calls).toBe(index + 1);
    sts.now += 1;
  }
  sts.failure = undefined;
  await sts.keyId();
  sts.failure = refusal();
  await expect(sts.keyId({ refresh: true })).rejects.toThrow();
  sts.now += 5_000;
  sts.failure = undefined;
  expect(await sts.keyId({ refresh: true })).toBe('key-9');
});

test('the pause that the server asks for is kept', async () => {
  const sts = new ManualSts();
  sts.failure = refusal(120_000);
  await expect(sts.keyId()).rejects.toThrow();
  sts.failure = undefined;
  sts.now += 119_999;
  await expect(sts.keyId()).rejects.toThrow('FlowLimitExceeded');
  sts.now += 1;
  expect(await sts.keyId()).toBe('key-2');
});

test('refused credentials are replaced once, however many callers they were refused for', async () => {
  const sts = new ManualSts();
  const refused = await sts.role.get();
  sts.holds = true;
  const all = sts.hundred({ refresh: true, refused });
  sts.release();
  expect(allGet('key-2', await all)).toBe(true);
  // The reply to a call that had been made before comes late.
  expect(await sts.keyId({ refresh: true, refused })).toBe('key-2');
  sts.now += HOUR_MS / 2;
  expect(await sts.keyId({ refresh: true, refused })).toBe('key-2');
  expect(sts.calls).toBe(2);
});

test('new ones that are refused too are replaced again, but not within 30 s', async () => {
  const sts = new ManualSts();
  await sts.keyId();
  expect(await sts.keyId({ refresh: true })).toBe('key-2');
  sts.now += 29_999;
  expect(await sts.keyId({ refresh: true })).toBe('key-2');
  sts.now += 1;
  expect(await sts.keyId({ refresh: true })).toBe('key-3');
});

test('refused credentials are not gone back to when the renewal fails', async () => {
  const sts = new ManualSts();
  const refused = await sts.role.get();
  sts.failure = refusal();
  await expect(sts.keyId({ refresh: true, refused })).rejects.toBe(sts.failure);
  await expect(sts.keyId({ refresh: true, refused })).rejects.toBe(sts.failure);
  expect(sts.calls).toBe(2);
});

test('nor when they have been replaced lately, and their end is near', async () => {
  const sts = new ManualSts();
  sts.lifetimeMs = 20_000;
  await sts.keyId();
  const refused = await sts.role.get({ refresh: true });
  sts.failure = refusal();
  sts.now += 19_000;
  expect(await sts.keyId()).toBe('key-2');
  await expect(sts.keyId({ refresh: true, refused })).rejects.toBe(sts.failure);
});

test('a clock that is set back by hours stops nothing: neither renewals nor the end of a pause', async () => {
  const sts = new ManualSts();
  const refused = await sts.role.get();
  sts.now -= 5 * HOUR_MS;
  expect(await sts.keyId()).toBe('key-1');
  expect(await sts.keyId({ refresh: true, refused })).toBe('key-2');

  sts.failure = refusal();
  sts.now += HOUR_MS;
  await expect(sts.keyId()).rejects.toThrow();
  sts.failure = undefined;
  sts.now -= 5 * HOUR_MS;
  expect(await sts.keyId({ refresh: true })).toBe('key-4');
});

test('a clock that is set forward by hours costs one renewal', async () => {
  const sts = new ManualSts();
  await sts.keyId();
  sts.now += 5 * HOUR_MS;
  expect(await sts.keyId()).toBe('key-2');
  expect(await sts.keyId()).toBe('key-2');
});

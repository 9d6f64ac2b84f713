import { expect, test } from 'vitest';
import { flowLogOf } from '../support/fakes/activations.ts';
import { startContainer } from './start-container.ts';

const FIRST = { account: 'default', accessKey: 'AK-first', secretKey: 'SK-first' };
const SECOND = { account: 'default', accessKey: 'AK-second', secretKey: 'SK-second' };

async function start(secret: { value: string }) {
  const seeds = [{ region: 'cn-beijing', flowLogId: 'fl-1', pendingMs: 60_000 }];
  const fake = { credentials: [FIRST], seeds };
  const accounts = { default: { secretId: 'some-secret' } };
  const { api, ...container } = await startContainer({ fake, accounts, secret, clock: Date.now });
  const activate = () => api.activeFlowLog({ flowLog: flowLogOf('fl-1'), clientToken: 'token-1' });
  return { ...container, activate };
}

test('keys that are rotated are held, read again, and all goes on in the same container', async () => {
  const secret = { value: JSON.stringify(FIRST) };
  const { volcengine, activate, reads } = await start(secret);
  expect(await activate()).toMatchObject({ kind: 'accepted' });
  await volcengine.changeSettings({ credentials: [SECOND] });
  expect(await activate()).toMatchObject({ kind: 'hold', error: { code: 'InvalidAccessKey' } });
  expect(reads()).toBe(1);
  // Read again, and still the old one.
  expect(await activate()).toMatchObject({ kind: 'hold' });
  secret.value = JSON.stringify(SECOND);
  expect(await activate()).toMatchObject({ kind: 'accepted' });
  expect(reads()).toBe(3);
  await activate();
  expect(reads()).toBe(3);
});

test('a secret that is broken is held without a call, and read again', async () => {
  const secret = { value: 'not JSON' };
  const { volcengine, activate } = await start(secret);
  expect(await activate()).toMatchObject({ kind: 'hold', unsent: true });
  expect(volcengine.calls()).toEqual([]);
  secret.value = JSON.stringify(FIRST);
  expect(await activate()).toMatchObject({ kind: 'accepted' });
});

test.each([20, -20])('a clock %s minutes off is corrected by one refused call', async (minutes) => {
  const { volcengine, activate } = await start({ value: JSON.stringify(FIRST) });
  await volcengine.changeSettings({ clockSkewMs: minutes * 60_000 });
  expect(await activate()).toMatchObject({ kind: 'retry', soon: true, error: { code: 'InvalidTimestamp' } });
  expect(await activate()).toMatchObject({ kind: 'accepted' });
  await volcengine.changeSettings({ clockSkewMs: 0 });
  expect(await activate()).toMatchObject({ kind: 'retry', error: { code: 'InvalidTimestamp' } });
  expect(await activate()).toMatchObject({ kind: 'accepted' });
});

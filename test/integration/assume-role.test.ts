import { expect, test } from 'vitest';
import type { FakeVolcengineOptions } from '../../local/volcengine/start-fake-volcengine.ts';
import { startContainer } from './start-container.ts';

const START = Date.parse('2026-03-04T05:06:07Z');
const MAIN = { account: 'main', accessKey: 'AK-main', secretKey: 'SK-main-secret' };
const SECOND = { roleTrn: 'trn:iam::2100000001:role/flow-logs', via: 'main', externalId: 'external-id-2' };
const THIRD = { roleTrn: 'trn:iam::2100000002:role/flow-logs', via: 'second', durationSeconds: 900 };

/** All by one clock; ours runs `skewMs` ahead. */
async function start({ skewMs = 0, ...options }: FakeVolcengineOptions & { skewMs?: number } = {}) {
  const clock = { now: START };
  const secret = { value: JSON.stringify(MAIN) };
  const { volcengine, api, log } = await startContainer({
    fake: {
      now: () => clock.now,
      credentials: [MAIN],
      roles: [
        { roleTrn: SECOND.roleTrn, account: 'second', trusts: 'main', externalId: SECOND.externalId },
        { roleTrn: THIRD.roleTrn, account: 'third', trusts: 'second' },
      ],
      autoCreate: { pattern: 'fl-*' },
      ...options,
    },
    accounts: { main: { secretId: 'main' }, second: { assumeRole: SECOND }, third: { assumeRole: THIRD } },
    secret,
    clock: () => clock.now + skewMs,
  });
  const activate = (account: string, flowLogId = 'fl-1', region = 'cn-beijing') =>
    api.activeFlowLog({ flowLog: { account, region, flowLogId }, clientToken: `${account}-${flowLogId}` });
  const assumed = () => volcengine.calls().filter(({ action }) => action === 'AssumeRole');
  return { volcengine, clock, secret, log, activate, assumed };
}

test('fifty calls at once, in two regions and by way of a role: one AssumeRole for each account', async () => {
  const { volcengine, activate, assumed } = await start();
  const regions = ['cn-beijing', 'cn-shanghai'];
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, (_, index) => activate('third', `fl-${index}`, regions[index % 2])),
  );
  expect(outcomes.every(({ kind }) => kind === 'accepted')).toBe(true);
  expect(assumed()).toMatchObject([
    { account: 'main', accessKey: 'AK-main', roleTrn: SECOND.roleTrn },
    { account: 'second', accessKey: expect.stringMatching(/^AKTP/), roleTrn: THIRD.roleTrn },
  ]);
  const activations = volcengine.calls().filter(({ action }) => action === 'ActiveFlowLog');
  expect(activations).toHaveLength(50);
  expect(new Set(activations.map(({ account }) => account))).toEqual(new Set(['third']));
  expect(new Set(activations.map(({ accessKey }) => accessKey)).size).toBe(1);
  expect((await activate('second')).kind).toBe('accepted');
  expect(assumed()).toHaveLength(2);
});

test('a wrong external id is held without a call, says why without a secret, and is not asked at each call', async () => {
  const { volcengine, clock, log, activate, assumed } = await start({ roles: [] });
  const held = await Promise.all(Array.from({ length: 50 }, () => activate('second')));
  for (const outcome of held) {
    expect(outcome).toMatchObject({
      kind: 'hold',
      unsent: true,
      error: {
        code: 'CredentialsUnavailable',
        message: expect.stringMatching(/"second".*"main".*AccessDenied \(HTTP 403, request \w+\)$/),
      },
    });
  }
  const fields = { account: 'second', cause: expect.stringContaining('AccessDenied'), backoffMs: 5_000 };
  expect(log.lines).toEqual([{ level: 'warn', message: 'no new credentials for a role', fields }]);
  expect(JSON.stringify([held, log.lines])).not.toMatch(/SK-main-secret|AK-main|external-id-2/);
  expect(await activate('second')).toMatchObject({ kind: 'hold' });
  expect(assumed()).toHaveLength(1);

  const { roleTrn, externalId } = SECOND;
  await volcengine.changeSettings({ roles: [{ roleTrn, externalId, account: 'second' }] });
  clock.now += 5_000;
  expect(await activate('second')).toMatchObject({ kind: 'accepted' });
  expect(assumed()).toHaveLength(2);
});

test('credentials are renewed before they end, along the chain, and never refused', async () => {
  const { volcengine, clock, activate, assumed } = await start();
  for (let minute = 0; minute < 120; minute += 1) {
    expect(await activate('third', `fl-${minute}`)).toMatchObject({ kind: 'accepted' });
    clock.now += 60_000;
  }
  expect(volcengine.calls().filter(({ httpStatus }) => httpStatus !== 200)).toEqual([]);
  // Every 13.5 minutes the one that lives for 15, every 54 minutes the one that lives for an hour.
  expect(assumed().filter(({ account }) => account === 'second').length).toBeLessThanOrEqual(9);
  expect(assumed().filter(({ account }) => account === 'main').length).toBeLessThanOrEqual(3);
});

test('sessions that are ended at Volcengine cost each account one refused call', async () => {
  const { volcengine, clock, activate, assumed } = await start();
  await activate('second');
  volcengine.expireSessions();
  const twentyKinds = async () => {
    const flowLogIds = Array.from({ length: 20 }, (_, index) => `fl-${index}`);
    const outcomes = await Promise.all(flowLogIds.map((flowLogId) => activate('second', flowLogId)));
    return new Set(outcomes.map(({ kind }) => kind));
  };
  expect(await twentyKinds()).toEqual(new Set(['hold']));
  expect(await twentyKinds()).toEqual(new Set(['accepted']));
  expect(assumed()).toHaveLength(2);

  // The whole chain: third is refused, then what signs for it, which was replaced less than 30 s before.
  await activate('third');
  volcengine.expireSessions();
  expect(await activate('third', 'fl-30')).toMatchObject({ kind: 'hold' });
  expect(await activate('third', 'fl-30')).toMatchObject({ kind: 'hold', unsent: true });
  clock.now += 5_000;
  expect(await activate('third', 'fl-30')).toMatchObject({ kind: 'hold', unsent: true });
  clock.now += 30_000;
  expect(await activate('third', 'fl-30')).toMatchObject({ kind: 'accepted' });
});

test('keys that sign for a role can be rotated: what it gave goes on, and is renewed by the new ones', async () => {
  const rotated = { account: 'main', accessKey: 'AK-main-2', secretKey: 'SK-main-2' };
  const { volcengine, clock, secret, log, activate, assumed } = await start();
  await activate('second');
  await volcengine.changeSettings({ credentials: [rotated] });
  secret.value = JSON.stringify(rotated);
  expect(await activate('second', 'fl-2')).toMatchObject({ kind: 'accepted' });
  expect(assumed()).toHaveLength(1);

  // In the last tenth of the hour: refused to the old key, which stops nobody; then given to the new one.
  clock.now += 55 * 60_000;
  expect(await activate('second', 'fl-3')).toMatchObject({ kind: 'accepted' });
  clock.now += 5_000;
  expect(await activate('second', 'fl-4')).toMatchObject({ kind: 'accepted' });
  expect(assumed()).toMatchObject([
    { accessKey: 'AK-main' },
    { code: 'InvalidAccessKey' },
    { accessKey: 'AK-main-2', httpStatus: 200 },
  ]);
  expect(log.lines).toMatchObject([{ level: 'warn', fields: { account: 'second' } }]);
});

test.each([5, -5])('a clock %i hours off delays one call', async (hours) => {
  const { clock, activate, assumed } = await start({ skewMs: hours * 3_600_000 });
  // One refused call corrects the clock, of each of the two services; AssumeRole is repeated at once.
  expect(await activate('second')).toMatchObject({ kind: 'retry', soon: true });
  for (let minute = 0; minute < 90; minute += 10) {
    expect(await activate('second', `fl-${minute}`)).toMatchObject({ kind: 'accepted' });
    clock.now += 600_000;
  }
  expect(assumed().map(({ code }) => code)).toEqual(['InvalidTimestamp', undefined, undefined]);
});

test.each(['reset', 'hang', 'garbage', 'html', 'truncated'] as const)(
  'an AssumeRole that ends in %s holds the call, and the next one after the pause goes through',
  async (kind) => {
    const { volcengine, clock, activate } = await start();
    volcengine.addFaults({ kind, action: 'AssumeRole', times: 1 });
    expect(await activate('second')).toMatchObject({ kind: 'hold', unsent: true });
    clock.now += 5_000;
    expect(await activate('second')).toMatchObject({ kind: 'accepted' });
  },
  20_000,
);

import * as v from 'valibot';
import { expect, test } from 'vitest';
import { examplesOf, openTerminal, startAsWritten } from './page-terminal.ts';
import { activationIdsOf, startTestWorld, until } from './world.ts';

const ACCOUNTS = {
  second: {
    assumeRole: {
      roleTrn: 'trn:iam::2100000001:role/flow-logs',
      via: 'default',
      externalId: 'external-id-2',
    },
    regions: ['cn-shanghai', 'cn-beijing'],
  },
};
/** Two workers, a poller, and another one if an invocation is late: each assumes the role for itself. */
const MOST_CONTAINERS = 4;

const callsBody = v.object({ calls: v.array(v.looseObject({ action: v.string() })) });

test('two accounts in two regions, one by a role of the other: all complete, and a container assumes the role once', async () => {
  const world = await startTestWorld({
    // A call that is given up under load is made again; here that would be mistaken for one too many.
    env: { VOLCENGINE_ACCOUNTS: JSON.stringify(ACCOUNTS), VOLCENGINE_TIMEOUT_MS: '15000' },
    fake: { autoCreate: { pattern: 'fl-*', pendingMs: 1_000 } },
  });
  const ids = Array.from({ length: 25 }, (_, index) => `fl-${index}`);
  const accepted = await Promise.all(
    ['default', 'second'].flatMap((account) =>
      ['cn-beijing', 'cn-shanghai'].map((region) => world.post({ flowLogIds: ids, account, region })),
    ),
  );
  for (const { status, body } of accepted) {
    expect(status).toBe(202);
    const { counts } = await world.untilDone(body.batchId, 90_000);
    expect(counts).toEqual({ queued: 0, pending: 0, completed: 25, failed: 0 });
  }

  const calls = await world.volcengineCalls();
  expect(calls.filter(({ httpStatus }) => httpStatus !== 200)).toEqual([]);
  const activations = calls.filter(({ action }) => action === 'ActiveFlowLog');
  for (const account of ['default', 'second']) {
    for (const region of ['cn-beijing', 'cn-shanghai']) {
      const made = activations.filter((one) => one.account === account && one.region === region);
      expect(made).toHaveLength(25);
    }
  }
  const assumed = calls.filter(({ action }) => action === 'AssumeRole');
  expect(assumed.every(({ account }) => account === 'default')).toBe(true);
  // Each AssumeRole gives another key. None was in vain, and there are no more than containers.
  const keys = new Set(calls.flatMap((one) => (one.account === 'second' ? [one.accessKey] : [])));
  expect([...keys].every((key) => key?.startsWith('AKTP'))).toBe(true);
  expect(assumed).toHaveLength(keys.size);
  expect(assumed.length).toBeLessThanOrEqual(MOST_CONTAINERS);
  expect(JSON.stringify(world.logs)).not.toContain('external-id-2');
}, 180_000);

test('a role that is not ours to assume holds its account and no other, and goes on when it is', async () => {
  const world = await startTestWorld({
    env: { VOLCENGINE_ACCOUNTS: JSON.stringify(ACCOUNTS), HOLD_RETRY_MS: '1000' },
    fake: { autoCreate: { pattern: 'fl-*', pendingMs: 500 }, roles: [] },
  });
  const first = await world.post({ flowLogIds: ['fl-1'] });
  const second = await world.post({ flowLogIds: ['fl-1'], account: 'second' });
  await world.untilDone(first.body.batchId);
  const [activationId = ''] = activationIdsOf(second.body);
  // While a worker holds the lease, the call that it may come to is counted.
  const held = await world.untilActivation(
    activationId,
    ({ lastError, attempts }) => lastError !== undefined && attempts === 0,
  );
  expect(held).toMatchObject({
    status: 'queued',
    lastError: { code: 'CredentialsUnavailable', message: expect.stringContaining('AccessDenied (HTTP 403') },
  });
  expect(JSON.stringify(held)).not.toContain('external-id-2');

  const { roleTrn, externalId } = ACCOUNTS.second.assumeRole;
  await world.changeSettings({ roles: [{ roleTrn, externalId, account: 'second', trusts: 'default' }] });
  await world.untilBatch(second.body.batchId, ({ done, counts }) => done && counts.completed === 1, 90_000);
}, 180_000);

const OIDC_ROLE = { roleTrn: 'trn:iam::2100000001:role/flow-logs' };

test('no stored key: the function proves by a token of AWS who it is, and activates; no log has a token', async () => {
  const accounts = {
    default: { assumeRoleWithOidc: OIDC_ROLE },
    second: { assumeRole: { roleTrn: `${OIDC_ROLE.roleTrn}-2`, via: 'default' } },
  };
  const world = await startTestWorld({
    env: { VOLCENGINE_ACCOUNTS: JSON.stringify(accounts), VOLCENGINE_TIMEOUT_MS: '15000' },
    fake: { autoCreate: { pattern: 'fl-*', pendingMs: 500 } },
  });
  for (const account of ['default', 'second']) {
    const { body } = await world.post({ flowLogIds: ['fl-1', 'fl-2'], account });
    const { counts } = await world.untilDone(body.batchId, 90_000);
    expect(counts).toEqual({ queued: 0, pending: 0, completed: 2, failed: 0 });
  }
  const calls = await world.volcengineCalls();
  expect(calls.filter(({ httpStatus }) => httpStatus !== 200)).toEqual([]);
  const assumed = calls.filter(({ action }) => action === 'AssumeRoleWithOIDC');
  expect(assumed.length).toBeGreaterThan(0);
  expect(assumed.length).toBeLessThanOrEqual(MOST_CONTAINERS);
  expect(assumed.every(({ accessKey }) => accessKey === undefined)).toBe(true);
  const signed = calls.filter(({ action }) => action !== 'AssumeRoleWithOIDC');
  expect(signed.every(({ accessKey }) => accessKey?.startsWith('AKTP'))).toBe(true);
  expect(JSON.stringify(world.logs)).not.toMatch(/eyJ[\w-]{10}/);
}, 180_000);

test('an alias that is not configured, and a region that its account has not, are refused at the door', async () => {
  const world = await startTestWorld({ env: { VOLCENGINE_ACCOUNTS: JSON.stringify(ACCOUNTS) } });
  const noAlias = await world.post({ flowLogIds: ['fl-1'], account: 'third' });
  expect(noAlias).toMatchObject({ status: 422, body: { errors: [{ field: 'account' }] } });
  const noRegion = await world.post({ flowLogIds: ['fl-1'], account: 'second', region: 'ap-southeast-1' });
  expect(noRegion).toMatchObject({ status: 422, body: { errors: [{ field: 'region' }] } });
}, 180_000);

test('docs/guides/accounts.md, "Try it": every example, as it is written', async () => {
  const names = ['start', 'ask', 'read'] as const;
  const { start, ask, read } = await examplesOf('docs/guides/accounts.md', 'Try it', names);
  const terminal = openTerminal({ API: await startAsWritten(start) });
  expect((await terminal.run(ask)).stdout).toContain('"account":"second","status":"queued"');
  const printed = await until(
    () => terminal.run(read),
    ({ stdout }) => stdout.includes('"action":"ActiveFlowLog"'),
  );
  const { calls } = v.parse(callsBody, JSON.parse(printed.stdout));
  expect(calls[0]).toMatchObject({ action: 'AssumeRole', account: 'default', httpStatus: 200 });
  expect(calls.find(({ action }) => action === 'ActiveFlowLog')).toMatchObject({ account: 'second' });
});

test('docs/guides/accounts.md, "Try it without a stored key": every example, as it is written', async () => {
  const section = 'Try it without a stored key';
  const { start, ask } = await examplesOf('docs/guides/accounts.md', section, ['start', 'ask']);
  const terminal = openTerminal({ API: await startAsWritten(start) });
  expect((await terminal.run(ask)).stdout).toContain('"account":"default","status":"queued"');
  const shown = await until(
    () => terminal.run('curl -sS "$API/activations?flowLogId=fl-1"'),
    ({ stdout }) => stdout.includes('"status":"completed"'),
  );
  expect(shown.stdout).toContain('"account":"default"');
}, 180_000);

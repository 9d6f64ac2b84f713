import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';
import { activationIdsOf, call, startTestWorld, type TestWorld, until } from './world.ts';

const roleOf = (number: number) => ({
  assumeRole: { roleTrn: `trn:iam::210000000${number}:role/flow-logs`, via: 'default' },
});

async function startStored(accounts: Record<string, unknown>) {
  const file = join(await tempDir(), 'configuration.json');
  const store = (next: Record<string, unknown> | string) =>
    writeFile(file, typeof next === 'string' ? next : JSON.stringify({ accounts: next }));
  await store(accounts);
  const world = await startTestWorld({
    env: { CONFIGURATION_FILE: file, CONFIGURATION_REFRESH_MS: '500', HOLD_RETRY_MS: '1000' },
    fake: { autoCreate: { pattern: 'fl-*', pendingMs: 200 } },
  });
  return { world, store };
}

const statusBody = v.object({ configuration: v.looseObject({ failure: v.optional(v.string()) }) });

const configurationOf = async (world: TestWorld) => {
  const { configuration } = v.parse(statusBody, (await call(`${world.apiUrl}/status`)).body);
  return configuration;
};

const post = (world: TestWorld, account: string, flowLogId: string) =>
  world.post({ flowLogIds: [flowLogId], account });

test('an account that is stored while the world runs is usable without a restart; a bad entry holds itself alone', async () => {
  const { world, store } = await startStored({ first: roleOf(1) });
  const { body } = await post(world, 'first', 'fl-1');
  expect(await world.untilDone(body.batchId)).toMatchObject({ counts: { completed: 1 } });
  expect(await post(world, 'second', 'fl-2')).toMatchObject({ status: 422 });

  await store({ first: roleOf(1), second: roleOf(2), third: { assumeRole: { via: 'default' } } });
  const added = await until(
    () => post(world, 'second', 'fl-2'),
    ({ status }) => status === 202,
  );
  expect(await world.untilDone(added.body.batchId)).toMatchObject({ counts: { completed: 1 } });
  expect(await configurationOf(world)).toMatchObject({
    source: expect.stringMatching(/^file:/),
    disabled: [{ kind: 'account', name: 'third', problems: [expect.stringMatching(/^assumeRole.roleTrn /)] }],
  });

  // It is accepted, held, and goes on when the entry is correct.
  const held = await post(world, 'third', 'fl-3');
  expect(held.status).toBe(202);
  const [id = ''] = activationIdsOf(held.body);
  const seen = await world.untilActivation(id, ({ lastError }) => lastError !== undefined);
  expect(seen).toMatchObject({ status: 'queued', lastError: { code: 'CredentialsUnavailable' } });
  await store({ first: roleOf(1), second: roleOf(2), third: roleOf(3) });
  await world.untilActivation(id, ({ status }) => status === 'completed');
}, 180_000);

test('what an account has open when it is removed is held, and goes on when it is back; a file of garbage changes nothing', async () => {
  const { world, store } = await startStored({ first: roleOf(1) });
  await world.addFaults({ kind: 'error', action: 'ActiveFlowLog', code: 'AccessDenied' });
  const { body } = await post(world, 'first', 'fl-1');
  const [id = ''] = activationIdsOf(body);
  await world.untilActivation(id, ({ lastError }) => lastError?.code === 'AccessDenied');

  await store({});
  await call(`${world.description.volcengine}/_fake/faults`, { method: 'DELETE' });
  await world.untilActivation(id, ({ lastError }) => lastError?.code === 'ScopeRefused');
  expect(await post(world, 'first', 'fl-2')).toMatchObject({ status: 422 });
  expect(world.logs.map(({ message }) => message)).toContain(
    'an account is not configured any more: calls for its open activations are held',
  );

  await store({ first: roleOf(1) });
  await world.untilActivation(id, ({ status }) => status === 'completed');
  await until(
    () => post(world, 'first', 'fl-2'),
    ({ status }) => status === 202,
  );
  await store('{"accounts": ');
  await until(
    () => configurationOf(world),
    ({ failure }) => failure === 'the file is not JSON',
  );
  const after = await post(world, 'first', 'fl-3');
  expect(await world.untilDone(after.body.batchId)).toMatchObject({ counts: { completed: 1 } });
}, 180_000);

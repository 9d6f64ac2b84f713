import { createHmac } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import openapi from '../../contracts/openapi.json' with { type: 'json' };
import { createHttpContract } from '../contract/documents/http-contract.ts';
import { tempDir } from '../support/temp-dir.ts';
import { covered } from './contract-check.ts';
import { examplesOf, openTerminal } from './page-terminal.ts';
import { call, startTestWorld, type TestWorld } from './world.ts';

const region = 'cn-beijing';
const SECRET = 'a secret of some length';

const SOURCES = {
  ci: {
    scheme: 'github',
    secrets: [SECRET],
    select: { flowLogIds: 'client_payload.ids' },
    when: 'client_payload',
  },
};

const policies = { told: { accounts: ['default'], regions: [region], every: '1h' } };

const idsOf = v.object({
  batchId: v.string(),
  activations: v.array(v.object({ flowLogId: v.string(), activationId: v.string() })),
});

test('every operation, with every success that the document has: each as it is documented', async () => {
  const configuration = join(await tempDir(), 'configuration.json');
  await writeFile(configuration, JSON.stringify({ policies }));
  const world = await startTestWorld({
    env: {
      WEBHOOK_SOURCES: JSON.stringify(SOURCES),
      // Once refused, a call is not made again in the time of this test: what waits for it can be cancelled.
      RETRY_BASE_MS: '900000',
      ALLOW_DEACTIVATION: 'true',
      CONFIGURATION_FILE: configuration,
    },
    fake: {
      seeds: [
        { region, flowLogId: 'fl-plain', pendingMs: 100 },
        { region, flowLogId: 'fl-frozen', frozen: true },
        { region, flowLogId: 'fl-waits' },
        { region, flowLogId: 'fl-tagged', flowLogName: 'tagged', pendingMs: 100 },
        { region, flowLogId: 'fl-hooked', pendingMs: 100 },
      ],
    },
  });
  await call(`${world.apiUrl}/healthz`);
  expect((await call(`${world.apiUrl}/openapi.json`)).body).toEqual(openapi);
  const { asWritten } = await examplesOf('docs/reference/http-api.md', 'Contracts', ['asWritten']);
  expect((await openTerminal({ API: world.apiUrl }).run(asWritten)).stdout).toContain('{"openapi":"3.1.');

  const { activations, batchId } = v.parse(
    idsOf,
    (await world.post({ flowLogIds: ['fl-plain', 'fl-frozen'], metadata: { ticket: 'OPS-1' } })).body,
  );
  await world.untilDone(batchId);
  const list = await call(`${world.apiUrl}/activations?batchId=${batchId}&limit=1`);
  await call(`${world.apiUrl}/activations?batchId=${batchId}&limit=1&cursor=${list.body.nextCursor}`);
  await call(
    `${world.apiUrl}/activations?status=failed&flowLogId=fl-frozen&region=${region}&account=default`,
  );
  await call(`${world.apiUrl}/activations?reason=frozen&account=default&createdFrom=2026-01-02T03:04:05Z`);
  for (const { activationId } of activations) await call(`${world.apiUrl}/activations/${activationId}`);

  await redriveFrozen(world, activations.find(({ flowLogId }) => flowLogId === 'fl-frozen')?.activationId);
  await cancel(world);
  await deliver(world, { client_payload: { ids: ['fl-hooked'] } });
  await deliver(world, { zen: 'nothing to do' });
  await startBatches(world);
  await operate(world);
  await report(world);
  await world.postTo('/deactivations', { flowLogIds: ['fl-plain'] });
  await call(`${world.apiUrl}/status`);
  for (const method of ['PUT', 'DELETE']) await call(`${world.apiUrl}/accounts/default/pause`, { method });

  const documented = createHttpContract(openapi).operations.flatMap(({ operationId, responses }) =>
    Object.keys(responses)
      .filter((status) => status.startsWith('2'))
      .map((status) => `${operationId} ${status}`),
  );
  expect(documented.filter((answer) => !covered.has(answer))).toEqual([]);
  expect(documented.length).toBeGreaterThan(10);
});

/** Refused while it is frozen; then by itself, and with whatever else has failed. */
async function redriveFrozen(world: TestWorld, activationId = ''): Promise<void> {
  expect(await world.redriveWhenTold(activationId)).toMatchObject({ status: 409 });
  await world.postTo('/dead-letters/redrive');
  await world.seed('fl-frozen', { frozen: false });
  expect(await world.redriveWhenTold(activationId)).toMatchObject({ status: 202 });
}

async function cancel(world: TestWorld): Promise<void> {
  const code = 'InvalidOperation.Conflict';
  await world.addFaults({ kind: 'error', action: 'ActiveFlowLog', flowLogId: 'fl-waits', code });
  const [activationId = ''] = await world.request('fl-waits');
  await world.untilActivation(activationId, ({ lastError }) => lastError !== undefined);
  await call(`${world.apiUrl}/activations/${activationId}`, { method: 'DELETE' });
}

async function deliver(world: TestWorld, payload: object): Promise<void> {
  const body = JSON.stringify(payload);
  const signature = createHmac('sha256', SECRET).update(body).digest('hex');
  await fetch(`${world.apiUrl}/webhooks/ci`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-delivery': signature.slice(0, 32),
      'x-hub-signature-256': `sha256=${signature}`,
    },
    body,
  });
}

/** A plan, the plan carried out, one that is not there, and a selector that matches nothing. */
async function startBatches(world: TestWorld): Promise<void> {
  const ask = (body: object) => world.postTo('/batches', body);
  const plan = await ask({ selector: { name: 'tagged' }, dryRun: true });
  await ask({ planId: plan.body.planId });
  await call(`${world.apiUrl}/plans/${plan.body.planId}`);
  await ask({ planId: `p-${'0'.repeat(32)}` });
  await ask({ selector: { name: 'nothing has this name' } });
  await ask({ selector: {}, planId: plan.body.planId });
}

/** Started, listed, read, aborted; one that is not there, and one for a batch that is not there. */
async function operate(world: TestWorld): Promise<void> {
  const started = await world.postTo('/operations', { action: 'redrive', filter: { all: true } });
  await call(`${world.apiUrl}/operations`);
  await call(`${world.apiUrl}/operations/${started.body.operationId}`);
  await call(`${world.apiUrl}/operations/${started.body.operationId}`, { method: 'DELETE' });
  await call(`${world.apiUrl}/operations/o-${'0'.repeat(32)}`);
  await world.postTo('/operations', { action: 'cancel', filter: { batchId: `b-${'0'.repeat(32)}` } });
}

/** A policy that ran; one that is not there. */
async function report(world: TestWorld): Promise<void> {
  await fetch(`${world.apiUrl}/2015-03-31/functions/run-policies/invocations`, {
    method: 'POST',
    body: '{}',
  });
  await call(`${world.apiUrl}/reports`);
  await call(`${world.apiUrl}/reports/told`);
  await call(`${world.apiUrl}/reports/told/runs`);
  await call(`${world.apiUrl}/reports/unknown`);
}

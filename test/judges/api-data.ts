import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { given } from '../../clients/http/api.ts';
import { createClient } from '../../clients/http/client.ts';
import type { LocalWorld } from '../../local/world.ts';
import { tellFake } from '../support/tell-fake.ts';

const SECRET = 'a secret of this judge';
/** The payload that the document shows, and where it has the ids. */
const PAYLOAD = { client_payload: { flow_log_ids: ['fl-2d6m9xk4q8zy85oxruvg1'] } };
export const WEBHOOK_SOURCES = {
  github: { scheme: 'github', secrets: [SECRET], select: { flowLogIds: 'client_payload.flow_log_ids' } },
};

/** Tells what is off in the accounts of the judge. */
export const POLICIES = { told: { accounts: ['default'], regions: ['cn-beijing'], every: '30d' } };

/** Values of parameters and fields, by name. */
type Values = Record<string, string>;
export type KnownValues = { everywhere: Values; ofRoute: Record<string, Values> };

/**
 * Leaves something in the world for each route that needs something: an activation that has completed, one that is
 * cancelled, one that was redriven, an operation, a plan, a policy that has run.
 */
export async function prepareData({ apiUrl, description }: LocalWorld): Promise<KnownValues> {
  const { api, activate, activateAndWait } = createClient({ url: apiUrl });
  const pollMs = 100;
  const { batchId, activations } = await activateAndWait(['fl-judged'], { pollMs });
  const path = { alias: 'default' };
  await api.PUT('/accounts/{alias}/pause', { params: { path }, body: {} });
  const [cancelled] = (await activate(['fl-cancelled'])).activations;
  const cancelledId = cancelled?.activationId ?? '';
  await api.DELETE('/activations/{activationId}', { params: { path: { activationId: cancelledId } } });
  await api.DELETE('/accounts/{alias}/pause', { params: { path } });

  const fault = { kind: 'error', action: 'ActiveFlowLog', code: 'InvalidFlowLog.NotFound', times: 1 };
  await tellFake(description.volcengine ?? '', 'faults', fault);
  const failed = await activateAndWait(['fl-redriven'], { pollMs });
  const redrivenId = failed.activations[0]?.activationId ?? '';
  const redrive = { action: 'redrive', filter: { reason: 'not-found' } } as const;
  const { operationId } = given((await api.POST('/operations', { body: redrive })).data);
  await until(async () => {
    const { data } = await api.GET('/activations/{activationId}', {
      params: { path: { activationId: redrivenId } },
    });
    return data?.generation === 2 && data.status === 'completed';
  });
  const dryRun = { selector: {}, dryRun: true };
  const { planId } = given((await api.POST('/batches', { body: dryRun })).data);
  await fetch(`${apiUrl}/2015-03-31/functions/run-policies/invocations`, { method: 'POST', body: '{}' });
  const reports = await api.GET('/reports/{policy}/runs', { params: { path: { policy: 'told' } } });
  const runId = given(reports.data).runs[0]?.runId ?? '';
  return {
    everywhere: {
      activationId: activations[0]?.activationId ?? '',
      batchId,
      operationId,
      planId,
      flowLogId: 'fl-judged',
      source: 'github',
      alias: 'default',
      account: 'default',
      region: 'cn-beijing',
      policy: 'told',
      run: runId,
    },
    ofRoute: {
      'DELETE /activations/{activationId}': { activationId: cancelledId },
      'POST /activations/{activationId}/redrive': { activationId: redrivenId },
      'POST /webhooks/{source}': {
        'X-GitHub-Delivery': 'delivery-1',
        'X-Hub-Signature-256': `sha256=${signatureOf(PAYLOAD)}`,
      },
    },
  };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (await holds()) return;
    await sleep(100);
  }
  throw new Error('the data for the judge never came to be');
}

/** Of the bytes that Python's json.dumps makes of it. */
function signatureOf(payload: unknown): string {
  const body = JSON.stringify(payload).replaceAll('":', '": ');
  return createHmac('sha256', SECRET).update(body).digest('hex');
}

import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { addFaults, readActivations, requestActivations } from '../../local/demo/observe.ts';
import type { LocalWorld } from '../../local/world.ts';

const REGION = 'cn-beijing';

/** One flow log of each kind that the page shows in a way of its own. */
const SEEDS = [
  { flowLogId: 'fl-cold-1', frozen: true },
  { flowLogId: 'fl-cold-2', frozen: true },
  { flowLogId: 'fl-cold-3', frozen: true },
  { flowLogId: 'fl-gone', status: 'Absent' },
  { flowLogId: 'fl-deleting', status: 'Deleting' },
  { flowLogId: 'fl-slow', pendingMs: 600_000 },
  { flowLogId: 'fl-active', status: 'Active' },
  { flowLogId: 'fl-planned', flowLogName: 'planned-1' },
];
const FAULTS = [
  {
    kind: 'error',
    code: 'InvalidOperation.Conflict',
    action: 'ActiveFlowLog',
    flowLogId: 'fl-edge',
    nth: [1, 2],
  },
  { kind: 'error', code: 'AccessDenied', action: 'ActiveFlowLog', flowLogId: 'fl-held-*' },
];
const ASKED = SEEDS.filter(({ flowLogId }) => flowLogId !== 'fl-planned').map(({ flowLogId }) => flowLogId);
const FLOW_LOGS = [...ASKED, 'fl-edge', 'fl-held-1', 'fl-held-2'];
const MANY = Array.from({ length: 150 }, (_, index) => `fl-${String(index).padStart(4, '0')}`);

const BOUND_MS = 60_000;
const LOOK_EVERY_MS = 200;

export type Stage = {
  world: LocalWorld;
  batchId: string;
  operationId: string;
  planId: string;
  idOf: (flowLogId: string) => string;
};

/** Asks for them, and waits until each is where it stays. */
export async function setStage(world: LocalWorld): Promise<Stage> {
  await putFlowLogs(world, SEEDS);
  await addFaults(world.description.volcengine, FAULTS);
  await requestActivations(world.apiUrl, MANY);
  const batchId = await requestActivations(world.apiUrl, FLOW_LOGS);
  const isSettled = ({
    flowLogId,
    status,
    attempts,
  }: {
    flowLogId: string;
    status: string;
    attempts: number;
  }) =>
    flowLogId.startsWith('fl-held')
      ? attempts > 0
      : status === 'completed' || status === 'failed' || (flowLogId === 'fl-slow' && status === 'pending');
  await until(
    async () => (await readActivations(world.apiUrl, batchId)).every(isSettled),
    'the flow logs settle',
  );
  const operationId = await requestRedrive(world, 'deleting');
  const dryRun = { selector: { name: 'planned-*' }, dryRun: true };
  const { planId } = v.parse(v.object({ planId: v.string() }), await post(world, '/batches', dryRun));
  return {
    world,
    batchId,
    operationId,
    planId,
    idOf: (flowLogId) => ['default', REGION, flowLogId, batchId].join('.'),
  };
}

/** An operation that is refused, and has ended. */
async function requestRedrive(world: LocalWorld, reason: string): Promise<string> {
  const requested = await post(world, '/operations', { action: 'redrive', filter: { reason } });
  const { operationId } = v.parse(v.object({ operationId: v.string() }), requested);
  const hasEnded = async () => {
    const operation = await (await fetch(`${world.apiUrl}/operations/${operationId}`)).json();
    return (
      v.parse(v.object({ refused: v.number(), finishedAt: v.optional(v.string()) }), operation).finishedAt !==
      undefined
    );
  };
  await until(hasEnded, 'the operation ends');
  return operationId;
}

async function post({ apiUrl }: LocalWorld, path: string, body: unknown): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(apiUrl + path, { method: 'POST', headers, body: JSON.stringify(body) });
  return response.json();
}

export async function putFlowLogs(
  world: LocalWorld,
  seeds: { flowLogId: string; status?: string }[],
): Promise<void> {
  const response = await fetch(`${world.description.volcengine}/_fake/flow-logs`, {
    method: 'PUT',
    body: JSON.stringify(seeds.map((seed) => ({ region: REGION, ...seed }))),
  });
  if (!response.ok) throw new Error(`the fake Volcengine refused the flow logs: ${await response.text()}`);
}

export async function statusOf({ world }: Stage, activationId: string): Promise<string> {
  const response = await fetch(`${world.apiUrl}/activations/${activationId}`);
  return v.parse(v.object({ status: v.string() }), await response.json()).status;
}

/** Throws what was waited for if it does not come. */
export async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + BOUND_MS; Date.now() < end; await sleep(LOOK_EVERY_MS)) {
    if (await isSo()) return;
  }
  throw new Error(`not in ${BOUND_MS / 1_000} s: ${what}`);
}

import { eachCategory, type Plan } from '../../lib/activation/batches/plan.ts';
import { decideDrift } from '../../lib/activation/drift/drift.ts';
import type { Activation } from '../../lib/activation/model/activation.ts';
import type { Batch } from '../../lib/activation/model/batch.ts';
import { complete, fail } from '../../lib/activation/model/endings.ts';
import { flowLogKey } from '../../lib/activation/model/ids.ts';
import type { Operation } from '../../lib/activation/model/operation.ts';
import type { FlowLogApi } from '../../lib/activation/model/ports.ts';
import { accept, recordAbsence, verifyFirst } from '../../lib/activation/model/transitions.ts';
import { newOperation } from '../../lib/activation/operations/operation.ts';
import { inMemoryDeps } from '../support/builders/in-memory-deps.ts';
import { aRun } from '../support/builders/policies.ts';
import { anActivation, batchIdOf, flowLogOf, policy, START } from '../support/fakes/activations.ts';
import { ScriptedFlowLogApi } from '../support/fakes/ports.ts';

const queued = (flowLogId: string) => anActivation({ flowLogId });
const called = (flowLogId: string) => ({ ...queued(flowLogId), attempts: 1 });
const accepted = (flowLogId: string) => accept(called(flowLogId), 'request-1', START, policy);
const looked = (flowLogId: string) =>
  verifyFirst(called(flowLogId), { code: 'C', message: 'm' }, START, policy);
const told = (activation: Activation): Activation => ({ ...activation, outbox: [], dueAt: undefined });

/** One record in every state that a record can be found in, by flow log id. */
const RECORDS: Activation[] = [
  queued('fl-queued'),
  { ...queued('fl-joined'), joiners: [batchIdOf(2)] },
  { ...queued('fl-leased'), attempts: 1, leaseUntil: START + 10_000, leaseId: 'lease-1' },
  { ...queued('fl-overdue'), dueAt: START },
  { ...queued('fl-late'), deadlineAt: START, dueAt: START },
  accepted('fl-accepted'),
  looked('fl-looked'),
  recordAbsence(accepted('fl-absent'), START - 1_000),
  { ...accepted('fl-expired'), pendingDeadlineAt: START },
  told(complete(accepted('fl-completed'), false, START)),
  complete(accepted('fl-untold'), true, START),
  decideDrift(told(complete(accepted('fl-drifted'), false, START)), undefined, START),
  told(fail(called('fl-failed'), 'frozen', START, { code: 'C', message: 'm' })),
  fail(called('fl-fresh'), 'not-found', START, { code: 'C', message: 'm' }),
  told(fail(called('fl-hopeless'), 'invalid-request', START)),
  told(fail(queued('fl-cancelled'), 'cancelled', START)),
];

const ARCHIVED = {
  ...told(fail(called('fl-completed'), 'frozen', START)),
  batchId: batchIdOf(3),
  archived: true,
};

const BATCH: Batch = {
  batchId: batchIdOf(1),
  bodyHash: 'hash',
  flowLogs: RECORDS.map(({ flowLogId }) => flowLogOf(flowLogId)),
  metadata: {},
  source: 'api',
  createdAt: START,
  version: 1,
  dueAt: START + 60_000,
};

/** Its end is on record, and still to be told. */
const ENDED: Batch = {
  ...BATCH,
  batchId: batchIdOf(4),
  completed: { at: START, counts: { completed: 9, failed: 6 }, adopted: 1, reasons: { frozen: 6 } },
};

const OPERATIONS: Operation[] = [1, 2].map((number) => ({
  ...newOperation(
    `o-${String(number).padStart(32, '0')}`,
    { action: 'redrive', filter: {}, requestedBy: 'x' },
    START,
  ),
  refused: 150,
  refusalPages: 2,
}));

export const KNOWN_OPERATIONS = OPERATIONS.map(({ operationId }) => operationId);
const PLAN: Plan = {
  planId: `p-${'1'.repeat(32)}`,
  requestHash: 'hash',
  selector: { account: 'default', region: 'cn-beijing', status: ['Inactive'] },
  metadata: {},
  flowLogs: { ...eachCategory(() => []), wouldActivate: ['fl-queued'] },
  createdAt: START,
  execution: { at: START, source: 'api', metadata: {} },
};

export const KNOWN_RUN = aRun(0);
export const KNOWN_PLAN = PLAN.planId;
export const KNOWN_FLOW_LOGS = RECORDS.map(({ flowLogId }) => flowLogId);
export const KNOWN_ACTIVATIONS = RECORDS.map(({ activationId }) => activationId);
export const KNOWN_BATCHES = [BATCH.batchId, batchIdOf(2)];

/** The worker's, the poller's and the HTTP functions' dependencies at once, all in memory, at a fixed time. */
export function createWorld(options: { flowLogIds?: readonly string[]; api?: FlowLogApi } = {}) {
  const deps = { ...inMemoryDeps(), api: options.api ?? createApi() };
  const { store } = deps;
  for (const record of RECORDS) {
    if (options.flowLogIds && !options.flowLogIds.includes(record.flowLogId)) continue;
    store.current.set(flowLogKey(record), structuredClone(record));
  }
  deps.runs.runs.set(`${KNOWN_RUN.policy} ${KNOWN_RUN.runId}`, structuredClone(KNOWN_RUN));
  deps.plans.plans.set(PLAN.planId, structuredClone(PLAN));
  store.archive.set(`${flowLogKey(ARCHIVED)}#${ARCHIVED.batchId}`, structuredClone(ARCHIVED));
  if (!options.flowLogIds) {
    for (const batch of [BATCH, ENDED]) store.batches.set(batch.batchId, structuredClone(batch));
    for (const one of OPERATIONS) store.operations.set(one.operationId, structuredClone(one));
  }
  return deps;
}

function createApi(): FlowLogApi {
  const api = new ScriptedFlowLogApi();
  api.views = [
    { flowLogId: 'fl-failed', status: 'Inactive', locked: false },
    { flowLogId: 'fl-cancelled', status: 'Active', locked: false },
  ];
  return api;
}

export type World = ReturnType<typeof createWorld>;

import { inChunks } from '../../runtime/concurrency.ts';
import { eachCategory, refsOf, startable } from '../batches/plan.ts';
import { readCurrent } from '../batches/read-current.ts';
import { canonicalSelector, type Selector } from '../batches/selector.ts';
import { startFlowLogs } from '../batches/start-batch.ts';
import { BATCH_LIMIT } from '../batches/start-planned.ts';
import { isOpen } from '../model/activation.ts';
import { IdempotencyKeyReused, OppositeRequestOpen, RequestUnfinished } from '../model/errors.ts';
import { deriveBatchId } from '../model/ids.ts';
import { policyPrincipal } from '../model/principal.ts';
import { requestActivations } from '../request/request-activations.ts';
import { leadsTo } from './judge.ts';
import type { Row } from './run.ts';
import type { RunContext, ScopeDeps } from './run-deps.ts';
import { openForMs } from './window.ts';

const SCOPE = 'policy';
const DEACTIVATION = { desired: 'Inactive' } as const;

/**
 * Starts an activation or a deactivation for each row, in batches that belong to policy, planned time, account and
 * region: a run that is repeated starts the same ones. Before the window ends, as many as the account's rate allows, in
 * equal shares for its regions. The others are repaired by a later run. Completes the rows.
 */
export async function startRepairs(
  deps: ScopeDeps,
  context: RunContext,
  selector: Selector,
  rows: Row[],
): Promise<void> {
  if (rows.length === 0) return;
  const { policy, plannedAt, limit } = context;
  const now = deps.now();
  const windowMs = policy.window ? openForMs(policy.window, now) : Number.POSITIVE_INFINITY;
  const most = Math.ceil(((windowMs / 1_000) * deps.policy.ratePerSecond) / policy.regions.length);
  const ids = rows.slice(0, most).map(({ flowLogId }) => flowLogId);
  const source = policyPrincipal(policy.name);
  const request = {
    callerScope: SCOPE,
    idempotencyKey: JSON.stringify([policy.name, plannedAt, canonicalSelector(selector)]),
    selector,
    metadata: { policy: policy.name },
    source,
    requestedBy: source,
    callerRequestId: `${context.ids.policy}/${context.ids.runId}`,
  };
  const begin = policy.desired === 'Inactive' ? deactivate : activate;
  const begun = await begin(deps, request, ids, limit.openUntil);
  const { activations } = await readCurrent(deps.store, selector, ids);
  const current = new Map(activations.map((one) => [one.flowLogId, one]));
  for (const row of rows) {
    const one = current.get(row.flowLogId);
    if (one && isOpen(one)) {
      row.activationId = one.activationId;
      delete row.failure;
      if (!leadsTo(one, policy.desired)) row.repair = 'contradicted';
      continue;
    }
    // An earlier try of this run has opened it already, and it has ended.
    const hasEnded = one !== undefined && one.callerRequestId === request.callerRequestId;
    if (hasEnded || !begun.has(row.flowLogId)) row.repair = 'later';
  }
}

type Repair = Parameters<typeof startFlowLogs>[1] & { idempotencyKey: string };

/** Returns the flow logs of the run's plan: of the first try, if there was one. */
async function activate(deps: ScopeDeps, request: Repair, ids: string[], until: number) {
  const flowLogs = eachCategory((category) => (category === 'wouldActivate' ? ids : []));
  try {
    return new Set(startable((await startFlowLogs(deps, request, flowLogs, until)).plan.flowLogs));
  } catch (error) {
    leaveToPoller(deps, request, error);
    return new Set(ids);
  }
}

/** The batch is stored, but not all of it could be opened now. Throws every other error. */
function leaveToPoller({ log }: ScopeDeps, { source }: Repair, error: unknown): void {
  if (!(error instanceof RequestUnfinished)) throw error;
  log.warn('a policy leaves the rest of its batch to the poller', { source, error });
}

/**
 * Returns the flow logs whose deactivations are requested. It stores no plan, so that no version activates what a plan
 * lists. A batch of an earlier try, or of another invocation at the same moment, stands as it is, and the poller opens its
 * rest. Flow logs that an activation took in between are left to a later run, with their batch.
 */
async function deactivate(deps: ScopeDeps, request: Repair, ids: string[], until: number) {
  const { selector, idempotencyKey, ...rest } = request;
  const begun = new Set<string>();
  for (const [index, chunk] of inChunks(ids, BATCH_LIMIT).entries()) {
    if (deps.now() > until) break;
    const key = JSON.stringify([idempotencyKey, index]);
    const flowLogs = refsOf(selector, chunk);
    const batchId = deriveBatchId(rest.callerScope, key, DEACTIVATION);
    const earlier = await deps.store.readBatch(batchId);
    try {
      if (!earlier)
        await requestActivations(deps, { ...rest, ...DEACTIVATION, idempotencyKey: key, flowLogs });
    } catch (error) {
      if (error instanceof OppositeRequestOpen || error instanceof IdempotencyKeyReused) {
        deps.log.warn('a policy leaves flow logs to a later run', { source: rest.source, error });
        continue;
      }
      leaveToPoller(deps, request, error);
    }
    for (const { flowLogId } of earlier?.flowLogs ?? flowLogs) begun.add(flowLogId);
  }
  return begun;
}

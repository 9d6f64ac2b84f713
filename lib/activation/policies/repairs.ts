import { eachCategory, type Plan, startable } from '../batches/plan.ts';
import { readCurrent } from '../batches/read-current.ts';
import { canonicalSelector, type Selector } from '../batches/selector.ts';
import { startFlowLogs } from '../batches/start-batch.ts';
import { isOpen } from '../model/activation.ts';
import { RequestUnfinished } from '../model/errors.ts';
import { policyPrincipal } from '../model/principal.ts';
import type { Row } from './run.ts';
import type { RunContext, ScopeDeps } from './run-deps.ts';
import { openForMs } from './window.ts';

const SCOPE = 'policy';

/**
 * Starts an activation for each row, in batches that belong to policy, planned time, account and region: a run that is
 * repeated starts the same ones. Before the window ends, as many as the account's rate allows. The others are repaired by
 * a later run. Completes the rows.
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
  const most = Math.max(1, Math.floor((windowMs / 1_000) * deps.policy.ratePerSecond));
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
  const flowLogs = eachCategory((category) => (category === 'wouldActivate' ? ids : []));
  const plan = await started(deps, request, flowLogs, limit.openUntil);
  const begun = new Set(plan === undefined ? ids : startable(plan.flowLogs));
  const begunIds = rows.map(({ flowLogId }) => flowLogId).filter((id) => begun.has(id));
  const { activations } = await readCurrent(deps.store, selector, begunIds);
  const open = new Map(activations.filter(isOpen).map((one) => [one.flowLogId, one.activationId]));
  for (const row of rows) {
    const activationId = open.get(row.flowLogId);
    if (!begun.has(row.flowLogId)) row.repair = 'later';
    else if (activationId !== undefined) {
      row.activationId = activationId;
      delete row.failure;
    }
  }
}

/** Undefined if the batch is stored, but not all of it could be opened now: the poller opens the rest. */
async function started(...given: Parameters<typeof startFlowLogs>): Promise<Plan | undefined> {
  try {
    return (await startFlowLogs(...given)).plan;
  } catch (error) {
    if (!(error instanceof RequestUnfinished)) throw error;
    const [{ log }, { source }] = given;
    log.warn('a policy leaves the rest of its batch to the poller', { source, error });
    return undefined;
  }
}

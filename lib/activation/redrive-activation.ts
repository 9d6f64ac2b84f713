import { type Activation, isOpen } from './activation.ts';
import { bellFor } from './bells.ts';
import { complete } from './endings.ts';
import { LookFailed, NotFound, NotRedrivable, OutboxPending, StoreContended } from './errors.ts';
import { redriveHelps } from './facts.ts';
import type { FlowLogView } from './outcome.ts';
import type { Policy } from './policy.ts';
import type { ActivationQueue, ActivationStore, Clock, FlowLogApi, Log, RateLimiter } from './ports.ts';
import { reopen } from './transitions.ts';

export type RedriveDeps = {
  store: ActivationStore;
  queue: ActivationQueue;
  api: FlowLogApi;
  limiter: RateLimiter;
  now: Clock;
  policy: Policy;
  log: Log;
};

/** `queued`: again, as the next generation. `adopted`: Active meanwhile. `past`: it already is beyond the expected one. */
export type RedriveResult = { kind: 'queued' | 'adopted' | 'past'; activation: Activation };

const TRIES = 10;
const TOKEN_WAIT_MS = 2_000;

/**
 * Opens the next generation of a failed activation, after a look at what DescribeFlowLogs shows now.
 * With `expected` it is idempotent: an activation already past that generation is answered as it is.
 * Throws NotFound, NotRedrivable (says why), OutboxPending while its failure is still being told, and LookFailed.
 */
export async function redriveActivation(
  deps: RedriveDeps,
  activationId: string,
  expected?: number,
): Promise<RedriveResult> {
  for (let round = 0; round < TRIES; round += 1) {
    const failed = await deps.store.readActivation(activationId);
    if (failed === undefined) throw new NotFound('activation');
    if (expected !== undefined && failed.generation > expected) return { kind: 'past', activation: failed };
    const obstacle = obstacleTo(failed, expected);
    if (obstacle) throw obstacle;
    const [view] = await look(deps, [failed]);
    const stillThere = obstacleIn(view);
    if (stillThere) throw stillThere;
    const result = await redriveLooked(deps, failed, view);
    if (result) return result;
  }
  throw new StoreContended();
}

/** What DescribeFlowLogs shows of each, in the same order; all of one account and region, at most 100. */
export async function look(deps: RedriveDeps, failed: Activation[]): Promise<(FlowLogView | undefined)[]> {
  const [first] = failed;
  if (first === undefined) return [];
  const { account, region } = first;
  const shortOfMs = await deps.limiter.take(account, TOKEN_WAIT_MS);
  if (shortOfMs > 0) throw new LookFailed('our own rate limit', shortOfMs);
  const flowLogIds = failed.map(({ flowLogId }) => flowLogId);
  const outcome = await deps.api.describeFlowLogs({ account, region }, flowLogIds);
  if (outcome.kind === 'described') return flowLogIds.map((flowLogId) => outcome.flowLogs.get(flowLogId));
  if (outcome.kind === 'throttled') deps.limiter.throttled(account);
  const retryAfterMs = 'retryAfterMs' in outcome ? outcome.retryAfterMs : undefined;
  throw new LookFailed(outcome.error.code, retryAfterMs);
}

/** Undefined when someone else wrote meanwhile. */
export async function redriveLooked(
  deps: RedriveDeps,
  failed: Activation,
  view: FlowLogView | undefined,
): Promise<RedriveResult | undefined> {
  const now = deps.now();
  const isActive = view?.status === 'Active';
  const reopened = reopen(failed, now, deps.policy);
  const next = isActive ? complete(reopened, true, now) : reopened;
  if (!(await deps.store.transition(failed, next))) return undefined;
  const { activationId, generation } = next;
  deps.log.info(isActive ? 'redriven: adopted, it is Active' : 'redriven', { activationId, generation });
  if (isActive) return { kind: 'adopted', activation: next };
  await deps.queue.ring([bellFor(next, now, deps.policy)]);
  return { kind: 'queued', activation: next };
}

/** Why it cannot be redriven, whatever DescribeFlowLogs shows. */
export function obstacleTo(
  activation: Activation,
  expected?: number,
): NotRedrivable | OutboxPending | undefined {
  const { archived, status, generation, reason } = activation;
  if (archived) return new NotRedrivable('a later activation of the flow log has taken its place');
  if (status === 'completed') return new NotRedrivable('it has completed');
  if (isOpen(activation)) return new NotRedrivable('it has not failed');
  if (expected !== undefined && expected > generation) {
    return new NotRedrivable(`it is of generation ${generation}`);
  }
  if (!redriveHelps(activation)) {
    return new NotRedrivable(`it failed with ${reason}, which a redrive cannot help`);
  }
  // The facts of this generation are built from what the redrive would overwrite.
  return activation.outbox.length > 0 ? new OutboxPending() : undefined;
}

/** Why a redrive would be in vain: the cause is still there. */
export function obstacleIn(view: FlowLogView | undefined): NotRedrivable | undefined {
  if (view === undefined) return new NotRedrivable('DescribeFlowLogs does not show the flow log');
  if (view.status === 'Active') return undefined;
  if (view.locked) return new NotRedrivable(`the flow log is still frozen (${view.lockReason ?? 'locked'})`);
  return view.status === 'Deleting' ? new NotRedrivable('the flow log is being deleted') : undefined;
}

/**
 * A dead letter moved back to the work queue is a redrive of exactly its generation, without a look: should the
 * cause still be there, the next generation fails with a letter of its own. Answers what came of it.
 */
export async function redriveLetter(
  deps: Omit<RedriveDeps, 'api' | 'limiter'>,
  letter: { activationId: string; generation: number },
): Promise<'queued' | 'ignored' | 'later'> {
  const { activationId, generation } = letter;
  for (let round = 0; round < TRIES; round += 1) {
    const failed = await deps.store.readActivation(activationId);
    if (failed?.status !== 'failed' || failed.archived || failed.generation !== generation) {
      deps.log.info('dead letter ignored: the activation has moved on', { activationId, generation });
      return 'ignored';
    }
    if (failed.outbox.length > 0) {
      await deps.queue.ring([
        { bell: { activationId, generation, redrive: true }, delayMs: deps.policy.tickMs },
      ]);
      return 'later';
    }
    const now = deps.now();
    const next = reopen(failed, now, deps.policy);
    if (await deps.store.transition(failed, next)) {
      deps.log.info('redriven by its dead letter', { activationId, generation: next.generation });
      await deps.queue.ring([bellFor(next, now, deps.policy)]);
      return 'queued';
    }
  }
  throw new StoreContended();
}

import { describeIsolated, type Observation } from '../describe/describe-isolated.ts';
import { type DescribeDeps, describeOnce } from '../describe/describe-once.ts';
import { type Activation, isOpen } from '../model/activation.ts';
import { complete } from '../model/endings.ts';
import {
  AccountPaused,
  type ActivationError,
  DeactivationDisabled,
  DescribeFailed,
  NotFound,
  NotRedrivable,
  OutboxPending,
  StoreContended,
} from '../model/errors.ts';
import { goalOf, isReached } from '../model/goal.ts';
import type { ActivationQueue } from '../model/message-ports.ts';
import { redriveHelps } from '../model/outbox-events.ts';
import { type CallFailure, retryAfterMsOf } from '../model/outcome.ts';
import type { Policy } from '../model/policy.ts';
import { type ActivationStore, type Log, PAUSED, type Random, type ScopeCheck } from '../model/ports.ts';
import { reopen } from '../model/queueing.ts';
import { idsOf } from '../model/tracing.ts';
import { writeTransition } from '../model/write-transition.ts';
import { jobFor } from '../request/activation-job.ts';

export type RedriveDeps = DescribeDeps & {
  allowsDeactivation: boolean;
  store: ActivationStore;
  queue: ActivationQueue;
  scopeRefusal: ScopeCheck;
  random: Random;
  policy: Policy;
  log: Log;
};

/**
 * `queued`: as the next generation. `adopted`: the flow log is as wanted already. `past`: beyond the expected generation
 * already.
 */
export type RedriveResult = { kind: 'queued' | 'adopted' | 'past'; activation: Activation };

const WRITE_TRIES = 10;
const TOKEN_WAIT_MS = 2_000;
/** One refused flow log among a hundred costs up to 18 calls, and each call waits for its token. */
const LONGEST_TOKEN_WAIT_MS = 10_000;

/**
 * Opens the next generation of a failed activation, after one DescribeFlowLogs call.
 * With `expected` it is idempotent: an activation that is past this generation is returned unchanged.
 * It waits until the failed event and the dead letter are published, even if the bus or the queue refused them: they are
 * built from fields that the next generation overwrites, and can be stored after a person solves the cause.
 * Throws NotFound, NotRedrivable (with the reason), AccountPaused, OutboxPending, DescribeFailed, and StoreContended.
 */
export async function redriveActivation(
  deps: RedriveDeps,
  activationId: string,
  by: string,
  expected?: number,
): Promise<RedriveResult> {
  let past = expected;
  for (let tries = 0; tries < WRITE_TRIES; tries += 1) {
    const failed = await deps.store.readActivation(activationId);
    if (failed === undefined) throw new NotFound('activation');
    if (past !== undefined && failed.generation > past) return { kind: 'past', activation: failed };
    const obstacle = obstacleInRecord(deps, failed, expected);
    if (obstacle) throw obstacle;
    const observed = await observe(deps, [failed]);
    const observedObstacle = obstacleInObservation(observed, failed);
    if (observedObstacle) throw observedObstacle;
    const next = await reopenObserved(deps, observed, failed, by);
    if (next?.status === 'completed') return { kind: 'adopted', activation: next };
    if (next) {
      await deps.queue.enqueue([jobFor(next, deps.now(), deps.policy)]);
      return { kind: 'queued', activation: next };
    }
    // The other writer may have redriven it too.
    past ??= failed.generation;
  }
  throw new StoreContended();
}

/** Observations by flow log id. A missing one was not requested: a token would have taken `waitMs`. */
export type Observed = { observations: Map<string, Observation>; waitMs: number };

/**
 * Describes at most 100 activations of one account and region. A call waits for its token until `waitUntil` (ms since
 * the epoch), but at least 2 and at most 10 seconds. No call starts after `stopAt`.
 */
export async function observe(
  deps: RedriveDeps,
  failed: Activation[],
  { waitUntil = deps.now(), stopAt = Number.POSITIVE_INFINITY }: { waitUntil?: number; stopAt?: number } = {},
): Promise<Observed> {
  const observed: Observed = { observations: new Map(), waitMs: 0 };
  const [first] = failed;
  if (first === undefined) return observed;
  const { account, region } = first;
  const call = async (ids: string[]) => {
    if (deps.now() >= stopAt) return { waitMs: 0 };
    const tokenWaitMs = Math.max(TOKEN_WAIT_MS, Math.min(LONGEST_TOKEN_WAIT_MS, waitUntil - deps.now()));
    const described = await describeOnce(deps, { account, region }, ids, tokenWaitMs);
    if ('waitMs' in described) observed.waitMs = described.waitMs;
    return described;
  };
  const flowLogIds = failed.map(({ flowLogId }) => flowLogId);
  for await (const part of describeIsolated(call, flowLogIds, deps.random)) {
    for (const [id, observation] of part.observations) observed.observations.set(id, observation);
  }
  return observed;
}

/**
 * Writes and returns the next generation, or returns undefined if another writer was faster. Does not enqueue its job.
 */
export async function reopenObserved(
  deps: RedriveDeps,
  { observations }: Observed,
  failed: Activation,
  by: string,
): Promise<Activation | undefined> {
  const now = deps.now();
  const observation = observations.get(failed.flowLogId);
  const reopened = reopen(failed, by, now, deps.policy);
  const isTrusted = now - deps.policy.callTimeoutMs >= (failed.untrustedUntil ?? 0);
  const isAdopted = isTrusted && observation?.kind === 'shown' && isReached(reopened, observation.view);
  const next = isAdopted ? complete(reopened, true, now) : reopened;
  if (!(await writeTransition(deps.store, failed, next))) return undefined;
  const ids = { ...idsOf(next), generation: next.generation };
  const { status, noun } = goalOf(next);
  deps.log.info(isAdopted ? `redriven: adopted, it is ${status}` : `${noun} redriven`, { ...ids, by });
  return next;
}

/** Why the record does not allow a redrive, or undefined. */
export function obstacleInRecord(
  { scopeRefusal, allowsDeactivation }: Pick<RedriveDeps, 'scopeRefusal' | 'allowsDeactivation'>,
  activation: Activation,
  expected?: number,
): ActivationError | undefined {
  const { archived, status, generation, reason } = activation;
  if (archived) return new NotRedrivable('a later activation of the flow log has replaced it');
  if (status === 'completed') return new NotRedrivable('it has completed');
  if (isOpen(activation)) return new NotRedrivable('it has not failed');
  if (expected !== undefined && expected > generation) {
    return new NotRedrivable(`it is of generation ${generation}`);
  }
  if (!redriveHelps(activation)) {
    return new NotRedrivable(`it failed with ${reason}, which a redrive cannot help`);
  }
  if (activation.desired !== undefined && !allowsDeactivation) return new DeactivationDisabled();
  const refusal = scopeRefusal(activation);
  if (refusal !== undefined) return new NotRedrivable(refusal);
  return activation.outbox.length > 0 ? new OutboxPending() : undefined;
}

/** Why a redrive cannot succeed according to DescribeFlowLogs, or why there is no usable reply; otherwise undefined. */
export function obstacleInObservation(
  { observations, waitMs }: Observed,
  failed: Activation,
): NotRedrivable | AccountPaused | DescribeFailed | undefined {
  const { account, flowLogId } = failed;
  const observation = observations.get(flowLogId);
  if (observation === undefined && waitMs === PAUSED) return new AccountPaused(account);
  if (observation === undefined) return new DescribeFailed('our own rate limit', waitMs);
  if (observation.kind === 'unanswered') return obstacleWithoutReply(observation.failure);
  if (observation.kind === 'absent') return new NotRedrivable('DescribeFlowLogs does not show the flow log');
  const { view } = observation;
  if (isReached({ ...failed, accepted: undefined }, view)) return undefined;
  if (view.locked) return new NotRedrivable(`the flow log is still frozen (${view.lockReason ?? 'locked'})`);
  return view.status === 'Deleting' ? new NotRedrivable('the flow log is being deleted') : undefined;
}

function obstacleWithoutReply(failure: CallFailure): NotRedrivable | DescribeFailed {
  const { code } = failure.error;
  if (failure.kind === 'dead-letter')
    return new NotRedrivable(`DescribeFlowLogs refuses the flow log: ${code}`);
  return new DescribeFailed(code, retryAfterMsOf(failure));
}

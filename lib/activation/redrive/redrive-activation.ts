import { describeIsolated, type Observation } from '../describe/describe-isolated.ts';
import { type DescribeDeps, describeOnce } from '../describe/describe-once.ts';
import { type Activation, isOpen } from '../model/activation.ts';
import { complete } from '../model/endings.ts';
import { DescribeFailed, NotFound, NotRedrivable, OutboxPending, StoreContended } from '../model/errors.ts';
import { redriveHelps } from '../model/outbox-events.ts';
import type { CallFailure } from '../model/outcome.ts';
import { clampDelay, type Policy } from '../model/policy.ts';
import type { ActivationQueue, ActivationStore, Log, Random, ScopeCheck } from '../model/ports.ts';
import { DEAD_LETTER_QUEUE } from '../model/principal.ts';
import { reopen } from '../model/transitions.ts';
import { writeTransition } from '../model/write-transition.ts';
import { jobFor } from '../request/activation-job.ts';

export type RedriveDeps = DescribeDeps & {
  store: ActivationStore;
  queue: ActivationQueue;
  scopeRefusal: ScopeCheck;
  random: Random;
  policy: Policy;
  log: Log;
};

/** `queued`: again, as the next generation. `adopted`: Active meanwhile. `past`: it already is beyond the expected one. */
export type RedriveResult = { kind: 'queued' | 'adopted' | 'past'; activation: Activation };

const TRIES = 10;
const TOKEN_WAIT_MS = 2_000;
/** One refused flow log among a hundred costs a dozen calls, and each waits for its token. */
const LONGEST_TOKEN_WAIT_MS = 10_000;

/**
 * Opens the next generation of a failed activation, after a look at what DescribeFlowLogs shows now.
 * With `expected` it is idempotent: an activation already past that generation is answered as it is.
 * A failure that is not wholly told is waited for, also one that the bus or the queue has refused: that may be taken once
 * a person has mended what refuses it, and its event and deadLetter are built from what the next generation overwrites.
 * Throws NotFound, NotRedrivable (says why), OutboxPending while its failure is still being told, and DescribeFailed.
 */
export async function redriveActivation(
  deps: RedriveDeps,
  activationId: string,
  by: string,
  expected?: number,
): Promise<RedriveResult> {
  let past = expected;
  for (let round = 0; round < TRIES; round += 1) {
    const failed = await deps.store.readActivation(activationId);
    if (failed === undefined) throw new NotFound('activation');
    if (past !== undefined && failed.generation > past) return { kind: 'past', activation: failed };
    const obstacle = obstacleTo(deps, failed, expected);
    if (obstacle) throw obstacle;
    const observed = await observe(deps, [failed]);
    const stillThere = obstacleIn(observed, failed);
    if (stillThere) throw stillThere;
    const next = await reopenObserved(deps, observed, failed, by);
    if (next?.status === 'completed') return { kind: 'adopted', activation: next };
    if (next) {
      await deps.queue.enqueue([jobFor(next, deps.now(), deps.policy)]);
      return { kind: 'queued', activation: next };
    }
    // Whoever was faster has perhaps done the same.
    past ??= failed.generation;
  }
  throw new StoreContended();
}

/** By flow log id; those that are missing were not asked about, and a token for it would have taken `waitMs`. */
export type Observed = { observations: Map<string, Observation>; waitMs: number };

/**
 * What DescribeFlowLogs says of each; all of one account and region, at most 100. A call waits two seconds for its
 * token, and longer while there is time until `waitUntil` (ms since the epoch).
 */
export async function observe(
  deps: RedriveDeps,
  failed: Activation[],
  waitUntil = deps.now(),
): Promise<Observed> {
  const observed: Observed = { observations: new Map(), waitMs: 0 };
  const [first] = failed;
  if (first === undefined) return observed;
  const { account, region } = first;
  const call = async (ids: string[]) => {
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

/** The next generation as written, or undefined when someone else wrote meanwhile. Its job is not sent. */
export async function reopenObserved(
  deps: RedriveDeps,
  { observations }: Observed,
  failed: Activation,
  by: string,
): Promise<Activation | undefined> {
  const now = deps.now();
  const observation = observations.get(failed.flowLogId);
  const isActive = observation?.kind === 'shown' && observation.view.status === 'Active';
  const reopened = reopen(failed, by, now, deps.policy);
  const next = isActive ? complete(reopened, true, now) : reopened;
  if (!(await writeTransition(deps.store, failed, next))) return undefined;
  const { activationId, generation } = next;
  deps.log.info(isActive ? 'redriven: adopted, it is Active' : 'redriven', { activationId, generation, by });
  return next;
}

/** Why it cannot be redriven, whatever DescribeFlowLogs shows. */
export function obstacleTo(
  { scopeRefusal }: Pick<RedriveDeps, 'scopeRefusal'>,
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
  const refusal = scopeRefusal(activation);
  if (refusal !== undefined) return new NotRedrivable(refusal);
  return activation.outbox.length > 0 ? new OutboxPending() : undefined;
}

/** Why a redrive would be in vain, the cause is still there, or cannot be judged now. */
export function obstacleIn(
  { observations, waitMs }: Observed,
  { flowLogId }: Activation,
): NotRedrivable | DescribeFailed | undefined {
  const observation = observations.get(flowLogId);
  if (observation === undefined) return new DescribeFailed('our own rate limit', waitMs);
  if (observation.kind === 'unanswered') return noAnswer(observation.failure);
  if (observation.kind === 'absent') return new NotRedrivable('DescribeFlowLogs does not show the flow log');
  const { view } = observation;
  if (view.status === 'Active') return undefined;
  if (view.locked) return new NotRedrivable(`the flow log is still frozen (${view.lockReason ?? 'locked'})`);
  return view.status === 'Deleting' ? new NotRedrivable('the flow log is being deleted') : undefined;
}

function noAnswer(failure: CallFailure): NotRedrivable | DescribeFailed {
  const { code } = failure.error;
  if (failure.kind === 'dead-letter')
    return new NotRedrivable(`DescribeFlowLogs refuses the flow log: ${code}`);
  return new DescribeFailed(code, 'retryAfterMs' in failure ? failure.retryAfterMs : undefined);
}

/**
 * A dead letter moved back to the work queue is a redrive of exactly its generation, without a look: should the
 * cause still be there, the next generation fails with a deadLetter of its own. Answers what came of it.
 */
export async function redriveFromDeadLetter(
  deps: Pick<RedriveDeps, 'store' | 'queue' | 'now' | 'policy' | 'log'>,
  deadLetter: { activationId: string; generation: number },
): Promise<'queued' | 'ignored' | 'later'> {
  const { activationId, generation } = deadLetter;
  for (let round = 0; round < TRIES; round += 1) {
    const failed = await deps.store.readActivation(activationId);
    if (failed?.status !== 'failed' || failed.archived || failed.generation !== generation) {
      deps.log.info('dead letter ignored: the activation has moved on', { activationId, generation });
      return 'ignored';
    }
    if (failed.outbox.length > 0) {
      // What the bus has refused is not told before it is tried again.
      const untilRetryMs = (failed.refused?.retryAt ?? 0) - deps.now();
      const delayMs = Math.max(deps.policy.tickMs, clampDelay(untilRetryMs));
      await deps.queue.enqueue([{ job: { activationId, generation, redrive: true }, delayMs }]);
      return 'later';
    }
    const now = deps.now();
    const next = reopen(failed, DEAD_LETTER_QUEUE, now, deps.policy);
    if (await writeTransition(deps.store, failed, next)) {
      deps.log.info('redriven by its dead letter', {
        activationId,
        generation: next.generation,
        by: DEAD_LETTER_QUEUE,
      });
      await deps.queue.enqueue([jobFor(next, now, deps.policy)]);
      return 'queued';
    }
  }
  throw new StoreContended();
}

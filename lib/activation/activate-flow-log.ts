import { isCallable, LEASE_TRIES, lease } from './lease.ts';
import type { Activation } from './model/activation.ts';
import { fail } from './model/endings.ts';
import { goalOf } from './model/goal.ts';
import { clientTokenOf } from './model/ids.ts';
import type { ActivationJob } from './model/message-ports.ts';
import { type ActivateOutcome, failureFields } from './model/outcome.ts';
import { clampDelay, retryDelayMs } from './model/policy.ts';
import { PAUSED } from './model/ports.ts';
import { dueNow, requeue, retryLater } from './model/queueing.ts';
import { idsOf, idsOfJob } from './model/tracing.ts';
import { accept, verifyFirst } from './model/transitions.ts';
import { isSameState, writeTransition } from './model/write-transition.ts';
import { atTurn } from './request/activation-job.ts';
import type { WorkerDeps } from './worker-deps.ts';

/**
 * The result of a job. `ignored`: the activation needs no call, or another worker was faster. `requeued`: its turn is
 * later, or it got no token in time; no attempt counted. `paused`: its account is paused, and the poller enqueues a job
 * after it is resumed. `lease-expired`: the outcome came too late and was discarded.
 */
export type WorkResult = ActivateOutcome['kind'] | 'ignored' | 'requeued' | 'paused' | 'lease-expired';

/** A job may come so much before its turn: SQS delays by whole seconds, and clocks differ. */
const EARLY_MS = 1_000;

/**
 * Processes one job: makes at most one call to ActiveFlowLog, or for a deactivation to DeactiveFlowLog, under a lease
 * and a rate token (Invariant 6). Waits at most `maxWaitMs` for a token. Throws only if our own store fails; then SQS
 * must deliver the job again.
 */
export async function activateFlowLog(
  deps: WorkerDeps,
  job: ActivationJob,
  maxWaitMs: number,
): Promise<WorkResult> {
  const { store, queue, limiter, log } = deps;
  const { turnAt = 0 } = job;
  if (turnAt > deps.now() + EARLY_MS) {
    await queue.enqueue([atTurn(job, turnAt, deps.now())]);
    return 'requeued';
  }
  const found = await store.readActivation(job.activationId);
  if (!isCallable(found, job, deps.now())) return ignore(deps, job);
  const { account } = found;
  const waitMs = await limiter.acquireOrTurn(account, maxWaitMs);
  if (waitMs === PAUSED) return leaveToPoller(deps, job, found);
  if (waitMs > 0) return requeueWithoutToken(deps, job, found, waitMs);
  const leased = await lease(deps, job, found);
  if (leased === undefined) {
    limiter.release(account);
    return ignore(deps, job);
  }
  const { activationId, generation, attempts, leaseUntil = 0 } = leased;
  const ids = { ...idsOf(leased), generation };
  const goal = goalOf(leased);
  const outcome = await deps.api[goal.call]({
    flowLog: { account: leased.account, region: leased.region, flowLogId: leased.flowLogId },
    clientToken: clientTokenOf(activationId, generation),
    notAfter: Math.min(leaseUntil - deps.policy.callTimeoutMs, leased.deadlineAt),
  });
  if (outcome.kind === 'not-sent') {
    limiter.release(account);
    log.warn('not called: the lease or the deadline ends too soon', ids);
    return 'not-sent';
  }
  const unsent = isUnsent(outcome);
  if (!unsent) goal.countCall(deps.metrics);
  if (outcome.kind === 'hold') deps.metrics.count('HeldActivations');
  if (outcome.kind === 'throttled') deps.metrics.count('ThrottledCalls');
  if (unsent) limiter.release(account);

  if (outcome.kind === 'dead-letter') deps.metrics.count('FailedActivations');
  const { next, delayMs } = nextFor(deps, leased, outcome);
  const recorded = (await deps.store.recordOutcome(leased, next)) || (await isRecorded(deps, next));
  if (outcome.kind === 'throttled') await limiter.throttled(account);
  if (!recorded) {
    log.warn('outcome discarded: the lease had expired', { ...ids, attempts, outcome: outcome.kind });
    return 'lease-expired';
  }
  const fields = { ...ids, attempts: next.attempts, ...fieldsOf(outcome), delayMs };
  if (outcome.kind === 'hold') log.warn(`${goal.noun} on hold`, fields);
  else log.info(`${goal.action} called`, fields);
  if (delayMs !== undefined) await queue.enqueue([{ job, delayMs }]);
  return outcome.kind;
}

/** Whether our write was stored although it was refused: the SDK sent it again because the response was lost. */
async function isRecorded({ store }: WorkerDeps, next: Activation): Promise<boolean> {
  const current = await store.readActivation(next.activationId);
  return current !== undefined && isSameState(current, next);
}

function ignore({ log }: WorkerDeps, job: ActivationJob): 'ignored' {
  const { generation } = job;
  log.info('job ignored: nothing to do', { ...idsOfJob(job), generation });
  return 'ignored';
}

/** The account is paused. The activation is due from now on, so that the poller requeues it soon after the resume. */
async function leaveToPoller(deps: WorkerDeps, job: ActivationJob, queued: Activation): Promise<'paused'> {
  const now = deps.now();
  const { account, dueAt = 0 } = queued;
  if (dueAt > now) await writeTransition(deps.store, queued, dueNow(queued, now));
  deps.log.info('job dropped: its account is paused', {
    ...idsOf(queued),
    generation: job.generation,
    account,
  });
  return 'paused';
}

/**
 * Requeues the job for another turn. If the poller would requeue the activation before that, moves its `dueAt` first
 * (Invariant 1).
 */
async function requeueWithoutToken(
  deps: WorkerDeps,
  job: ActivationJob,
  queued: Activation,
  waitMs: number,
  triesLeft = LEASE_TRIES,
): Promise<'requeued' | 'ignored'> {
  const now = deps.now();
  const turnAt = now + waitMs;
  const { dueAt = 0 } = queued;
  if (turnAt > dueAt - deps.policy.requeueAfterMs / 2 && dueAt < queued.deadlineAt) {
    const moved = await writeTransition(deps.store, queued, requeue(queued, turnAt, now, deps.policy));
    if (!moved) {
      const current = await deps.store.readActivation(job.activationId);
      // A batch joined. Whoever else wrote has moved `dueAt`, and takes care of the job.
      const isJoined = triesLeft > 0 && isCallable(current, job, now) && current.dueAt === queued.dueAt;
      return isJoined ? requeueWithoutToken(deps, job, current, waitMs, triesLeft - 1) : ignore(deps, job);
    }
  }
  const { delayMs, ...paced } = atTurn(job, turnAt, now);
  await deps.queue.enqueue([{ ...paced, delayMs: clampDelay(delayMs) }]);
  return 'requeued';
}

function nextFor(
  deps: WorkerDeps,
  leased: Activation,
  outcome: Exclude<ActivateOutcome, { kind: 'not-sent' }>,
): { next: Activation; delayMs?: number } {
  const now = deps.now();
  switch (outcome.kind) {
    case 'accepted':
      return { next: accept(leased, outcome.requestId, now, deps.policy, outcome.asyncTaskId) };
    case 'verify':
      return { next: verifyFirst(leased, outcome.error, now, deps.policy) };
    case 'dead-letter':
      return { next: fail(leased, outcome.reason, now, outcome.error) };
    case 'retry':
    case 'throttled':
    case 'hold': {
      const delayMs = retryDelayMs(outcome, leased.attempts, deps.policy, deps.random);
      const next = retryLater(leased, outcome.kind, outcome.error, delayMs, now, deps.policy);
      return { next: isUnsent(outcome) ? { ...next, attempts: leased.attempts - 1 } : next, delayMs };
    }
  }
}

/** On hold before the call was made. The attempt is not counted, and the token is released. */
function isUnsent(outcome: ActivateOutcome): boolean {
  return outcome.kind === 'hold' && outcome.unsent === true;
}

function fieldsOf(outcome: Exclude<ActivateOutcome, { kind: 'not-sent' }>) {
  if (outcome.kind !== 'accepted') {
    return { ...failureFields(outcome), ...(outcome.kind === 'dead-letter' && { reason: outcome.reason }) };
  }
  const { kind, requestId, asyncTaskId } = outcome;
  return { outcome: kind, requestId, asyncTaskId };
}

import { type Activation, isLeased } from './model/activation.ts';
import { fail } from './model/endings.ts';
import { clientTokenOf } from './model/ids.ts';
import type { ActivateOutcome } from './model/outcome.ts';
import { clampDelay, type Policy, retryDelayMs } from './model/policy.ts';
import type {
  ActivationJob,
  ActivationQueue,
  ActivationStore,
  Clock,
  FlowLogApi,
  Log,
  Metrics,
  Random,
  RateLimiter,
} from './model/ports.ts';
import { retryLater } from './model/queueing.ts';
import { accept, leaseForCall, verifyFirst } from './model/transitions.ts';
import { isSameState } from './model/write-transition.ts';
import { jobFor } from './request/activation-job.ts';

export type WorkerDeps = {
  store: ActivationStore;
  queue: ActivationQueue;
  api: FlowLogApi;
  limiter: RateLimiter;
  metrics: Metrics;
  now: Clock;
  random: Random;
  /** Returns a new unique id. */
  newLeaseId: () => string;
  policy: Policy;
  log: Log;
};

/**
 * The result of a job. `ignored`: the activation needs no call, or another worker was faster. `rate-limited`: no token
 * in time; the job was requeued and no attempt counted. `lease-expired`: the outcome came too late and was discarded.
 */
export type WorkResult = ActivateOutcome['kind'] | 'ignored' | 'rate-limited' | 'lease-expired';

/** A join between the read and the write refuses the lease. After this many tries the poller enqueues the job again. */
const LEASE_TRIES = 5;

/**
 * Processes one job: makes at most one call to ActiveFlowLog, under a lease and a rate token (Invariant 6).
 * Waits at most `maxWaitMs` for a token. Throws only if our own store fails; then SQS must deliver the job again.
 */
export async function activateFlowLog(
  deps: WorkerDeps,
  job: ActivationJob,
  account: string,
  maxWaitMs: number,
): Promise<WorkResult> {
  const { queue, limiter, log } = deps;
  const waitMs = await limiter.acquire(account, maxWaitMs);
  if (waitMs > 0) return requeueRateLimited(deps, job, waitMs);
  const leased = await lease(deps, job);
  if (leased === undefined) {
    limiter.release(account);
    log.info('job ignored: nothing to do', { ...job });
    return 'ignored';
  }
  const { activationId, generation, attempts, leaseUntil = 0 } = leased;
  const outcome = await deps.api.activeFlowLog({
    flowLog: { account: leased.account, region: leased.region, flowLogId: leased.flowLogId },
    clientToken: clientTokenOf(activationId, generation),
    notAfter: Math.min(leaseUntil - deps.policy.callTimeoutMs, leased.deadlineAt),
  });
  if (outcome.kind === 'not-sent') {
    limiter.release(account);
    log.warn('not called: the lease or the deadline ends too soon', {
      activationId,
      generation,
    });
    return 'not-sent';
  }
  const unsent = isUnsent(outcome);
  if (!unsent) deps.metrics.count('ActiveFlowLogCalls');
  if (outcome.kind === 'hold') deps.metrics.count('HeldActivations');
  if (outcome.kind === 'throttled') {
    deps.metrics.count('ThrottledCalls');
    limiter.throttled(account);
  } else if (unsent) {
    limiter.release(account);
  } else {
    limiter.succeeded(account);
  }

  if (outcome.kind === 'dead-letter') deps.metrics.count('FailedActivations');
  const { next, delayMs } = nextFor(deps, leased, outcome);
  const recorded = (await deps.store.recordOutcome(leased, next)) || (await isRecorded(deps, next));
  if (!recorded) {
    log.warn('outcome discarded: the lease had expired', {
      activationId,
      generation,
      attempts,
      outcome: outcome.kind,
    });
    return 'lease-expired';
  }
  log.info('ActiveFlowLog called', {
    ...job,
    attempts,
    outcome: outcome.kind,
    ...summaryOf(outcome),
    delayMs,
  });
  if (delayMs !== undefined) await queue.enqueue([{ job, delayMs }]);
  return outcome.kind;
}

/** Whether our write was stored although it was refused: the SDK sent it again because the response was lost. */
async function isRecorded({ store }: WorkerDeps, next: Activation): Promise<boolean> {
  const current = await store.readActivation(next.activationId);
  return current !== undefined && isSameState(current, next);
}

/**
 * Requeues the job for its paced time, but not before one to two times `waitMs`. This part is random, so that waiting
 * jobs do not arrive together.
 */
async function requeueRateLimited(
  deps: WorkerDeps,
  job: ActivationJob,
  waitMs: number,
): Promise<'rate-limited' | 'ignored'> {
  const activation = await deps.store.readActivation(job.activationId);
  if (activation?.status !== 'queued' || activation.generation !== job.generation) return 'ignored';
  const { delayMs } = jobFor(activation, deps.now(), deps.policy);
  const tokenWaitMs = waitMs * (1 + deps.random());
  await deps.queue.enqueue([{ job, delayMs: clampDelay(Math.max(delayMs, tokenWaitMs)) }]);
  return 'rate-limited';
}

async function lease(deps: WorkerDeps, job: ActivationJob): Promise<Activation | undefined> {
  let activation = await deps.store.readActivation(job.activationId);
  for (let tries = 0; tries < LEASE_TRIES; tries += 1) {
    if (activation === undefined) return undefined;
    const now = deps.now();
    const isCallable =
      !activation.archived &&
      activation.generation === job.generation &&
      activation.status === 'queued' &&
      !isLeased(activation, now) &&
      now < activation.deadlineAt;
    if (!isCallable) return undefined;
    const leased = leaseForCall(activation, deps.newLeaseId(), now, deps.policy);
    if (await deps.store.transition(activation, leased)) return leased;
    // Refused: another writer was faster, or the SDK repeated our own write because the response was lost.
    activation = await deps.store.readActivation(job.activationId);
    if (activation?.leaseId === leased.leaseId) return activation;
  }
  return undefined;
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

function summaryOf(outcome: Exclude<ActivateOutcome, { kind: 'not-sent' }>) {
  if (outcome.kind === 'accepted') return { requestId: outcome.requestId, asyncTaskId: outcome.asyncTaskId };
  const { code, httpStatus, requestId } = outcome.error;
  return { code, httpStatus, requestId, ...(outcome.kind === 'dead-letter' && { reason: outcome.reason }) };
}

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
import { accept, leaseForCall, retryLater, verifyFirst } from './model/transitions.ts';
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
  /** Unlike any other. */
  newLeaseId: () => string;
  policy: Policy;
  log: Log;
};

/**
 * What a job came to. `stale`: nothing to do for it (another one was faster, or the item has moved on);
 * `no-token`: rung again later, no attempt counted; `lapsed`: an outcome that nobody waited for any more.
 */
export type WorkResult = ActivateOutcome['kind'] | 'stale' | 'no-token' | 'lapsed';

/** A join between read and lease refuses the lease; more than a few in a row is a storm the poller may calm. */
const LEASE_TRIES = 5;

/**
 * Answers one job: at most one call to ActiveFlowLog, under a lease and a rate token (Invariant 6).
 * Throws only when our own store fails; the delivery must then be kept. Waits at most `maxWaitMs` for a token.
 */
export async function activateFlowLog(
  deps: WorkerDeps,
  job: ActivationJob,
  account: string,
  maxWaitMs: number,
): Promise<WorkResult> {
  const { queue, limiter, log } = deps;
  const waitMs = await limiter.acquire(account, maxWaitMs);
  if (waitMs > 0) return comeAgain(deps, job, waitMs);
  const leased = await lease(deps, job);
  if (leased === undefined) {
    limiter.release(account);
    log.info('job ignored: nothing to do', { ...job });
    return 'stale';
  }
  const { activationId, generation, attempts, leaseUntil = 0 } = leased;
  const outcome = await deps.api.activeFlowLog({
    flowLog: { account: leased.account, region: leased.region, flowLogId: leased.flowLogId },
    clientToken: clientTokenOf(activationId, generation),
    notAfter: Math.min(leaseUntil - deps.policy.callTimeoutMs, leased.deadlineAt),
  });
  if (outcome.kind === 'not-sent') {
    limiter.release(account);
    log.warn('too little of the lease, or of the time until the deadline, left to call', {
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
    log.warn('outcome refused: the lease had lapsed', {
      activationId,
      generation,
      attempts,
      outcome: outcome.kind,
    });
    return 'lapsed';
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

/** The outcome was written though its write was refused: the answer was lost, and the SDK sent it again. */
async function isRecorded({ store }: WorkerDeps, next: Activation): Promise<boolean> {
  const current = await store.readActivation(next.activationId);
  return current !== undefined && isSameState(current, next);
}

/** In its place of the line; or in the time that one token takes, spread, so that those who wait do not come at once. */
async function comeAgain(
  deps: WorkerDeps,
  job: ActivationJob,
  waitMs: number,
): Promise<'no-token' | 'stale'> {
  const activation = await deps.store.readActivation(job.activationId);
  if (activation?.status !== 'queued' || activation.generation !== job.generation) return 'stale';
  const { delayMs } = jobFor(activation, deps.now(), deps.policy);
  const soonMs = waitMs * (1 + deps.random());
  await deps.queue.enqueue([{ job, delayMs: clampDelay(Math.max(delayMs, soonMs)) }]);
  return 'no-token';
}

async function lease(deps: WorkerDeps, job: ActivationJob): Promise<Activation | undefined> {
  let activation = await deps.store.readActivation(job.activationId);
  for (let round = 0; round < LEASE_TRIES; round += 1) {
    if (activation === undefined) return undefined;
    const now = deps.now();
    const callable =
      !activation.archived &&
      activation.generation === job.generation &&
      activation.status === 'queued' &&
      !isLeased(activation, now) &&
      now < activation.deadlineAt;
    if (!callable) return undefined;
    const leased = leaseForCall(activation, deps.newLeaseId(), now, deps.policy);
    if (await deps.store.transition(activation, leased)) return leased;
    // Refused: someone else wrote, or this write was repeated after its answer was lost.
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

/** Held before it was made: no attempt, no call, and its token goes back. */
function isUnsent(outcome: ActivateOutcome): boolean {
  return outcome.kind === 'hold' && outcome.unsent === true;
}

function summaryOf(outcome: Exclude<ActivateOutcome, { kind: 'not-sent' }>) {
  if (outcome.kind === 'accepted') return { requestId: outcome.requestId, asyncTaskId: outcome.asyncTaskId };
  const { code, httpStatus, requestId } = outcome.error;
  return { code, httpStatus, requestId, ...(outcome.kind === 'dead-letter' && { reason: outcome.reason }) };
}

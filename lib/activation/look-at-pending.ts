import type { Activation } from './activation.ts';
import { mapConcurrently } from './concurrency.ts';
import { decide, decideUnanswerable } from './decide.ts';
import type { OutboxRelay } from './outbox-relay.ts';
import type { CallFailure } from './outcome.ts';
import type { Policy } from './policy.ts';
import type {
  ActivationQueue,
  ActivationStore,
  Clock,
  DeadLetterQueue,
  EventPublisher,
  FlowLogApi,
  Log,
  Metrics,
  Random,
  RateLimiter,
} from './ports.ts';

export type PollerDeps = {
  store: ActivationStore;
  queue: ActivationQueue;
  api: FlowLogApi;
  publisher: EventPublisher;
  deadLetters: DeadLetterQueue;
  limiter: RateLimiter;
  metrics: Metrics;
  now: Clock;
  random: Random;
  policy: Policy;
  log: Log;
};

/** What one tick did; `due` is what it found in the index. */
export type TickSummary = {
  due: number;
  rung: number;
  described: number;
  completed: number;
  failed: number;
  queuedAgain: number;
};

const WRITE_CONCURRENCY = 16;

/**
 * One DescribeFlowLogs for up to 100 activations of one account and region, what follows from it, and what their
 * outboxes then hold told. Without a rate token or an answer nothing is decided; the next tick asks again.
 */
export async function lookAtPending(
  deps: PollerDeps,
  relay: OutboxRelay,
  group: Activation[],
  summary: TickSummary,
): Promise<void> {
  const [first] = group;
  if (first === undefined) return;
  const { account, region } = first;
  if (!(await deps.limiter.take(account, deps.policy.tickMs))) return relay.tell(group);

  const askedAt = deps.now();
  const flowLogIds = group.map(({ flowLogId }) => flowLogId);
  const outcome = await deps.api.describeFlowLogs({ account, region }, flowLogIds);
  if (outcome.kind === 'dead-letter' && group.length > 1) {
    // One id that Volcengine refuses must not hide the state of all others.
    const middle = Math.ceil(group.length / 2);
    await lookAtPending(deps, relay, group.slice(0, middle), summary);
    return lookAtPending(deps, relay, group.slice(middle), summary);
  }
  if (outcome.kind === 'described') {
    deps.limiter.succeeded(account);
    summary.described += group.length;
  } else {
    noteFailure(deps, account, region, outcome, group.length);
    if (outcome.kind !== 'dead-letter') return relay.tell(group);
  }
  const settled = await mapConcurrently(group, WRITE_CONCURRENCY, (open) => {
    const next =
      outcome.kind === 'described'
        ? decide(open, outcome.flowLogs.get(open.flowLogId), askedAt, deps.policy, deps.random)
        : decideUnanswerable(open, outcome.error, askedAt);
    return settle(deps, relay, open, next, summary);
  });
  await relay.tell(settled.filter((activation) => activation !== undefined));
}

/** Writes the decision; answers the record as it now stands, or undefined if someone else wrote meanwhile. */
async function settle(
  deps: PollerDeps,
  relay: OutboxRelay,
  open: Activation,
  decided: Activation,
  summary: TickSummary,
): Promise<Activation | undefined> {
  if (decided === open) return open;
  const next = relay.withoutTold(decided);
  if (!(await deps.store.transition(open, next))) return undefined;
  relay.forget(open);
  const { activationId, generation, status } = next;
  if (status !== open.status) {
    const { adopted, reason } = next;
    deps.log.info(`activation ${status === 'queued' ? 'queued again' : status}`, {
      activationId,
      generation,
      ...(status === 'completed' && { adopted }),
      ...(status === 'failed' && { reason }),
    });
  }
  if (status === 'completed') summary.completed += 1;
  if (status === 'failed') summary.failed += 1;
  if (status === 'queued' && open.status === 'pending') {
    summary.queuedAgain += 1;
    const delayMs = Math.max(0, (next.dueAt ?? 0) - next.updatedAt - deps.policy.ringGraceMs);
    await deps.queue.ring([{ bell: { activationId, generation }, delayMs }]);
  }
  return { ...next, version: open.version + 1 };
}

function noteFailure(deps: PollerDeps, account: string, region: string, failure: CallFailure, asked: number) {
  if (failure.kind === 'throttled') deps.limiter.throttled(account);
  if (failure.kind === 'throttled') deps.metrics.count('ThrottledCalls');
  if (failure.kind === 'hold') deps.metrics.count('HeldActivations', asked);
  const { code, httpStatus, requestId } = failure.error;
  deps.log.warn('DescribeFlowLogs gave no answer', {
    account,
    region,
    outcome: failure.kind,
    code,
    httpStatus,
    requestId,
    flowLogs: asked,
  });
}

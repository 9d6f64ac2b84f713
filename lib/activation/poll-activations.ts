import type { Activation } from './activation.ts';
import { mapConcurrently } from './concurrency.ts';
import { decide, workFor } from './decide.ts';
import { finishBatch } from './finish-batch.ts';
import { createOutboxRelay } from './outbox-relay.ts';
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
import { ringAgain } from './transitions.ts';

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

/** DescribeFlowLogs takes at most 100 ids a call. */
const DESCRIBE_LIMIT = 100;
const WRITE_CONCURRENCY = 16;

/**
 * The table's other reader: rings for what stayed silent, asks DescribeFlowLogs for what is pending, tells what
 * the outboxes hold, finishes batches. Every write is conditional, so that pollers may overlap.
 */
export function createPoller(deps: PollerDeps) {
  const { store, policy } = deps;
  const relay = createOutboxRelay(deps);
  let lastTickAt = Number.NEGATIVE_INFINITY;

  const ring = async (overdue: Activation[], summary: TickSummary) => {
    const moved = await mapConcurrently(overdue, WRITE_CONCURRENCY, async (activation, index) => {
      const next = ringAgain(activation, summary.rung + index, deps.now(), policy);
      return (await store.transition(activation, next)) ? activation : undefined;
    });
    const bells = moved.flatMap((activation) =>
      activation === undefined
        ? []
        : [
            {
              bell: { activationId: activation.activationId, generation: activation.generation },
              delayMs: 0,
            },
          ],
    );
    if (bells.length === 0) return;
    summary.rung += bells.length;
    const { failed } = await deps.queue.ring(bells);
    deps.log.warn('rang again for queued activations', { rung: bells.length, bellsNotSent: failed });
  };

  /** Decides one activation after a look; answers the record as it now stands, or undefined if someone else wrote. */
  const settle = async (open: Activation, next: Activation, delayMs: number, summary: TickSummary) => {
    if (next === open) return open;
    const written = relay.withoutTold(next);
    if (!(await store.transition(open, written))) return undefined;
    relay.forget(open);
    const { activationId, generation, status, reason, adopted } = written;
    if (status !== open.status) {
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
      await deps.queue.ring([{ bell: { activationId, generation }, delayMs }]);
    }
    return { ...written, version: open.version + 1 };
  };

  /** One DescribeFlowLogs for up to 100 activations of one account and region, and what follows from it. */
  const look = async (group: Activation[], summary: TickSummary) => {
    const [first] = group;
    if (first === undefined || !(await deps.limiter.take(first.account, policy.tickMs)))
      return relay.tell(group);
    const { account, region } = first;
    const askedAt = deps.now();
    const outcome = await deps.api.describeFlowLogs(
      { account, region },
      group.map(({ flowLogId }) => flowLogId),
    );
    if (outcome.kind !== 'described') {
      if (outcome.kind === 'throttled') deps.limiter.throttled(account);
      if (outcome.kind === 'hold') deps.metrics.count('HeldActivations', group.length);
      const { code, httpStatus, requestId } = outcome.error;
      const fields = { account, region, outcome: outcome.kind, code, httpStatus, requestId };
      deps.log.warn('DescribeFlowLogs gave no answer', { ...fields, flowLogs: group.length });
      return relay.tell(group);
    }
    deps.limiter.succeeded(account);
    summary.described += group.length;
    const settled = await mapConcurrently(group, WRITE_CONCURRENCY, (open) => {
      const next = decide(open, outcome.flowLogs.get(open.flowLogId), askedAt, policy, deps.random);
      const delayMs = Math.max(0, (next.dueAt ?? askedAt) - askedAt - policy.ringGraceMs);
      return settle(open, next, delayMs, summary);
    });
    return relay.tell(settled.filter((activation) => activation !== undefined));
  };

  return {
    /** One pass over what is due; stops between calls once `stopAt` is reached. */
    async tick(stopAt: number): Promise<TickSummary> {
      const now = deps.now();
      const summary: TickSummary = { due: 0, rung: 0, described: 0, completed: 0, failed: 0, queuedAgain: 0 };
      const groups = new Map<string, Activation[]>();
      for await (const page of store.due(now)) {
        const silent: Activation[] = [];
        const untold: Activation[] = [];
        for (const activation of page.activations) {
          const work = workFor(activation, lastTickAt, now);
          if (work === 'ring') silent.push(activation);
          if (work === 'publish') untold.push(activation);
          if (work !== 'describe') continue;
          const key = `${activation.account}#${activation.region}`;
          const group = groups.get(key) ?? [];
          groups.set(key, group);
          if (group.push(activation) === DESCRIBE_LIMIT) {
            groups.delete(key);
            await look(group, summary);
          }
        }
        summary.due += page.activations.length + page.batches.length;
        await relay.tell(untold);
        await ring(silent, summary);
        for (const batch of page.batches) await finishBatch(deps, batch);
        if (deps.now() >= stopAt) break;
      }
      for (const group of groups.values()) {
        if (deps.now() < stopAt) await look(group, summary);
      }
      lastTickAt = now;
      if (summary.completed > 0) deps.metrics.count('CompletedActivations', summary.completed);
      if (summary.failed > 0) deps.metrics.count('FailedActivations', summary.failed);
      return summary;
    },
  };
}

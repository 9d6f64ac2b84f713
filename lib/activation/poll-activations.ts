import type { Activation } from './activation.ts';
import { mapConcurrently } from './concurrency.ts';
import { workFor } from './decide.ts';
import { finishBatch } from './finish-batch.ts';
import { lookAtPending, type PollerDeps, type TickSummary } from './look-at-pending.ts';
import { createOutboxRelay } from './outbox-relay.ts';
import { ringAgain } from './transitions.ts';

/** DescribeFlowLogs takes at most 100 ids a call. */
const DESCRIBE_LIMIT = 100;
const WRITE_CONCURRENCY = 16;

/**
 * The table's other reader: rings for what stayed silent, asks DescribeFlowLogs for what is pending, tells what
 * the outboxes hold, finishes batches. Every write is conditional, so that pollers may overlap. What is due is
 * read a page at a time, and no more than a hundred activations of an account and region wait for a call.
 */
export function createPoller(deps: PollerDeps) {
  const relay = createOutboxRelay(deps);
  let lastTickAt = Number.NEGATIVE_INFINITY;

  return {
    /** One pass over what is due; stops between calls once `stopAt` is reached. */
    async tick(stopAt: number): Promise<TickSummary> {
      const now = deps.now();
      const summary: TickSummary = { due: 0, rung: 0, described: 0, completed: 0, failed: 0, queuedAgain: 0 };
      const groups = new Map<string, Activation[]>();
      for await (const page of deps.store.due(now)) {
        summary.due += page.activations.length + page.batches.length;
        const works = Map.groupBy(page.activations, (activation) => workFor(activation, lastTickAt, now));
        await relay.tell(works.get('publish') ?? []);
        await ring(deps, works.get('ring') ?? [], summary);
        for (const group of fullGroups(groups, works.get('describe') ?? [])) {
          await lookAtPending(deps, relay, group, summary);
        }
        for (const batch of page.batches) await finishBatch(deps, batch);
        if (deps.now() >= stopAt) break;
      }
      for (const group of groups.values()) {
        if (deps.now() < stopAt) await lookAtPending(deps, relay, group, summary);
      }
      lastTickAt = now;
      if (summary.completed > 0) deps.metrics.count('CompletedActivations', summary.completed);
      if (summary.failed > 0) deps.metrics.count('FailedActivations', summary.failed);
      return summary;
    },
  };
}

/** Adds to the groups of each account and region, and takes out those that have become full. */
function* fullGroups(groups: Map<string, Activation[]>, activations: Activation[]): Generator<Activation[]> {
  for (const activation of activations) {
    const key = `${activation.account}#${activation.region}`;
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    if (group.push(activation) < DESCRIBE_LIMIT) continue;
    groups.delete(key);
    yield group;
  }
}

async function ring(deps: PollerDeps, overdue: Activation[], summary: TickSummary): Promise<void> {
  const moved = await mapConcurrently(overdue, WRITE_CONCURRENCY, (activation, index) =>
    deps.store.transition(activation, ringAgain(activation, summary.rung + index, deps.now(), deps.policy)),
  );
  const bells = overdue
    .filter((_, index) => moved[index])
    .map(({ activationId, generation }) => ({ bell: { activationId, generation }, delayMs: 0 }));
  if (bells.length === 0) return;
  summary.rung += bells.length;
  const { failed } = await deps.queue.ring(bells);
  deps.log.warn('rang again for queued activations', { rung: bells.length, bellsNotSent: failed });
}

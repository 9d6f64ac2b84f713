import { mapConcurrently } from '../../runtime/concurrency.ts';
import type { Activation } from '../model/activation.ts';
import { duePeriod } from '../model/policy.ts';
import { ringAgain } from '../model/transitions.ts';
import { writeTransition } from '../model/write-transition.ts';
import { bellFor, placesInLine } from '../request/activation-job.ts';
import { createBatchRounds } from './batch-completion.ts';
import { workFor } from './decide-pending.ts';
import { createPendingRounds } from './describe-scheduler.ts';
import { createOutboxRelay } from './outbox-relay.ts';
import type { Apart, PollerDeps, TickSummary } from './poller-deps.ts';
import { createPublishReport } from './publish-report.ts';

const WRITE_CONCURRENCY = 16;
/** What a tick keeps in mind to ask about; the rest has its turn in the next, which begins with another shard. */
const PENDING_LIMIT = 5_000;

/**
 * The table's other reader: tells what the outboxes hold, rings for what stayed silent, finishes batches, asks
 * DescribeFlowLogs for what is pending, then looks at the batches whose last activation has ended. Every write is
 * conditional, so that pollers may overlap. What fails is logged and keeps nothing else from being done.
 */
export function createPoller(given: PollerDeps) {
  const { report, ...counted } = createPublishReport(given);
  const deps = { ...given, ...counted };
  const batches = createBatchRounds(deps);
  const relay = createOutboxRelay({ ...deps, onEnd: batches.sawEnd });
  const rounds = createPendingRounds();
  let lastTickAt = Number.NEGATIVE_INFINITY;
  let turn = 0;

  return {
    /** One pass over what is due; stops between calls once `stopAt` is reached. Throws the first failure, at its end. */
    async tick(stopAt: number): Promise<TickSummary> {
      const now = deps.now();
      batches.beginTick(now);
      const summary: TickSummary = { due: 0, rung: 0, described: 0, completed: 0, failed: 0, queuedAgain: 0 };
      const failures = new Map<string, { error: unknown; times: number }>();
      const apart: Apart = async (what, work) => {
        try {
          return await work();
        } catch (error) {
          const failed = failures.get(what) ?? { error, times: 0 };
          failures.set(what, { ...failed, times: failed.times + 1 });
          return undefined;
        }
      };

      const endAt = Math.min(stopAt, now + deps.policy.tickMs);
      const pending: Activation[] = [];
      const placeOf = placesInLine();
      for await (const page of deps.store.due(duePeriod(lastTickAt, now), turn)) {
        summary.due += page.activations.length + page.batches.length;
        const told = await apart('telling', () => relay.tell(page.activations, apart));
        const works = Map.groupBy(told ?? [], (activation) => workFor(activation, lastTickAt, now));
        await apart('ringing', () => ring(deps, works.get('ring') ?? [], placeOf, summary, apart));
        await batches.finish(page.batches, apart, endAt);
        pending.push(...(works.get('describe') ?? []).slice(0, PENDING_LIMIT - pending.length));
        if (page.failure) await apart('reading what is due', () => Promise.reject(page.failure));
        if (deps.now() >= stopAt) break;
      }
      turn += 1;
      if (deps.now() < stopAt) {
        await apart('asking', () => rounds.ask({ ...deps, relay, summary, apart, stopAt }, pending, endAt));
        lastTickAt = now;
      }
      if (deps.now() < stopAt) await batches.finishEnded(apart, stopAt);
      if (summary.completed > 0) deps.metrics.count('CompletedActivations', summary.completed);
      if (summary.failed > 0) deps.metrics.count('FailedActivations', summary.failed);
      report(deps);
      for (const [what, { error, times }] of failures) deps.log.error(`${what} failed`, { times, error });
      for (const { error } of failures.values()) throw error;
      return summary;
    },
  };
}

async function ring(
  deps: PollerDeps,
  overdue: Activation[],
  placeOf: ReturnType<typeof placesInLine>,
  summary: TickSummary,
  apart: Apart,
): Promise<void> {
  const { store, policy } = deps;
  const now = deps.now();
  const next = overdue.map((activation) => ringAgain(activation, placeOf(activation), now, policy));
  const moved = await mapConcurrently(overdue, WRITE_CONCURRENCY, (activation, index) =>
    apart('moving what is overdue', () => writeTransition(store, activation, next[index] ?? activation)),
  );
  const bells = next.filter((_, index) => moved[index]).map((activation) => bellFor(activation, now, policy));
  if (bells.length === 0) return;
  summary.rung += bells.length;
  const { failed } = await deps.queue.ring(bells);
  deps.log.warn('rang again for queued activations', { rung: bells.length, bellsNotSent: failed });
}

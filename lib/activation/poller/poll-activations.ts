import { mapConcurrently } from '../../runtime/concurrency.ts';
import type { Activation } from '../model/activation.ts';
import { duePeriod } from '../model/policy.ts';
import { requeue } from '../model/transitions.ts';
import { writeTransition } from '../model/write-transition.ts';
import { jobFor, positionsByAccount } from '../request/activation-job.ts';
import { createBatchCompletion } from './batch-completion.ts';
import { workFor } from './decide-pending.ts';
import { createDescribeScheduler } from './describe-scheduler.ts';
import { createOutboxRelay } from './outbox-relay.ts';
import type { Isolated, PollerDeps, TickSummary } from './poller-deps.ts';
import { createPublishReport } from './publish-report.ts';

const WRITE_CONCURRENCY = 16;
/** What a tick keeps in mind to ask about; the rest has its pageRotation in the next, which begins with another shard. */
const PENDING_LIMIT = 5_000;

/**
 * The table's other reader: tells what the outboxes hold, rings for what stayed silent, finishes batches, asks
 * DescribeFlowLogs for what is pending, then looks at the batches whose last activation has ended. Every write is
 * conditional, so that pollers may overlap. What fails is logged and keeps nothing else from being done.
 */
export function createPoller(given: PollerDeps) {
  const { report, ...counted } = createPublishReport(given);
  const deps = { ...given, ...counted };
  const batches = createBatchCompletion(deps);
  const relay = createOutboxRelay({ ...deps, onEnd: batches.sawEnd });
  const scheduler = createDescribeScheduler();
  let lastTickAt = Number.NEGATIVE_INFINITY;
  let pageRotation = 0;

  return {
    /** One pass over what is due; stops between calls once `stopAt` is reached. Throws the first failure, at its end. */
    async tick(stopAt: number): Promise<TickSummary> {
      const now = deps.now();
      batches.beginTick(now);
      const summary: TickSummary = {
        due: 0,
        requeued: 0,
        described: 0,
        completed: 0,
        failed: 0,
        queuedAgain: 0,
      };
      const failures = new Map<string, { error: unknown; times: number }>();
      const isolated: Isolated = async (what, work) => {
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
      const positionOf = positionsByAccount();
      for await (const page of deps.store.due(duePeriod(lastTickAt, now), pageRotation)) {
        summary.due += page.activations.length + page.batches.length;
        const published = await isolated('publishing', () => relay.publish(page.activations, isolated));
        const works = Map.groupBy(published ?? [], (activation) => workFor(activation, lastTickAt, now));
        await isolated('requeueing', () =>
          requeueOverdue(deps, works.get('requeue') ?? [], positionOf, summary, isolated),
        );
        await batches.finish(page.batches, isolated, endAt);
        pending.push(...(works.get('describe') ?? []).slice(0, PENDING_LIMIT - pending.length));
        if (page.failure) await isolated('reading what is due', () => Promise.reject(page.failure));
        if (deps.now() >= stopAt) break;
      }
      pageRotation += 1;
      if (deps.now() < stopAt) {
        await isolated('asking', () =>
          scheduler.ask({ ...deps, relay, summary, isolated, stopAt }, pending, endAt),
        );
        lastTickAt = now;
      }
      if (deps.now() < stopAt) await batches.finishEnded(isolated, stopAt);
      if (summary.completed > 0) deps.metrics.count('CompletedActivations', summary.completed);
      if (summary.failed > 0) deps.metrics.count('FailedActivations', summary.failed);
      report(deps);
      for (const [what, { error, times }] of failures) deps.log.error(`${what} failed`, { times, error });
      for (const { error } of failures.values()) throw error;
      return summary;
    },
  };
}

async function requeueOverdue(
  deps: PollerDeps,
  overdue: Activation[],
  positionOf: ReturnType<typeof positionsByAccount>,
  summary: TickSummary,
  isolated: Isolated,
): Promise<void> {
  const { store, policy } = deps;
  const now = deps.now();
  const next = overdue.map((activation) => requeue(activation, positionOf(activation), now, policy));
  const moved = await mapConcurrently(overdue, WRITE_CONCURRENCY, (activation, index) =>
    isolated('moving what is overdue', () => writeTransition(store, activation, next[index] ?? activation)),
  );
  const jobs = next.filter((_, index) => moved[index]).map((activation) => jobFor(activation, now, policy));
  if (jobs.length === 0) return;
  summary.requeued += jobs.length;
  const { failed } = await deps.queue.enqueue(jobs);
  deps.log.warn('requeued overdue activations', { requeued: jobs.length, jobsNotSent: failed });
}

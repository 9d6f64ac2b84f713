import { mapConcurrently } from '../../runtime/concurrency.ts';
import type { Activation } from '../model/activation.ts';
import type { Operation } from '../model/operation.ts';
import { duePeriod } from '../model/policy.ts';
import { requeue } from '../model/queueing.ts';
import { writeTransition } from '../model/write-transition.ts';
import { jobFor, pausedAccountsOf, turnsFor } from '../request/activation-job.ts';
import { createBatchCompleter } from './batch-completion.ts';
import { workFor } from './decide-pending.ts';
import { createDescribeScheduler } from './describe-scheduler.ts';
import { createOutboxRelay } from './outbox-relay.ts';
import type { Isolated, PollerDeps, TickSummary } from './poller-deps.ts';
import { createPublishReport } from './publish-report.ts';

const WRITE_CONCURRENCY = 16;
/**
 * The most activations that one tick describes. The next tick starts with another shard, so that the rest get their
 * turn.
 */
const PENDING_LIMIT = 20_000;

/** The pause between two ticks while an operation is carried out. */
const OPERATION_EVERY_MS = 1_000;

/**
 * Processes everything that is due in the table: publishes the outboxes, requeues jobs that are overdue, finishes batches,
 * describes pending activations while it carries out operations, then completes the batches whose last activation ended.
 * Every write is conditional, so that pollers may run at the same time. A failure is logged and does not stop the other
 * work.
 */
export function createPoller(given: PollerDeps) {
  const { report, ...counted } = createPublishReport(given);
  const deps = { ...given, ...counted };
  const batches = createBatchCompleter(deps);
  const relay = createOutboxRelay({ ...deps, onEnd: batches.recordEnd });
  const scheduler = createDescribeScheduler();
  let lastTickAt = Number.NEGATIVE_INFINITY;
  let pageRotation = 0;

  return {
    /**
     * Processes once what is due. Makes no new call after `stopAt` (ms since the epoch). Throws the first failure at
     * the end.
     */
    async tick(stopAt: number): Promise<TickSummary> {
      const now = deps.now();
      batches.beginTick(now);
      const summary: TickSummary = {
        due: 0,
        requeued: 0,
        described: 0,
        completed: 0,
        failed: 0,
        returnedToQueued: 0,
        pauseMs: deps.policy.tickMs,
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
      const operations: Operation[] = [];
      for await (const page of deps.store.due(duePeriod(lastTickAt, now), pageRotation)) {
        summary.due += page.activations.length + page.batches.length + page.operations.length;
        operations.push(...page.operations);
        const published = await isolated('publishing', () => relay.publish(page.activations, isolated));
        const byWork = Map.groupBy(published ?? [], (activation) => workFor(activation, lastTickAt, now));
        await isolated('requeueing', () =>
          requeueOverdue(deps, byWork.get('requeue') ?? [], summary, isolated),
        );
        await batches.finish(page.batches, isolated, endAt);
        pending.push(...(byWork.get('describe') ?? []).slice(0, PENDING_LIMIT - pending.length));
        if (page.failure) await isolated('reading due items', () => Promise.reject(page.failure));
        if (deps.now() >= stopAt) break;
      }
      pageRotation += 1;
      if (deps.now() < stopAt) {
        const describeDeps = { ...deps, relay, summary, isolated, stopAt };
        const [pauseMs = deps.policy.tickMs, mustContinue] = await Promise.all([
          isolated('describing', () => scheduler.describe(describeDeps, pending, endAt)),
          isolated('carrying out operations', () => deps.carryOut(operations, { until: endAt, stopAt })),
        ]);
        summary.pauseMs = mustContinue ? Math.min(pauseMs, OPERATION_EVERY_MS) : pauseMs;
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

/** What is overdue in a paused account stays so: nothing is written, and the first tick after the resume requeues it. */
async function requeueOverdue(
  deps: PollerDeps,
  found: Activation[],
  summary: TickSummary,
  isolated: Isolated,
): Promise<void> {
  const paused = await pausedAccountsOf(found, deps.turns);
  const overdue = found.filter(({ account }) => !paused.has(account));
  if (overdue.length === 0) return;
  const { store, policy } = deps;
  const turns = await turnsFor(overdue, deps.turns.planTurns);
  const now = deps.now();
  const next = overdue.map((activation, index) => requeue(activation, turns[index] ?? now, now, policy));
  const moved = await mapConcurrently(overdue, WRITE_CONCURRENCY, (activation, index) =>
    isolated('moving a dueAt', () => writeTransition(store, activation, next[index] ?? activation)),
  );
  const requeued = next.filter((_, index) => moved[index]);
  const jobs = requeued.map((one) => ({ ...jobFor(one, now, policy), isAlone: true as const }));
  if (jobs.length === 0) return;
  summary.requeued += jobs.length;
  const { failed } = await deps.queue.enqueue(jobs);
  const activationIds = requeued.map(({ activationId }) => activationId);
  deps.log.warn('requeued overdue activations', {
    requeued: jobs.length,
    jobsNotSent: failed,
    activationIds,
  });
}

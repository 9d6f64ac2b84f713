import { StoreContended } from '../model/errors.ts';
import { clampDelay } from '../model/policy.ts';
import { DEAD_LETTER_QUEUE } from '../model/principal.ts';
import { reopen } from '../model/queueing.ts';
import { idsOf, idsOfJob } from '../model/tracing.ts';
import { writeTransition } from '../model/write-transition.ts';
import { jobFor } from '../request/activation-job.ts';
import type { RedriveDeps } from './redrive-activation.ts';

const WRITE_TRIES = 10;

/**
 * Redrives exactly the generation of a dead letter that was moved back to the work queue. Makes no DescribeFlowLogs call:
 * if the cause still exists, the next generation fails with its own dead letter.
 * `deferred`: the failure is not published yet, and a job for the redrive is enqueued.
 */
export async function redriveFromDeadLetter(
  deps: Pick<RedriveDeps, 'store' | 'queue' | 'now' | 'policy' | 'log' | 'allowsDeactivation'>,
  deadLetter: { activationId: string; generation: number },
): Promise<'queued' | 'ignored' | 'deferred'> {
  const { activationId, generation } = deadLetter;
  for (let tries = 0; tries < WRITE_TRIES; tries += 1) {
    const failed = await deps.store.readActivation(activationId);
    if (failed?.status !== 'failed' || failed.archived || failed.generation !== generation) {
      deps.log.info('dead letter ignored: nothing to redrive', { ...idsOfJob(deadLetter), generation });
      return 'ignored';
    }
    if (failed.desired !== undefined && !deps.allowsDeactivation) {
      deps.log.warn('dead letter ignored: no deactivation is allowed', { ...idsOf(failed), generation });
      return 'ignored';
    }
    if (failed.outbox.length > 0) {
      // A refused entry cannot be published before its next try.
      const untilRetryMs = (failed.refused?.retryAt ?? 0) - deps.now();
      const delayMs = Math.max(deps.policy.tickMs, clampDelay(untilRetryMs));
      await deps.queue.enqueue([{ job: { activationId, generation, redrive: true }, delayMs }]);
      return 'deferred';
    }
    const now = deps.now();
    const next = reopen(failed, DEAD_LETTER_QUEUE, now, deps.policy);
    if (await writeTransition(deps.store, failed, next)) {
      deps.log.info('redriven by its dead letter', {
        ...idsOf(next),
        generation: next.generation,
        by: DEAD_LETTER_QUEUE,
      });
      await deps.queue.enqueue([jobFor(next, now, deps.policy)]);
      return 'queued';
    }
  }
  throw new StoreContended();
}

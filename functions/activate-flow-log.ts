import { randomUUID } from 'node:crypto';
import type { Context, SQSRecord } from 'aws-lambda';
import * as v from 'valibot';
import { activateFlowLog } from '../lib/activation/activate-flow-log.ts';
import { RecordUnreadable } from '../lib/activation/model/errors.ts';
import { parseActivationId } from '../lib/activation/model/ids.ts';
import { redriveFromDeadLetter } from '../lib/activation/redrive/redrive-from-dead-letter.ts';
import type { WorkerDeps } from '../lib/activation/worker-deps.ts';
import { BUSY_CLIENT_OPTIONS } from '../lib/aws/busy-client-options.ts';
import { readSettings, text } from '../lib/config/settings.ts';
import { lazily } from '../lib/runtime/lazily.ts';
import { sqsBatchHandler } from '../lib/runtime/sqs-batch-handler.ts';
import { createConfiguration } from './wiring/configuration.ts';
import { createApi, volcengineSettings } from './wiring/volcengine.ts';
import { createWorkflow, tickSettings, withWakingStore, workflowSettings } from './wiring/workflow.ts';

const activationSchema = {
  activationId: v.string(),
  generation: v.pipe(v.number(), v.integer(), v.minValue(1)),
};

const jobSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    ...activationSchema,
    turnAt: v.optional(v.number()),
    /** More jobs of the same account. */
    others: v.optional(v.array(v.object(activationSchema)), []),
    /** Present in a job for a redrive. A dead letter that was moved back has a `reason` instead. */
    redrive: v.optional(v.literal(true)),
    reason: v.optional(v.string()),
  }),
);

/** Time for the two writes of a call. The wait for a token must leave time for them and the call. */
const WRITES_MS = 5_000;
/** Short, because the ten jobs of an invocation wait for the slowest of them. */
const MAX_TOKEN_WAIT_MS = 1_000;
/** In characters. A reason can quote the message, which can be long and contain characters that SQS refuses. */
const REASON_LIMIT = 200;

const services = lazily((): WorkerDeps => {
  const settings = readSettings({
    ...workflowSettings,
    ...volcengineSettings,
    ...tickSettings,
    poisonQueueUrl: text('POISON_QUEUE_URL'),
  });
  return {
    ...withWakingStore(createWorkflow(settings, BUSY_CLIENT_OPTIONS), settings),
    api: createApi(settings, createConfiguration(settings)),
    newLeaseId: randomUUID,
  };
});

/** Throws only if another delivery can succeed. An unreadable message goes to the poison queue. */
export async function handleRecord(deps: WorkerDeps, record: SQSRecord, context: Context): Promise<void> {
  const job = v.safeParse(jobSchema, record.body);
  if (!job.success || parseActivationId(job.output.activationId) === undefined) {
    const reason = job.success
      ? 'activationId: is not one of ours'
      : asciiExcerpt(job.issues[0]?.message ?? 'unreadable');
    await deps.queue.poison(record.body, reason);
    deps.metrics.count('PoisonMessages');
    deps.log.error('message moved to the poison queue', { messageId: record.messageId, cause: reason });
    return;
  }
  const { redrive, reason, others, ...plain } = job.output;
  if (redrive || reason !== undefined) {
    await redriveFromDeadLetter(deps, plain);
    return;
  }
  const spareMs = context.getRemainingTimeInMillis() - deps.policy.callTimeoutMs - WRITES_MS;
  const maxWaitMs = Math.min(MAX_TOKEN_WAIT_MS, spareMs);
  const settled = await Promise.allSettled(
    [plain, ...others].map((one) => activateFlowLog(deps, one, maxWaitMs)),
  );
  for (const outcome of settled) {
    // A poller that can read the record requeues the job by its dueAt.
    const hasFailed = outcome.status === 'rejected' && !(outcome.reason instanceof RecordUnreadable);
    if (hasFailed) throw outcome.reason;
  }
}

function asciiExcerpt(reason: string): string {
  return reason.slice(0, REASON_LIMIT).replaceAll(/[^\x20-\x7e]/g, '?');
}

export const handler = sqsBatchHandler((record, context) => handleRecord(services(), record, context));

import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { viewOf } from '../lib/activation/batches/plan.ts';
import { planScheduled, startScheduled, unlessPaused } from '../lib/activation/batches/scheduled-batch.ts';
import type { EventPublisher } from '../lib/activation/model/message-ports.ts';
import { parseScheduledBatch } from '../lib/api/requests/scheduled-batch-request.ts';
import { CLIENT_OPTIONS } from '../lib/aws/client-options.ts';
import { createEventBridgePublisher } from '../lib/aws/eventbridge-publisher.ts';
import { readSettings, text } from '../lib/config/settings.ts';
import { Problem } from '../lib/http/problem.ts';
import { lazily } from '../lib/runtime/lazily.ts';
import { counters, log, logKeys, telemetry } from '../lib/runtime/telemetry.ts';
import { type BatchServices, batchServices, batchSettings } from './wiring/batches.ts';
import { refreshed } from './wiring/configuration.ts';
import type { Refreshable } from './wiring/request-services.ts';

type Services = BatchServices & { publisher: EventPublisher };

const services = lazily((): Services & Refreshable => {
  const settings = readSettings({ ...batchSettings, busName: text('EVENT_BUS_NAME') });
  const client = new EventBridgeClient(CLIENT_OPTIONS);
  const { busName } = settings;
  const publisher = createEventBridgePublisher({ client, busName, metrics: counters, log });
  return { ...batchServices(settings), publisher };
});

const FLOW_LOGS_LIMIT = 50_000;
/** The share of the invocation's time for the selection. */
const SELECT_SHARE = 2 / 3;
/** Time at the end for the last writes. */
const LAST_WRITES_MS = 20_000;

/**
 * Handles one run of a schedule. The result is for people who invoke the function by hand. If it throws, Lambda retries
 * twice, then drops the event; an alarm watches dropped events. A run of a paused account is skipped, and does not throw.
 */
export async function handleSchedule(deps: Services, event: unknown, context: Context) {
  const callerRequestId = context.awsRequestId;
  logKeys.add({ callerRequestId });
  const { dryRun, ...run } = readEvent(deps, event);
  const scheduled = { ...run, callerRequestId };
  const remainingMs = context.getRemainingTimeInMillis();
  const limit = {
    flowLogs: FLOW_LOGS_LIMIT,
    selectBy: deps.now() + remainingMs * SELECT_SHARE,
    openUntil: deps.now() + remainingMs - LAST_WRITES_MS,
  };
  return unlessPaused(deps, scheduled, async () => {
    if (dryRun) return planScheduled(deps, scheduled, limit);
    const { plan, batches } = await startScheduled(deps, scheduled, limit);
    return { planId: plan.planId, counts: viewOf(plan.flowLogs).counts, batches };
  });
}

function readEvent(deps: Services, event: unknown) {
  try {
    return parseScheduledBatch(event, deps);
  } catch (error) {
    if (error instanceof Problem)
      deps.log.error('the input of the schedule is refused', { errors: error.details.errors });
    throw error;
  }
}

export const handler = middy<unknown, unknown, Error, Context>()
  .use(telemetry)
  .handler(async (event, context) => handleSchedule(await refreshed(services()), event, context));

import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as v from 'valibot';
import type { Clock } from '../lib/activation/model/ports.ts';
import { carryOut } from '../lib/activation/operations/carry-out.ts';
import { createPoller } from '../lib/activation/poller/poll-activations.ts';
import type { TickChain } from '../lib/activation/poller/tick-chain.ts';
import { createAttentionBackfill } from '../lib/aws/attention-backfill.ts';
import { BUSY_CLIENT_OPTIONS } from '../lib/aws/busy-client-options.ts';
import { createEventBridgePublisher } from '../lib/aws/eventbridge-publisher.ts';
import { createSqsDeadLetterQueue } from '../lib/aws/sqs-dead-letter-queue.ts';
import { tickNumbersOf } from '../lib/aws/sqs-tick-queue.ts';
import { scopeCheckOf } from '../lib/config/accounts.ts';
import { readSettings, text } from '../lib/config/settings.ts';
import { lazily } from '../lib/runtime/lazily.ts';
import { counters, log, telemetry } from '../lib/runtime/telemetry.ts';
import { createConfiguration } from './wiring/configuration.ts';
import { createApi, volcengineSettings } from './wiring/volcengine.ts';
import {
  createCheckpoints,
  createClient,
  createTicks,
  createWorkflow,
  tickSettings,
  workflowSettings,
} from './wiring/workflow.ts';

type PollServices = {
  poller: Pick<ReturnType<typeof createPoller>, 'tick'>;
  ticks: TickChain;
  tickMs: number;
  callTimeoutMs: number;
  now: Clock;
};

const services = lazily((): PollServices & { backfill: () => Promise<void> } => {
  const settings = readSettings({
    ...workflowSettings,
    ...volcengineSettings,
    ...tickSettings,
    deadLetterQueueUrl: text('DEAD_LETTER_QUEUE_URL'),
    busName: text('EVENT_BUS_NAME'),
  });
  const configuration = createConfiguration(settings);
  const client = createClient(BUSY_CLIENT_OPTIONS);
  const deps = {
    ...createWorkflow(settings, BUSY_CLIENT_OPTIONS, client),
    api: createApi(settings, configuration),
    scopeRefusal: scopeCheckOf(configuration.accounts),
  };
  const poller = createPoller({
    ...deps,
    carryOut: async (operations, limit) => {
      if (operations.length > 0) await configuration.refresh();
      return carryOut(deps, operations, limit);
    },
    publisher: createEventBridgePublisher({
      client: new EventBridgeClient(BUSY_CLIENT_OPTIONS),
      busName: settings.busName,
      metrics: counters,
      log,
    }),
    deadLetters: createSqsDeadLetterQueue(
      new SQSClient(BUSY_CLIENT_OPTIONS),
      settings.deadLetterQueueUrl,
      log,
    ),
  });
  const { tableName, tickMs, callTimeoutMs } = settings;
  const checkpoints = createCheckpoints(settings, client);
  return {
    backfill: createAttentionBackfill({ client, tableName, store: deps.store, checkpoints, log }),
    poller,
    ticks: createTicks(settings, BUSY_CLIENT_OPTIONS, client),
    tickMs,
    callTimeoutMs,
    now: Date.now,
  };
});

const messagesSchema = v.object({ Records: v.array(v.object({ body: v.string() })) });

/** The numbers of the messages, or undefined if the schedule invokes the function. */
function numbersOf(event: unknown): number[] | undefined {
  const messages = v.safeParse(messagesSchema, event);
  return messages.success ? tickNumbersOf(messages.output.Records.map(({ body }) => body)) : undefined;
}

/** Time for the writes after the last call to Volcengine. */
const RESERVE_MS = 2_000;

/**
 * Runs one tick and plans the next one. Does nothing if the event is an old message, or the schedule while a tick is
 * planned. Throws what the tick throws.
 */
export async function handlePoll(
  { poller, ticks, tickMs, callTimeoutMs, now }: PollServices,
  event: unknown,
  remainingMs: number,
): Promise<void> {
  const planNext = await ticks.begin(numbersOf(event));
  if (planNext === undefined) return;
  try {
    const summary = await poller.tick(now() + remainingMs - callTimeoutMs - RESERVE_MS);
    await planNext(summary);
  } catch (error) {
    await planNext({ due: 1, pauseMs: tickMs });
    throw error;
  }
}

/** A page of the backfill takes a second or two. */
const BACKFILL_MS = 15_000;

export const handler = middy<unknown, void, Error, Context>()
  .use(telemetry)
  .handler(async (event, context) => {
    const { backfill, ...deps } = services();
    await handlePoll(deps, event, context.getRemainingTimeInMillis());
    const isSchedule = numbersOf(event) === undefined;
    if (isSchedule && context.getRemainingTimeInMillis() > BACKFILL_MS) await backfill();
  });

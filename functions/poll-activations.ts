import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { createPoller } from '../lib/activation/poller/poll-activations.ts';
import { CLIENT_OPTIONS } from '../lib/aws/client-options.ts';
import { createEventBridgePublisher } from '../lib/aws/eventbridge-publisher.ts';
import { createSqsDeadLetterQueue } from '../lib/aws/sqs-dead-letter-queue.ts';
import { accountsOf } from '../lib/config/accounts.ts';
import { readSettings, text } from '../lib/config/settings.ts';
import { lazily } from '../lib/runtime/lazily.ts';
import { counters, log, telemetry } from '../lib/runtime/telemetry.ts';
import { tickUntil } from '../lib/runtime/tick-until.ts';
import { createApi, createLimiter, volcengineSettings } from './wiring/volcengine.ts';
import { createWorkflow, pollerSettings, workflowSettings } from './wiring/workflow.ts';

const services = lazily(() => {
  const settings = readSettings({
    ...workflowSettings,
    ...volcengineSettings,
    ...pollerSettings,
    deadLetterQueueUrl: text('DEAD_LETTER_QUEUE_URL'),
    busName: text('EVENT_BUS_NAME'),
  });
  const poller = createPoller({
    ...createWorkflow(settings),
    api: createApi(settings, accountsOf(settings)),
    publisher: createEventBridgePublisher({
      client: new EventBridgeClient(CLIENT_OPTIONS),
      busName: settings.busName,
      metrics: counters,
    }),
    deadLetters: createSqsDeadLetterQueue(new SQSClient(CLIENT_OPTIONS), settings.deadLetterQueueUrl),
    limiter: createLimiter('poller', settings),
  });
  return { poller, settings };
});

/** Time for the writes after the last call to Volcengine. */
const RESERVE_MS = 2_000;

/** Runs ticks for one minute, because a schedule cannot invoke a function more often than once a minute. */
export const handler = middy<unknown, void, Error, Context>()
  .use(telemetry)
  .handler(async (_event, context) => {
    const { poller, settings } = services();
    let hasCountedHeartbeat = false;
    await tickUntil({
      tickMs: settings.tickMs,
      reserveMs: settings.callTimeoutMs + RESERVE_MS,
      remainingMs: () => context.getRemainingTimeInMillis(),
      now: Date.now,
      sleep,
      log,
      async tick(stopAt) {
        const summary = await poller.tick(stopAt);
        if (!hasCountedHeartbeat) counters.count('PollerHeartbeat');
        hasCountedHeartbeat = true;
        const { due, requeued, described, completed, failed } = summary;
        if (requeued + completed + failed > 0)
          log.info('poller tick', { due, requeued, described, completed, failed });
        return settings.whenIdle === 'return' && due === 0 ? 'stop' : 'go on';
      },
    });
  });

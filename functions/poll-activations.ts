import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Log, Metrics } from '../lib/activation/model/ports.ts';
import { createPoller } from '../lib/activation/poller/poll-activations.ts';
import { CLIENT_OPTIONS } from '../lib/aws/client-options.ts';
import { createEventBridgePublisher } from '../lib/aws/eventbridge-publisher.ts';
import { createSqsDeadLetterQueue } from '../lib/aws/sqs-dead-letter-queue.ts';
import { accountsOf } from '../lib/config/accounts.ts';
import { readSettings, text } from '../lib/config/settings.ts';
import { lazily } from '../lib/runtime/lazily.ts';
import { counters, log, telemetry } from '../lib/runtime/telemetry.ts';
import { type TickOptions, tickUntil } from '../lib/runtime/tick-until.ts';
import { createApi, volcengineSettings } from './wiring/volcengine.ts';
import { createWorkflow, pollerSettings, workflowSettings } from './wiring/workflow.ts';

type PollServices = Pick<TickOptions, 'tickMs' | 'now' | 'sleep'> & {
  poller: ReturnType<typeof createPoller>;
  whenIdle: string;
  callTimeoutMs: number;
  metrics: Metrics;
  log: Log;
};

const services = lazily((): PollServices => {
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
  });
  const { tickMs, callTimeoutMs, whenIdle } = settings;
  return { poller, tickMs, callTimeoutMs, whenIdle, now: Date.now, sleep, log, metrics: counters };
});

/** Time for the writes after the last call to Volcengine. */
const RESERVE_MS = 2_000;

/** Runs ticks for one minute, because a schedule cannot invoke a function more often than once a minute. */
export async function handlePoll(deps: PollServices, remainingMs: () => number): Promise<void> {
  const { poller, whenIdle, callTimeoutMs, metrics, log, tickMs, now, sleep } = deps;
  let hasCountedHeartbeat = false;
  await tickUntil({
    tickMs,
    now,
    sleep,
    log,
    reserveMs: callTimeoutMs + RESERVE_MS,
    remainingMs,
    async tick(stopAt) {
      const summary = await poller.tick(stopAt);
      if (!hasCountedHeartbeat) metrics.count('PollerHeartbeat');
      hasCountedHeartbeat = true;
      const { due, requeued, described, completed, failed } = summary;
      if (requeued + completed + failed > 0) {
        log.info('poller tick', { due, requeued, described, completed, failed });
      }
      return whenIdle === 'return' && due === 0 ? 'stop' : 'go on';
    },
  });
}

export const handler = middy<unknown, void, Error, Context>()
  .use(telemetry)
  .handler((_event, context) => handlePoll(services(), () => context.getRemainingTimeInMillis()));

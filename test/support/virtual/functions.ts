import './quiet-logs.ts';

import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { handleRecord } from '../../../functions/activate-flow-log.ts';
import { driftLimits } from '../../../functions/check-drift.ts';
import { handlePoll } from '../../../functions/poll-activations.ts';
import { handleRead } from '../../../functions/read-activations.ts';
import { handleWebhook } from '../../../functions/receive-webhook.ts';
import { handleRedrive } from '../../../functions/redrive-activations.ts';
import { handleRoute } from '../../../functions/request-activations.ts';
import { handleRecord as handleDelivery } from '../../../functions/send-webhooks.ts';
import { handleStart } from '../../../functions/start-batch.ts';
import { handleSchedule } from '../../../functions/start-scheduled-batch.ts';
import { checkDrift } from '../../../lib/activation/drift/check-drift.ts';
import type { Activation } from '../../../lib/activation/model/activation.ts';
import type { Batch } from '../../../lib/activation/model/batch.ts';
import { ActivationError } from '../../../lib/activation/model/errors.ts';
import { duePeriod } from '../../../lib/activation/model/policy.ts';
import { createPoller } from '../../../lib/activation/poller/poll-activations.ts';
import { toProblem } from '../../../lib/api/problems/error-to-problem.ts';
import { toWebhookProblem } from '../../../lib/api/problems/webhook-problems.ts';
import { fromActivationItem } from '../../../lib/aws/activation-item.ts';
import { fromBatchItem } from '../../../lib/aws/batch-item.ts';
import { httpHandler } from '../../../lib/http/http-handler.ts';
import { sqsBatchHandler } from '../../../lib/runtime/sqs-batch-handler.ts';
import { telemetry } from '../../../lib/runtime/telemetry.ts';
import { sqsEvent } from '../fakes/lambda.ts';
import {
  batchDepsOf,
  checkDepsOf,
  type Endpoints,
  httpDepsOf,
  pollerDepsOf,
  senderDepsOf,
  ticksOf,
  webhookDepsOf,
  workerDepsOf,
} from './container-deps.ts';
import type { Outside } from './outside.ts';
import type { Message } from './simulated-queue.ts';

/** What a container does with each event, given how much of its invocation is left. */
export type Invoke<Input, Output> = (input: Input, remainingMs: () => number) => Promise<Output>;

/** By its name here its key in serverless.yml: timeout, name and event source are read there. */
export const DEPLOYED_AS = {
  worker: 'activate-flow-log',
  poller: 'poll-activations',
  drift: 'check-drift',
  http: 'request-activations',
  batches: 'start-batch',
  schedule: 'start-scheduled-batch',
  webhooks: 'receive-webhook',
  sender: 'send-webhooks',
} as const;
export type FunctionName = keyof typeof DEPLOYED_AS;

type Api = Invoke<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>;

export type Functions = ReturnType<typeof functionsOf>;

/** An activation or a batch, current or archived, as this version reads it. Throws where it cannot. */
export function readItem(item: Record<string, AttributeValue>): Activation | Batch | undefined {
  const { pk, sk } = item;
  if (pk?.S?.startsWith('B#')) return fromBatchItem(unmarshall(item));
  const isActivation = pk?.S?.startsWith('F#') && !sk?.S?.startsWith('J#');
  return isActivation ? fromActivationItem(unmarshall(item)) : undefined;
}

/** The real handlers over the real adapters; what is built lives as long as its container. */
export function functionsOf(outside: Outside) {
  return {
    worker: () => {
      const deps = workerDepsOf(outside);
      return queueFunction(outside, (record, lambda) => handleRecord(deps, record, lambda));
    },
    poller: () => buildPoller(outside),
    drift: () => buildDriftCheck(outside),
    http: (): Api => {
      const deps = httpDepsOf(outside);
      return httpFunction(
        outside,
        httpHandler((event) => route(deps, event), toProblem),
      );
    },
    start: (): Api => {
      const deps = batchDepsOf(outside);
      return httpFunction(
        outside,
        httpHandler((event, lambda) => handleStart(deps, event, lambda), toProblem),
      );
    },
    schedule: () => buildSchedule(outside),
    /** `sources`: WEBHOOK_SOURCES. */
    receiver: (sources: string): Api => {
      const deps = webhookDepsOf(outside, sources);
      return httpFunction(
        outside,
        httpHandler((event) => handleWebhook(deps, event), toWebhookProblem),
      );
    },
    sender: (endpoints: Endpoints) => {
      const deps = senderDepsOf(outside, endpoints);
      return queueFunction(outside, (record, lambda) => handleDelivery(deps, record, lambda));
    },
  };
}

/** Answers the ids of the messages that it gives back. */
function queueFunction(
  outside: Outside,
  handle: Parameters<typeof sqsBatchHandler>[0],
): Invoke<Message[], string[]> {
  const handler = sqsBatchHandler(handle);
  return async (messages, remainingMs) => {
    const event = sqsEvent(messages.map(({ body }) => body));
    for (const [index, { messageId }] of messages.entries()) {
      Object.assign(event.Records[index] ?? {}, { messageId });
    }
    const { batchItemFailures } = await handler(event, outside.lambda(remainingMs));
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
}

function httpFunction(outside: Outside, handler: ReturnType<typeof httpHandler>): Api {
  return (event, remainingMs) => handler(event, outside.lambda(remainingMs));
}

/** Messages, or nothing from the schedule. Gives no message back. */
function buildPoller(outside: Outside): Invoke<Message[] | undefined, string[]> {
  const { policy, now, isQuiet } = outside;
  const deps = pollerDepsOf(outside);
  const { tick } = createPoller(deps);
  const nothingDue = { due: 0, requeued: 0, described: 0, completed: 0, failed: 0, returnedToQueued: 0 };
  let lastTickAt = 0;
  const poller = {
    async tick(stopAt: number) {
      if (isQuiet(duePeriod(lastTickAt, now()))) return { ...nothingDue, pauseMs: policy.tickMs };
      lastTickAt = now();
      return tick(stopAt);
    },
  };
  const { tickMs, callTimeoutMs } = policy;
  const services = { ...deps, poller, ticks: ticksOf(outside), tickMs, callTimeoutMs };
  // Without middy, which would end it after a minute that is real.
  return async (messages, remainingMs) => {
    telemetry.before({ context: outside.lambda(remainingMs) });
    await handlePoll(services, messages && sqsEvent(messages.map(({ body }) => body)), remainingMs());
    telemetry.after();
    return [];
  };
}

function buildDriftCheck(outside: Outside): Invoke<undefined, void> {
  const deps = checkDepsOf(outside);
  return async (_event, remainingMs) => {
    const endsAt = outside.now() + remainingMs();
    await checkDrift(deps, driftLimits(endsAt));
  };
}

function buildSchedule(outside: Outside): Invoke<unknown, unknown> {
  const deps = batchDepsOf(outside);
  return async (event, remainingMs) => {
    try {
      return await handleSchedule(deps, event, outside.lambda(remainingMs));
    } catch (error) {
      // What Volcengine refuses, such as a key that was replaced, is no fault of a container.
      if (error instanceof ActivationError) outside.excuse();
      throw error;
    }
  };
}

function route(deps: ReturnType<typeof httpDepsOf>, event: APIGatewayProxyEventV2) {
  switch (event.routeKey) {
    case 'POST /activations':
    case 'POST /deactivations':
    case 'DELETE /activations/{activationId}':
    case 'POST /operations':
    case 'DELETE /operations/{operationId}':
    case 'PUT /accounts/{alias}/pause':
    case 'DELETE /accounts/{alias}/pause':
      return handleRoute(deps, event);
    case 'POST /activations/{activationId}/redrive':
    case 'POST /dead-letters/redrive':
      return handleRedrive(() => deps, event);
    default:
      return handleRead(() => deps, event);
  }
}

import './quiet-logs.ts';

import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { handleRecord } from '../../functions/activate-flow-log.ts';
import { toProblem } from '../../functions/http/problems.ts';
import { handleRead } from '../../functions/read-activations.ts';
import { handleRedrive } from '../../functions/redrive-activations.ts';
import { handleCancel, handleRequest } from '../../functions/request-activations.ts';
import { checkDrift } from '../../lib/activation/check-drift.ts';
import { createPoller } from '../../lib/activation/poll-activations.ts';
import { httpStack } from '../../lib/runtime/http-stack.ts';
import { sqsStack } from '../../lib/runtime/sqs-stack.ts';
import { tickUntil } from '../../lib/runtime/tick-until.ts';
import { context, sqsEvent } from '../fakes/lambda.ts';
import type { Container } from './container.ts';
import { checkDepsOf, httpDepsOf, pollerDepsOf, WORKERS, workerDepsOf } from './container-deps.ts';
import { ContainerPool, type Invoke } from './container-pool.ts';
import type { Message } from './simulated-sqs.ts';
import type { World } from './world.ts';

/** As in serverless.yml. */
const TIMEOUTS_MS = { worker: 30_000, poller: 58_000, http: 29_000 };
/** Short ones stop in the middle; ends kept back for asking and writing, as in functions/check-drift.ts. */
const DRIFT_TIMEOUTS_MS = [301_000, 301_000, 900_000] as const;
const DRIFT_ASKING_MS = 300_000;
const DRIFT_RESERVE_MS = 15_000;
/** As in functions/poll-activations.ts. */
const POLLER_RESERVE_MS = 7_000;

export type HttpAnswer = { status: number; body: string; invocation: string };

export type Deployment = ReturnType<typeof createDeployment>;

/** The functions as Lambda runs them: the real handlers over the real adapters on simulated wires. */
export function createDeployment(world: World) {
  const { random, sqs } = world;
  const whenIdle = random.pick(['tick', 'return', 'return']);
  const worker = new ContainerPool<Message[], string[]>(world, {
    name: 'worker',
    timeoutMs: TIMEOUTS_MS.worker,
    build: (container) => buildWorker(container, world),
  });
  const poller = new ContainerPool<undefined, void>(world, {
    name: 'poller',
    timeoutMs: TIMEOUTS_MS.poller,
    build: (container) => buildPoller(container, world, whenIdle),
  });
  const http = new ContainerPool<APIGatewayProxyEventV2, HttpAnswer>(world, {
    name: 'http',
    timeoutMs: TIMEOUTS_MS.http,
    build: (container) => buildHttp(container, world),
  });
  const drift = new ContainerPool<undefined, void>(world, {
    name: 'drift',
    timeoutMs: random.pick(DRIFT_TIMEOUTS_MS),
    build: (container) => buildDriftCheck(container, world),
  });
  const pools: { containers: Container[] }[] = [worker, poller, http, drift];
  const containers = () => pools.flatMap((pool) => pool.containers);

  let workers = 0;
  const deliver = async (): Promise<void> => {
    if (workers >= WORKERS) return;
    const messages = sqs.receive();
    if (messages.length === 0) return;
    workers += 1;
    const kept = await worker.invoke(messages);
    workers -= 1;
    for (const { messageId } of messages) {
      if (kept && !kept.includes(messageId)) sqs.delete(messageId);
    }
    await deliver();
  };
  sqs.onVisible = () => void deliver();

  return {
    answer: (event: APIGatewayProxyEventV2) => http.invoke(event),
    /** One more function, which is redeployed and ended with the others. */
    add: (pool: { containers: Container[] }) => void pools.push(pool),
    poll: () => poller.invoke(undefined),
    checkDrift: () => drift.invoke(undefined),
    isIdle: () => containers().every(({ isBusy }) => !isBusy),
    /** All memory is lost: at once where nothing runs, else when that has ended or has been cut short. */
    redeploy() {
      for (const container of containers()) {
        container.isRetired = true;
        if (!container.isBusy || random.chance(0.5)) container.kill();
      }
    },
    /** So that nothing of a schedule outlives it. */
    end() {
      for (const container of containers()) container.kill();
    },
  };
}

/** Answers the ids of the messages that it gives back. */
function buildWorker(container: Container, world: World): Invoke<Message[], string[]> {
  const deps = workerDepsOf(container, world);
  let getRemainingTimeInMillis = () => 0;
  const handler = sqsStack((record) =>
    handleRecord(deps, record, { ...context(), getRemainingTimeInMillis }),
  );
  return async (messages, remainingMs) => {
    getRemainingTimeInMillis = remainingMs;
    const event = sqsEvent(messages.map(({ body }) => body));
    for (const [index, { messageId }] of messages.entries()) {
      Object.assign(event.Records[index] ?? {}, { messageId });
    }
    const { batchItemFailures } = await handler(event, context());
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
}

function buildPoller(container: Container, world: World, whenIdle: string): Invoke<undefined, void> {
  const { policy } = world;
  const poller = createPoller(pollerDepsOf(container, world));
  return (_event, remainingMs) =>
    tickUntil({
      tickMs: policy.tickMs,
      reserveMs: POLLER_RESERVE_MS,
      remainingMs,
      now: container.now,
      sleep: container.sleep,
      log: { error() {} },
      async tick(stopAt) {
        const { due } = await poller.tick(stopAt);
        return whenIdle === 'return' && due === 0 ? 'stop' : 'go on';
      },
    });
}

function buildDriftCheck(container: Container, world: World): Invoke<undefined, void> {
  const deps = checkDepsOf(container, world);
  return async (_event, remainingMs) => {
    const endsAt = container.now() + remainingMs();
    await checkDrift(deps, { readUntil: endsAt - DRIFT_ASKING_MS, askUntil: endsAt - DRIFT_RESERVE_MS });
  };
}

function buildHttp(container: Container, world: World): Invoke<APIGatewayProxyEventV2, HttpAnswer> {
  const deps = httpDepsOf(container, world);
  const handler = httpStack((event) => route(deps, event), toProblem);
  return async (event) => {
    const invocation = container.name;
    const { statusCode = 0, body = '' } = await handler(event, context());
    if (statusCode === 500 && container.faults === 0 && container.isAlive) {
      world.violate('no failure without a fault', `${event.routeKey} answered 500`);
    }
    return { status: statusCode, body, invocation };
  };
}

function route(deps: ReturnType<typeof httpDepsOf>, event: APIGatewayProxyEventV2) {
  switch (event.routeKey) {
    case 'POST /activations':
      return handleRequest(deps, event);
    case 'DELETE /activations/{activationId}':
      return handleCancel(deps, event);
    case 'POST /activations/{activationId}/redrive':
    case 'POST /dead-letters/redrive':
      return handleRedrive(() => deps, event);
    default:
      return handleRead(() => deps, event);
  }
}

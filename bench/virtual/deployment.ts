import '../../test/simulation/quiet-logs.ts';

import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { handleRecord } from '../../functions/activate-flow-log.ts';
import { handlePoll } from '../../functions/poll-activations.ts';
import { handleRequest } from '../../functions/request-activations.ts';
import { newBatchId } from '../../functions/wiring/workflow.ts';
import type { Policy } from '../../lib/activation/model/policy.ts';
import { createPoller } from '../../lib/activation/poller/poll-activations.ts';
import { toProblem } from '../../lib/api/problems/error-to-problem.ts';
import { httpHandler } from '../../lib/http/http-handler.ts';
import { sqsBatchHandler } from '../../lib/runtime/sqs-batch-handler.ts';
import { telemetry } from '../../lib/runtime/telemetry.ts';
import { context, httpEvent, sqsEvent } from '../../test/support/fakes/lambda.ts';
import { adaptersOf, REGION, type Services } from './adapters.ts';
import type { Queue } from './queue.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** As in serverless.yml. */
const WORKER_TIMEOUT_MS = 30_000;
const POLLER_TIMEOUT_MS = 58_000;
const MINUTE_MS = 60_000;

type FunctionName = 'request-activations' | 'activate-flow-log' | 'poll-activations';

/** In virtual time: waits and I/O, but no CPU. */
type Invocation = { name: FunctionName; startedAt: number; endedAt: number };

export type Deployment = {
  /** POST /activations, of one account; throws unless it is answered 202. */
  request(flowLogIds: string[], account?: string): Promise<void>;
  /** Those that have ended. */
  invocations: Invocation[];
  /** When each tick of the poller began, and in which of its invocations. */
  ticks: { at: number; invocation: number }[];
  close(): Promise<void>;
};

/** The real handlers on the real adapters, invoked as Lambda would, in virtual time; the poller begins at once. */
export function deploy(
  clock: VirtualClock,
  services: Services & { queue: Queue },
  policy: Policy,
): Deployment {
  const invocations: Invocation[] = [];
  const ticks: Deployment['ticks'] = [];
  /** Runs one of so long a timeout. */
  const invoke = async <Result>(
    name: FunctionName,
    timeoutMs: number,
    run: (context: Context) => Promise<Result>,
  ) => {
    const startedAt = clock.now();
    const result = await run({
      ...context(),
      functionName: `flow-log-activator-dev-${name}`,
      awsRequestId: randomUUID(),
      getRemainingTimeInMillis: () => startedAt + timeoutMs - clock.now(),
    });
    invocations.push({ name, startedAt, endedAt: clock.now() });
    return result;
  };

  const workers = Array.from({ length: services.workers }, () =>
    adaptersOf(clock, services, policy, 'worker'),
  );
  for (const { deps } of workers) {
    const worker = workerOf(deps);
    services.queue.addConsumer(async (bodies) => {
      await invoke('activate-flow-log', WORKER_TIMEOUT_MS, (context) => worker(bodies, context));
    });
  }
  const poller = adaptersOf(clock, services, policy, 'poller');
  const poll = pollerOf(clock, poller.deps, ticks);
  const everyMinute = () => {
    clock.after(MINUTE_MS, everyMinute);
    void invoke('poll-activations', POLLER_TIMEOUT_MS, poll);
  };
  clock.after(0, everyMinute);

  const door = adaptersOf(clock, services, policy, 'worker');
  const accounts = new Map<string, undefined>();
  const deps = { ...door.deps, newBatchId, region: REGION, accounts };
  const http = httpHandler((event) => handleRequest(deps, event), toProblem);
  let requests = 0;
  return {
    invocations,
    ticks,
    async request(flowLogIds, account = 'default') {
      requests += 1;
      accounts.set(account, undefined);
      const headers = { 'content-type': 'application/json', 'idempotency-key': `request-${requests}` };
      const body = JSON.stringify({ flowLogIds, account });
      const event = httpEvent('POST', '/activations', { headers, body });
      const answer = await invoke('request-activations', WORKER_TIMEOUT_MS, (context) =>
        http(event, context),
      );
      if (answer.statusCode !== 202) throw new Error(`POST /activations: ${answer.body}`);
    },
    async close() {
      await Promise.all([...workers, poller, door].map(({ close }) => close()));
    },
  };
}

type Deps = ReturnType<typeof adaptersOf>['deps'];

function workerOf(deps: Deps): (bodies: string[], context: Context) => Promise<void> {
  const workerDeps = { ...deps, newLeaseId: randomUUID };
  const handler = sqsBatchHandler((record, context) => handleRecord(workerDeps, record, context));
  return async (bodies, context) => {
    const { batchItemFailures } = await handler(sqsEvent(bodies), context);
    if (batchItemFailures.length > 0) throw new Error('the worker gave messages back');
  };
}

/**
 * The poller's invocation by this clock. Without middy, which would end it after 58 s that are real.
 */
function pollerOf(clock: VirtualClock, deps: Deps, ticks: Deployment['ticks']) {
  const poller = createPoller(deps);
  let invocations = 0;
  return async (context: Context) => {
    const invocation = invocations++;
    telemetry.before({ context });
    const observed = {
      tick(stopAt: number) {
        ticks.push({ at: clock.now(), invocation });
        return poller.tick(stopAt);
      },
    };
    const services = {
      ...deps,
      ...deps.policy,
      poller: observed,
      whenIdle: 'tick',
      sleep: clock.sleep,
    };
    await handlePoll(services, () => context.getRemainingTimeInMillis());
    telemetry.after();
  };
}

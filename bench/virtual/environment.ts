import '../../test/support/virtual/quiet-logs.ts';

import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Policy } from '../../lib/activation/model/policy.ts';
import type { Log, Metrics } from '../../lib/activation/model/ports.ts';
import { ApiError } from '../../local/volcengine/api-error.ts';
import { Throttle, type ThrottleSetting } from '../../local/volcengine/throttle.ts';
import { httpEvent } from '../../test/support/fakes/lambda.ts';
import { SeededRandom } from '../../test/support/fakes/seeded-random.ts';
import { Container } from '../../test/support/virtual/container.ts';
import { ContainerPool, type Host } from '../../test/support/virtual/container-pool.ts';
import { deployedMapping, shippedPolicy } from '../../test/support/virtual/deployed.ts';
import { NO_FAULTS } from '../../test/support/virtual/faults.ts';
import { DEPLOYED_AS } from '../../test/support/virtual/functions.ts';
import { type Outside, outsideOf } from '../../test/support/virtual/outside.ts';
import { SimulatedDynamoDb, type TableObserver } from '../../test/support/virtual/simulated-dynamodb.ts';
import { SimulatedEventBridge } from '../../test/support/virtual/simulated-eventbridge.ts';
import type { Message } from '../../test/support/virtual/simulated-queue.ts';
import { SimulatedSqs } from '../../test/support/virtual/simulated-sqs.ts';
import { SimulatedVolcengine } from '../../test/support/virtual/simulated-volcengine.ts';
import { VirtualTime } from '../../test/support/virtual/virtual-time.ts';
import { refusal } from '../../test/support/virtual/volcengine-answers.ts';
import { deployWorkflow } from '../../test/support/virtual/workflow.ts';
import { countingWire, countsOf } from './counting-wire.ts';
import { EventCounts } from './event-counts.ts';

export type FlowLog = {
  /** `default` if not given. */
  account?: string;
  flowLogId: string;
  pendingMs: number;
  status?: 'Inactive' | 'Active' | 'Pending';
};

export type WorldOptions = {
  flowLogs: FlowLog[];
  ratePerSecond: number;
  /** How many take jobs at once; as deployed if not given. */
  workers?: number;
  /** In which order jobs are delivered: SQS promises none. First in, first out if not given. */
  order?: 'first-in' | 'any';
  /** Volcengine answers the calls of an account above it 429. Without it, none. */
  limit?: ThrottleSetting;
  /** Every message of the poller comes to two containers at once. */
  isPolledTwice?: boolean;
  /** The clocks of containers differ from true time by up to so much. */
  clocksDifferMs?: number;
  /** In place of a table in memory. */
  dynamodb?: { execute(command: unknown): unknown };
  /** Of the table in memory. */
  observer?: TableObserver;
  /** In place of a log of warnings and errors alone, and of metrics that are dropped. */
  telemetry?: { log: Log; metrics: Metrics };
};

export type Environment = ReturnType<typeof startWorld>;

/** In virtual time: waits and I/O, but no CPU. */
type Invocation = { name: string; startedAt: number; endedAt: number };

const MINUTE_MS = 60_000;
const IDS_A_REQUEST = 1_000;
/** Long enough for what follows the last event, short of the next look at a batch. */
const QUIET_MS = 15_000;
/** It has no choice of its own: nothing is left out, refused in a call, or behind. */
const PLAIN = { unknownId: 'left out', emptyList: 'list', lagMs: 0, restoringMs: 0 } as const;

/** Nothing fails in a bench, and a warning would say that something did. */
const warnings = {
  log: {
    info() {},
    warn: (message: string, fields: unknown) => console.error(message, fields),
    error: (message: string, fields: unknown) => console.error(message, fields),
  },
  metrics: { count() {} },
};

/** As deployed, but for the rate. */
export function policyFor(ratePerSecond: number): Policy {
  return { ...shippedPolicy(), ratePerSecond };
}

/** What is deployed, and the services around it, in one process and in virtual time. The poller begins at once. */
export function startWorld(options: WorldOptions) {
  const { flowLogs, ratePerSecond, order = 'first-in', clocksDifferMs = 0, telemetry = warnings } = options;
  const time = new VirtualTime();
  const random = new SeededRandom(1);
  const dynamodb = new SimulatedDynamoDb(time, random, NO_FAULTS);
  const sqs = new SimulatedSqs(time, random, NO_FAULTS);
  const eventbridge = new SimulatedEventBridge(NO_FAULTS);
  const volcengine = new SimulatedVolcengine(PLAIN, time, random, NO_FAULTS);
  const events = new EventCounts(eventbridge, time);
  const counts = countsOf(sqs);
  /** When each became Active, by its id. */
  const activeAt = new Map<string, number>();
  const invocations: Invocation[] = [];
  /** When each tick of the poller began. */
  const ticks: number[] = [];

  dynamodb.observer = options.observer ?? {};
  if (order === 'any') sqs.work.choose = (visible, most) => anyOf([...visible], most, random);
  volcengine.accepts = () => true;
  volcengine.onActive = (flowLogId) => activeAt.set(flowLogId, time.now);
  for (const { flowLogId, status = 'Inactive', pendingMs } of flowLogs) {
    const becomes = { status: 'Active', withinMs: pendingMs, leastMs: pendingMs } as const;
    volcengine.add(flowLogId, { initially: status, becomes });
  }
  const accounts = new Map(
    ['default', ...flowLogs.map(({ account = 'default' }) => account)].map((account) => [account, undefined]),
  );
  const host: Host = {
    time,
    random,
    policy: policyFor(ratePerSecond),
    wire: countingWire(time, counts, options.limit !== undefined),
    dynamodb: options.dynamodb ?? dynamodb,
    sqs,
    eventbridge,
    answer: limited(options.limit, time, (request, caller) => volcengine.answer(request, caller)),
    drawClockMs: () => random.integer(-clocksDifferMs, clocksDifferMs),
    credentialsOf: () => async (account) => ({ accessKeyId: `key-of-${account}`, secretAccessKey: 'secret' }),
    configuredAccounts: () => accounts,
    workers: options.workers ?? deployedMapping(DEPLOYED_AS.worker).maximumConcurrency,
    ...telemetry,
    skipsTick() {
      ticks.push(time.now);
      return false;
    },
    failed: (_container, error) => {
      throw error;
    },
    ended({ name, startedAt, output }) {
      if (name === 'worker' && !isEmpty(output)) throw new Error('the worker gave messages back');
      invocations.push({ name: DEPLOYED_AS[name], startedAt, endedAt: time.now });
    },
  };
  const maximumConcurrency = host.workers;
  const { poller } = deployWorkflow(host, sqs, { maximumConcurrency });
  if (options.isPolledTwice) pollTwice(poller);
  const everyMinute = () => {
    time.after(MINUTE_MS, everyMinute);
    void poller.invoke(undefined);
  };
  time.after(0, everyMinute);
  const http = new ContainerPool<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>(host, {
    name: 'http',
    build: (functions) => functions.http(),
  });
  let requests = 0;
  return {
    time,
    dynamodb,
    counts,
    events,
    activeAt,
    invocations,
    ticks,
    /** Of one more container. */
    outside: (): Outside => outsideOf(new Container('other', time), host, 'other'),
    /** POST /activations, of one account; throws unless it is answered 202. */
    async request(flowLogIds: string[], account = 'default'): Promise<void> {
      requests += 1;
      const headers = { 'content-type': 'application/json', 'idempotency-key': `request-${requests}` };
      const body = JSON.stringify({ flowLogIds, account });
      const answer = await http.invoke(httpEvent('POST', '/activations', { headers, body }));
      if (answer?.statusCode !== 202) throw new Error(`POST /activations: ${answer?.body}`);
    },
  };
}

type Answer = Host['answer'];

/** As Volcengine, with a token bucket for each account before it. */
function limited(limit: ThrottleSetting | undefined, time: VirtualTime, answer: Answer): Answer {
  const throttle = new Throttle(() => time.now);
  throttle.configure(limit);
  return (request, caller) => {
    const [, accessKeyId = ''] = /Credential=([^/]*)\//.exec(request.headers.authorization ?? '') ?? [];
    try {
      throttle.take(accessKeyId);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return refusal('throttled', { httpStatus: 429, code: error.code, message: error.message });
    }
    return answer(request, caller);
  };
}

function pollTwice(poller: Pick<ContainerPool<unknown, unknown>, 'invoke'>): void {
  const invoke = poller.invoke.bind(poller);
  poller.invoke = async (input) => (await Promise.all([invoke(input), invoke(input)]))[0];
}

function anyOf(messages: Message[], most: number, random: SeededRandom): Message[] {
  const count = Math.min(most, messages.length);
  return Array.from({ length: count }, () =>
    messages.splice(random.integer(0, messages.length - 1), 1),
  ).flat();
}

function isEmpty(output: unknown): boolean {
  return Array.isArray(output) && output.length === 0;
}

/** The poller is at work for longer than a minute, and then as far into its schedule's minute as is asked for. */
export async function letPollerTick({ time }: Environment, intoMinuteMs: number): Promise<void> {
  await time.runFor(time.sleep(MINUTE_MS + intoMinuteMs));
}

/**
 * Requests them all, a thousand a request, and lets time pass until every one is completed and told. Answers how
 * long it took from the first request to the last event.
 */
export async function activateAll(world: Environment, flowLogIds: string[]): Promise<number> {
  const { time } = world;
  const requestedAt = time.now;
  for (let start = 0; start < flowLogIds.length; start += IDS_A_REQUEST) {
    await time.runFor(world.request(flowLogIds.slice(start, start + IDS_A_REQUEST)));
  }
  return (await untilCompleted(world, flowLogIds.length)) - requestedAt;
}

/** Lets time pass until so many are completed and told, and a little more. Answers when the last was told. */
export async function untilCompleted({ time, events }: Environment, wanted: number): Promise<number> {
  await time.runUntil(() => events.failed > 0 || events.completedAt.size === wanted);
  if (events.failed > 0) throw new Error('an activation failed');
  let lastAt = 0;
  for (const at of events.completedAt.values()) lastAt = Math.max(lastAt, at);
  await time.runFor(time.sleep(QUIET_MS));
  return lastAt;
}

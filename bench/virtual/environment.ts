import { policyFor, type Table, type Telemetry } from './adapters.ts';
import { Bus } from './bus.ts';
import { type Deployment, deploy } from './deployment.ts';
import { MemoryDynamoDb, type Meter } from './memory-dynamodb.ts';
import { type DeliveryOrder, Queue } from './queue.ts';
import { VirtualClock } from './virtual-clock.ts';
import { type FlowLog, startVolcengine, type Volcengine } from './volcengine.ts';

/** As in serverless.yml. */
const WORKERS = 2;

export type WorldOptions = {
  flowLogs: FlowLog[];
  ratePerSecond: number;
  /** As deployed if not given. */
  tickMs?: number;
  /** How many take jobs at once; as deployed if not given. */
  workers?: number;
  /** In which order jobs are delivered: SQS promises none. First in, first out if not given. */
  order?: DeliveryOrder;
  /** In place of a table in memory. */
  dynamodb?: Table;
  /** Of the table in memory. */
  meter?: Meter;
  telemetry?: Telemetry;
};

export type Environment = {
  clock: VirtualClock;
  memory: MemoryDynamoDb;
  queue: Queue;
  bus: Bus;
  volcengine: Volcengine;
  deployment: Deployment;
  close(): Promise<void>;
};

/** What is deployed, and the services around it, in one process and in virtual time. */
export async function startWorld(options: WorldOptions): Promise<Environment> {
  const clock = new VirtualClock();
  const memory = new MemoryDynamoDb(options.meter);
  const queue = new Queue(clock, options.order);
  const bus = new Bus(clock.now);
  const volcengine = await startVolcengine(clock, options.flowLogs);
  const services = {
    dynamodb: options.dynamodb ?? memory,
    queue,
    bus,
    volcengineUrl: volcengine.url,
    workers: options.workers ?? WORKERS,
    ...(options.telemetry && { telemetry: options.telemetry }),
  };
  const policy = policyFor(options.ratePerSecond, options.tickMs);
  const deployment = deploy(clock, services, policy);
  return {
    clock,
    memory,
    queue,
    bus,
    volcengine,
    deployment,
    async close() {
      await deployment.close();
      await volcengine.close();
    },
  };
}

const IDS_A_REQUEST = 1_000;
/** Long enough for what follows the last event, short of the next look at a batch. */
const QUIET_MS = 15_000;

/** The poller is at work for longer than a minute, and then as far into its schedule's minute as is asked for. */
export async function letPollerTick({ clock }: Environment, intoMinuteMs: number): Promise<void> {
  await clock.runFor(clock.sleep(60_000 + intoMinuteMs));
}

/**
 * Requests them all, a thousand a request, and lets time pass until every one is completed and told. Answers how
 * long it took from the first request to the last event.
 */
export async function activateAll(world: Environment, flowLogIds: string[]): Promise<number> {
  const { clock, deployment } = world;
  const requestedAt = clock.now();
  for (let start = 0; start < flowLogIds.length; start += IDS_A_REQUEST) {
    await clock.runFor(deployment.request(flowLogIds.slice(start, start + IDS_A_REQUEST)));
  }
  return (await untilCompleted(world, flowLogIds.length)) - requestedAt;
}

/** Lets time pass until so many are completed and told, and a little more. Answers when the last was told. */
export async function untilCompleted({ clock, bus }: Environment, wanted: number): Promise<number> {
  await clock.runUntil(() => bus.failed > 0 || bus.completedAt.size === wanted);
  if (bus.failed > 0) throw new Error('an activation failed');
  let lastAt = 0;
  for (const at of bus.completedAt.values()) lastAt = Math.max(lastAt, at);
  await clock.runFor(clock.sleep(QUIET_MS));
  return lastAt;
}

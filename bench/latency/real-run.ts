import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { localSqsClient, readEvents, readFlowLogs, requestActivations } from '../../local/demo/observe.ts';
import { projectStack } from '../../local/template-stack.ts';
import { startLocalWorld } from '../../local/world.ts';
import { SeededRandom } from '../../test/support/fakes/seeded-random.ts';
import { flowLogIdOf } from '../signing/requests.ts';

type Sizes = { flowLogs: number; leastPendingMs: number; mostPendingMs: number };

/** Without an event in so long, something is stuck. */
const STALL_MS = 180_000;
const PAUSE_MS = 100;

/** One round in the local world: what is deployed, in processes of their own, and by the real clock. In seconds. */
export async function runForReal(sizes: Sizes): Promise<number[]> {
  const random = new SeededRandom(1);
  const seeds = Array.from({ length: sizes.flowLogs }, (_, index) => ({
    region: 'cn-beijing',
    flowLogId: flowLogIdOf(index),
    pendingMs: random.integer(sizes.leastPendingMs, sizes.mostPendingMs),
  }));
  const dataDir = await mkdtemp(join(tmpdir(), 'flow-log-activator-latency-'));
  const world = await startLocalWorld({
    port: 0,
    dataDir,
    stack: await projectStack(),
    env: { RATE_LIMIT_PER_SECOND: '100000' },
    fake: { seeds },
  });
  const { sqs: endpoint, queues, volcengine } = world.description;
  const sqs = localSqsClient(endpoint);
  try {
    await requestActivations(
      world.apiUrl,
      seeds.map(({ flowLogId }) => flowLogId),
    );
    const toldAt = await collectCompletions(sqs, queues.events, seeds.length);
    const active = new Map((await readFlowLogs(volcengine)).map((one) => [one.flowLogId, one.activeAt]));
    return [...toldAt].map(([flowLogId, at]) => (at - (active.get(flowLogId) ?? Number.NaN)) / 1_000);
  } finally {
    sqs.destroy();
    await world.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function collectCompletions(sqs: SQSClient, queueUrl: string, wanted: number) {
  const toldAt = new Map<string, number>();
  let changedAt = Date.now();
  while (toldAt.size < wanted) {
    const events = await readEvents(sqs, queueUrl);
    for (const { type, flowLogId, at } of events) {
      if (!type.startsWith('flow-log-activation.completed.')) continue;
      toldAt.set(flowLogId, Math.min(at, toldAt.get(flowLogId) ?? at));
      changedAt = Date.now();
    }
    if (Date.now() - changedAt > STALL_MS) throw new Error(`stuck at ${toldAt.size} of ${wanted} events`);
    if (events.length === 0) await sleep(PAUSE_MS);
  }
  return toldAt;
}

import { SeededRandom } from '../../test/support/fakes/seeded-random.ts';
import { asContender } from '../harness/contender.ts';
import { flowLogIdOf } from '../signing/requests.ts';
import { startDynaliteTable } from '../virtual/dynalite-table.ts';
import { activateAll, letPollerTick, startWorld } from '../virtual/environment.ts';
import type { RequestCounts } from '../virtual/request-counts.ts';
import { type Round, RoundConfig } from './round.ts';

const LIFTED = 100_000;

async function runRound({ activations, table, ...pending }: RoundConfig): Promise<Round> {
  const random = new SeededRandom(1);
  const flowLogs = Array.from({ length: activations }, (_, index) => ({
    flowLogId: flowLogIdOf(index),
    pendingMs: random.integer(pending.leastPendingMs, pending.mostPendingMs),
  }));
  const dynalite = table === 'dynalite' ? await startDynaliteTable() : undefined;
  const world = startWorld({
    flowLogs,
    ratePerSecond: LIFTED,
    ...(dynalite && { dynamodb: dynalite.table }),
  });
  const dynamodbCounts = () => dynalite?.counts() ?? world.counts.dynamodb.copy();
  try {
    await letPollerTick(world, 0);
    const before = dynamodbCounts();
    const cpu = process.cpuUsage();
    const startedAt = performance.now();
    const ids = flowLogs.map(({ flowLogId }) => flowLogId);
    const virtualMs = await activateAll(world, ids);
    const wallMs = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(cpu);
    const after = dynamodbCounts();
    return {
      dynamodb: difference(after, before),
      itemsRead: after.itemsRead - before.itemsRead,
      volcengine: Object.fromEntries(world.counts.volcengine.requests),
      sqs: Object.fromEntries(world.counts.sqs.requests),
      eventbridge: Object.fromEntries(world.counts.eventbridge.requests),
      cpuMs: (user + system) / 1_000,
      wallMs,
      virtualMs,
    };
  } finally {
    await dynalite?.close();
  }
}

function difference(after: RequestCounts, before: RequestCounts): Record<string, number> {
  return Object.fromEntries(
    [...after.requests].map(([operation, count]) => [operation, count - before.of(operation)]),
  );
}

asContender(RoundConfig, async (config) => {
  if (config.warmUp > 0) await runRound({ ...config, table: 'memory', activations: config.warmUp });
  return runRound(config);
});

import { SeededRandom } from '../../test/support/fakes/seeded-random.ts';
import { DEPLOYED_AS } from '../../test/support/virtual/functions.ts';
import { asContender } from '../harness/contender.ts';
import { median } from '../harness/statistics.ts';
import { flowLogIdOf } from '../signing/requests.ts';
import { type Environment, letPollerTick, startWorld, untilCompleted } from '../virtual/environment.ts';
import { quotaUseIn, waitsIn } from '../virtual/quota-use.ts';
import { ScaleConfig, type ScaleRun } from './scale-run.ts';

const LEAST_PENDING_MS = 3_000;
const MOST_PENDING_MS = 30_000;

asContender(ScaleConfig, async (config): Promise<ScaleRun> => {
  const random = new SeededRandom(1);
  const accounts = Array.from({ length: config.accounts }, (_, account) => ({
    account: `account-${account}`,
    flowLogs: Array.from({ length: config.flowLogs }, (_, index) => ({
      flowLogId: flowLogIdOf(account * config.flowLogs + index),
      pendingMs: random.integer(LEAST_PENDING_MS, MOST_PENDING_MS),
    })),
  }));
  const { ratePerSecond, workers, order } = config;
  const flowLogs = accounts.flatMap(({ account, flowLogs }) =>
    flowLogs.map((flowLog) => ({ account, ...flowLog })),
  );
  const world = startWorld({ flowLogs, ratePerSecond, workers, order });
  await letPollerTick(world, 0);
  const startedAt = world.time.now;
  const sqsBefore = world.counts.sqs.total;
  const requests = accounts.map(({ account, flowLogs }) =>
    world.request(
      flowLogs.map(({ flowLogId }) => flowLogId),
      account,
    ),
  );
  await world.time.runFor(Promise.all(requests));
  const lastAt = await untilCompleted(world, flowLogs.length);
  const pendingMs = new Map(flowLogs.map((flowLog) => [flowLog.flowLogId, flowLog.pendingMs]));
  return {
    ...quotaUseIn(world, { startedAt, lastAt, accounts: config.accounts, ratePerSecond }),
    sqsRequests: world.counts.sqs.total - sqsBefore,
    medianWait: median(waitsIn(world)),
    longestTickMs: longestTickIn(world),
    mostPending: mostPendingIn(world, pendingMs),
  };
});

function longestTickIn({ invocations }: Environment): number {
  const ticks = invocations.filter(({ name }) => name === DEPLOYED_AS.poller);
  return Math.max(...ticks.map(({ startedAt, endedAt }) => endedAt - startedAt));
}

/** By when each was Pending at Volcengine, and when it was told of. */
function mostPendingIn({ activeAt, events }: Environment, pendingMs: ReadonlyMap<string, number>): number {
  const changes = [...activeAt].flatMap(([flowLogId, at]) => [
    { at: at - (pendingMs.get(flowLogId) ?? 0), by: 1 },
    { at: events.completedAt.get(flowLogId) ?? at, by: -1 },
  ]);
  changes.sort((a, b) => a.at - b.at);
  let [pending, most] = [0, 0];
  for (const { by } of changes) {
    pending += by;
    most = Math.max(most, pending);
  }
  return most;
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCommandLine } from '../clients/terminal/command-line.ts';
import { integer } from '../clients/terminal/program.ts';
import { endInterrupted, onStopSignal } from '../local/stop-signals.ts';
import { projectStack } from '../local/template-stack.ts';
import { type LocalWorld, startLocalWorld } from '../local/world.ts';
import { activateFlowLogs, batchCounts, countCompletions, turnActive } from './callers.ts';
import { startCountedDynamoDb } from './counted-dynamodb.ts';
import { withNamedClients } from './named-clients.ts';
import { residentMb } from './process-memory.ts';
import { measureQuietTicks, type TickCost } from './quiet-ticks.ts';

const BATCH = 1_000;
/** Pending throughout, so that a tick has something to read: the same in every measurement. */
const WATCHED = 50;
const GROWTH_LIMIT = 1.2;
/** Without an end in so long, something is stuck. */
const STALL_MS = 120_000;
const PROGRESS_EVERY_MS = 10_000;

const {
  values: { activations: total },
} = readCommandLine({
  command: 'npm run load',
  about: `Sends activations through the local world as fast as it takes them, and watches memory, requests and what a tick
of the poller costs. Exits with 1 when one of them grows. Ten minutes with the default.`,
  options: {
    activations: integer({
      help: `a multiple of ${BATCH}`,
      from: 2 * BATCH,
      to: 1_000_000,
      multipleOf: BATCH,
      fallback: 10_000,
    }),
  },
  examples: ['--activations 2000'],
});

const startedAt = Date.now();
const say = (text: string) =>
  console.log(`${((Date.now() - startedAt) / 1_000).toFixed(0).padStart(5)} s  ${text}`);
const idsOf = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => `fl-${name}-${index}`);

const dataDir = await mkdtemp(join(tmpdir(), 'flow-log-activator-load-'));
onStopSignal((signal) => endInterrupted(signal, dataDir));
const dynamodb = await startCountedDynamoDb(dataDir);
const watched = idsOf('watched', WATCHED);
const world = await startLocalWorld({
  port: 0,
  dataDir,
  stack: withNamedClients(await projectStack()),
  env: {
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
    // Lifted: nobody is spared.
    RATE_LIMIT_PER_SECOND: '100000',
    POLL_TICK_MS: '1000',
    // Backlogs are longer here than a job's grace in the local world, whose queue does not forget while it runs.
    REQUEUE_AFTER_MS: '600000',
    VOLCENGINE_TIMEOUT_MS: '15000',
    POWERTOOLS_LOG_LEVEL: 'WARN',
  },
  fake: {
    autoCreate: { pattern: 'fl-load-*', pendingMs: 300 },
    seeds: watched.map((flowLogId) => ({ region: 'cn-beijing', flowLogId, pendingMs: 86_400_000 })),
  },
  onLog: ({ level, source, message }) => {
    if (level === 'ERROR') say(`${source}: ${message}`);
  },
});
try {
  process.exitCode = (await load(world)) ? 0 : 1;
} finally {
  await world.stop();
  await dynamodb.close();
  await rm(dataDir, { recursive: true, force: true });
}

async function load(world: LocalWorld): Promise<boolean> {
  const completions = countCompletions(world);
  const memory = async (moment: string) => {
    const [functions, cloud] = [await residentMb(world.functionsPid), await residentMb(world.cloudPid)];
    say(`${moment}: RSS functions ${functions.toFixed(0)} MB, cloud ${cloud.toFixed(0)} MB`);
    return functions;
  };
  const tickCost = async (finished: number): Promise<TickCost> => {
    const cost = await measureQuietTicks(dynamodb.requests);
    say(
      `${finished} finished: the poller makes ${cost.requests} requests and reads ${cost.itemsRead} items a tick`,
    );
    return cost;
  };

  const batchIds = [await activateFlowLogs(world, watched)];
  await memory('start');

  batchIds.push(await activateFlowLogs(world, idsOf('load-0', BATCH)));
  await progress(completions.ids, BATCH);
  const atFirst = await tickCost(BATCH);

  const floodedAt = Date.now();
  for (let index = 1; index < total / BATCH; index += 1) {
    batchIds.push(await activateFlowLogs(world, idsOf(`load-${index}`, BATCH)));
    say(`accepted ${(index + 1) * BATCH}`);
  }
  await progress(completions.ids, total / 2);
  const middleMb = await memory(`middle, ${total / 2} finished`);
  await progress(completions.ids, total);
  const perSecond = ((total - BATCH) * 1_000) / (Date.now() - floodedAt);
  say(`${total} finished, ${perSecond.toFixed(0)} a second since the second batch`);
  const endMb = await memory('end');
  const atLast = await tickCost(total);

  await turnActive(world, watched);
  await progress(completions.ids, total + WATCHED);
  await completions.stop();
  const counts = await batchCounts(world, batchIds);
  say(`batches: ${counts.completed} of ${counts.total} completed`);
  return verdict([
    [`all ${total + WATCHED} completed`, counts.completed === total + WATCHED],
    [`one completed event each (${completions.ids.size})`, completions.ids.size === total + WATCHED],
    [`RSS at the end ${(endMb / middleMb).toFixed(2)} × the middle`, endMb <= GROWTH_LIMIT * middleMb],
    ['no more requests a tick', atLast.requests <= atFirst.requests],
    ['no more items read a tick', atLast.itemsRead <= atFirst.itemsRead],
  ]);
}

/** Waits for so many completed events. Throws when none comes any more. */
async function progress(completed: ReadonlySet<string>, wanted: number): Promise<void> {
  let [seen, changedAt, saidAt] = [completed.size, Date.now(), Date.now()];
  while (completed.size < wanted) {
    await sleep(100);
    const now = Date.now();
    if (completed.size > seen) [seen, changedAt] = [completed.size, now];
    if (now - changedAt > STALL_MS) throw new Error(`stuck at ${seen} of ${wanted}`);
    if (now - saidAt < PROGRESS_EVERY_MS) continue;
    say(`${seen} finished`);
    saidAt = now;
  }
}

function verdict(checks: [what: string, holds: boolean][]): boolean {
  for (const [what, holds] of checks) say(`${holds ? '✓' : '✗'} ${what}`);
  return checks.every(([, holds]) => holds);
}

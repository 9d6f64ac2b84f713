import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import { readCommandLine, reportFailure } from '../../clients/terminal/command-line.ts';
import { printable } from '../../clients/terminal/printable.ts';
import { flag } from '../../clients/terminal/program.ts';
import { formatAsJson } from '../logs/format-record.ts';
import { endInterrupted, onStopSignal } from '../stop-signals.ts';
import { type LocalWorld, startLocalWorld } from '../world.ts';
import {
  addFaults,
  localSqsClient,
  readActivations,
  readDeadLetters,
  readEvents,
  readFlowLogs,
  requestActivations,
} from './observe.ts';
import { faultsOf, SCENARIOS, seedsOf } from './scenarios.ts';
import { createScreen, finalLines, prose } from './screen.ts';
import { delaysToEvent, differences, isOver, median, type Sight } from './verdict.ts';

const { values } = readCommandLine({
  command: 'npm run demo',
  about: `Starts a local world of its own, activates one flow log for every scenario in it, and shows how each ends. Takes about
half a minute. On a terminal the world then goes on, with its page in the browser, until Ctrl-C; piped, it ends.
Exits with 0 if all ended as planned, with 1 if not.`,
  options: { exit: flag('ends the world also on a terminal') },
  environment: {
    POLL_TICK_MS: 'the time between two ticks of the poller (default: 5000)',
    RATE_LIMIT_PER_SECOND: 'calls to Volcengine per second (default: 4)',
    RETRY_BASE_MS: 'the first retry comes within twice this time (default: 1000)',
    NO_COLOR: 'when set, no colours',
  },
  examples: ['', '--exit'],
});

const GIVE_UP_AFTER_MS = 50_000;
const LOOK_EVERY_MS = 250;

/** Runs one activation per scenario and prints how each ended. Returns true if all ended as planned. */
async function runDemo(world: LocalWorld, startedAt: number): Promise<boolean> {
  const { apiUrl, description } = world;
  const { deadLetter, events } = description.queues;
  if (deadLetter === undefined) throw new Error('the template has no dead-letter queue');
  const sqs = localSqsClient(description.sqs);
  const sights = new Map<string, Sight>(
    SCENARIOS.map(({ flowLogId }) => [flowLogId, { events: [], deadLetters: [] }]),
  );

  await addFaults(description.volcengine, faultsOf(SCENARIOS));
  const batchId = await requestActivations(
    apiUrl,
    SCENARIOS.map(({ flowLogId }) => flowLogId),
  );
  await requestActivations(
    apiUrl,
    SCENARIOS.filter(({ askedTwice }) => askedTwice).map(({ flowLogId }) => flowLogId),
  );

  const observe = async () => {
    const [activations, seenEvents, deadLetters] = await Promise.all([
      readActivations(apiUrl, batchId),
      readEvents(sqs, events),
      readDeadLetters(sqs, deadLetter),
    ]);
    for (const activation of activations) {
      const sight = sights.get(activation.flowLogId);
      if (sight) sight.activation = activation;
    }
    for (const event of seenEvents) sights.get(event.flowLogId)?.events.push(event);
    for (const deadLetter of deadLetters) {
      const about = [...sights.values()].find(
        ({ activation }) => activation?.activationId === deadLetter.activationId,
      );
      about?.deadLetters.push(deadLetter);
    }
  };
  const screen = createScreen(SCENARIOS, startedAt, process.stdout, process.env);
  do {
    await observe();
    screen.show(sights);
    if ([...sights.values()].every(isOver)) break;
    await sleep(LOOK_EVERY_MS);
  } while (Date.now() - startedAt < GIVE_UP_AFTER_MS);

  for (const { flowLogId, activeAt, effectiveActivations } of await readFlowLogs(description.volcengine)) {
    Object.assign(sights.get(flowLogId) ?? {}, { activeAt, effectiveActivations });
  }
  sqs.destroy();
  return report(sights, startedAt);
}

function report(sights: Map<string, Sight>, startedAt: number): boolean {
  console.log('');
  const ends = SCENARIOS.map((scenario) => {
    const sight = sights.get(scenario.flowLogId) ?? { events: [], deadLetters: [] };
    return { scenario, sight, wrong: differences(scenario, sight) };
  });
  for (const line of finalLines(ends, process.stdout)) console.log(line);
  const asPlanned = ends.filter(({ wrong }) => wrong.length === 0).length;
  const delays = delaysToEvent(sights.values());
  const tickMs = Number(process.env.POLL_TICK_MS || 5_000);
  const inSeconds = (ms: number | undefined) => (ms === undefined ? '–' : (ms / 1000).toFixed(2));
  say(`
${asPlanned} of ${SCENARIOS.length} ended as planned, in ${inSeconds(Date.now() - startedAt)} s.
From Active at Volcengine to the completed event on the bus: median ${inSeconds(median(delays))} s, \
longest ${inSeconds(delays.at(-1))} s, of ${delays.length} (POLL_TICK_MS ${inSeconds(tickMs)} s).`);
  return asPlanned === SCENARIOS.length;
}

function say(text: string): void {
  console.log(prose(text, process.stdout));
}

let dataDir: string | undefined;
/** Ends the world that goes on after the demo. */
let leave: (() => void) | undefined;
onStopSignal((signal) => (leave ? leave() : endInterrupted(signal, dataDir)));

/** Keeps the world until Ctrl-C, for the person at the terminal. */
async function goOn({ apiUrl, cloudExited }: LocalWorld): Promise<void> {
  say(`
The world goes on: look at it, cause faults, ask for more.
  ${styleText('cyan', `${apiUrl}/`, { stream: process.stdout })}
Ctrl-C ends it.`);
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  await Promise.race([left, cloudExited]);
}

/** Runs the demo in a local environment of its own. Keeps the log if it is useful. */
async function main(): Promise<boolean> {
  say(`Starting the local world: queue, table, bus, a fake Volcengine, and the functions.
(The first start compiles serverless.yml and takes about ten seconds longer.)`);
  dataDir = await mkdtemp(join(tmpdir(), 'flow-log-activator-demo-'));
  const logPath = join(dataDir, 'log.jsonl');
  const log = createWriteStream(logPath);
  let isGood = false;
  try {
    // The settings of the template, whatever else the caller's environment holds.
    const { POLL_TICK_MS, RATE_LIMIT_PER_SECOND, RETRY_BASE_MS } = process.env;
    const world = await startLocalWorld({
      env: { POLL_TICK_MS, RATE_LIMIT_PER_SECOND, RETRY_BASE_MS },
      port: 0,
      dataDir,
      fake: { seeds: seedsOf(SCENARIOS) },
      onLog: (record) => log.write(`${formatAsJson(record)}\n`),
    });
    say(`Asking ${world.apiUrl} to activate ${SCENARIOS.length} flow logs.\n`);
    try {
      isGood = await runDemo(world, Date.now());
      if (process.stdout.isTTY && !values.exit) await goOn(world);
    } finally {
      await world.stop();
    }
  } finally {
    await new Promise((resolve) => log.end(resolve));
    if (isGood) await rm(dataDir, { recursive: true, force: true });
    else console.error(`What the functions logged: ${printable(logPath)}`);
  }
  return isGood;
}

await main().then((isGood) => {
  process.exitCode = isGood ? 0 : 1;
}, reportFailure);

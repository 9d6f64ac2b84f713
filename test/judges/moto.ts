import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCommandLine } from '../../clients/terminal/command-line.ts';
import { printable } from '../../clients/terminal/printable.ts';
import { formatAsJson } from '../../local/logs/format-record.ts';
import { endInterrupted, onStopSignal } from '../../local/stop-signals.ts';
import { startLocalWorld } from '../../local/world.ts';
import { startReceiver } from './moto-receiver.ts';
import { PARTS, STORED_AT, seeds } from './moto-scenarios.ts';
import { startMoto } from './moto-server.ts';
import { pythonTools } from './python.ts';

readCommandLine({
  command: 'npm run judge:moto',
  about: `Runs the local world with SQS, DynamoDB, EventBridge and Parameter Store of moto (https://docs.getmoto.org), an implementation of AWS that
shares nothing with ours. Prints what comes out otherwise than planned, and fails when anything does. Needs python3, and
PyPI the first time.`,
  examples: [''],
});

/** How many differences there were; each is printed. */
async function play(directory: string, logPath: string): Promise<number> {
  const ends: (() => Promise<unknown>)[] = [];
  let differences = 0;
  try {
    const moto = await startMoto(await pythonTools());
    ends.push(moto.stop);
    const receiver = await startReceiver();
    ends.push(receiver.close);
    const log = createWriteStream(logPath);
    ends.push(() => new Promise((resolve) => log.end(resolve)));
    const endpoints = { receiver: { url: receiver.url, secrets: [receiver.secret] } };
    const world = await startLocalWorld({
      env: {
        AWS_ENDPOINT_URL_SQS: moto.url,
        AWS_ENDPOINT_URL_DYNAMODB: moto.url,
        AWS_ENDPOINT_URL_EVENTBRIDGE: moto.url,
        AWS_ENDPOINT_URL_SSM: moto.url,
        CONFIGURATION_SOURCE: `ssm:${STORED_AT}`,
        CONFIGURATION_REFRESH_MS: '1000',
        POLL_TICK_MS: '1000',
        RATE_LIMIT_PER_SECOND: '100',
        WEBHOOK_ENDPOINTS: JSON.stringify(endpoints),
      },
      port: 0,
      dataDir: join(directory, 'data'),
      fake: { seeds, autoCreate: { pattern: 'fl-stored', pendingMs: 500 } },
      onLog: (record) => log.write(`${formatAsJson(record)}\n`),
    });
    ends.push(() => world.stop());
    for (const { name, play: playScenario } of PARTS) {
      const found = await playScenario({ world, receiver, moto: moto.url }).catch((error: unknown) => [
        String(error),
      ]);
      console.log(`${found.length === 0 ? 'as planned' : 'DIFFERENT '}  ${name}`);
      for (const difference of found) console.log(`            ${printable(difference)}`);
      differences += found.length;
    }
  } finally {
    for (const end of ends.reverse()) await end();
  }
  return differences;
}

const directory = await mkdtemp(join(tmpdir(), 'flow-log-activator-moto-'));
onStopSignal((signal) => endInterrupted(signal, directory));
const logPath = join(directory, 'log.jsonl');
const differences = await play(directory, logPath).catch((error: unknown) => {
  console.error(printable(String(error)));
  return 1;
});
if (differences === 0) {
  await rm(directory, { recursive: true, force: true });
} else {
  console.error(`What the functions logged: ${printable(logPath)}`);
  process.exitCode = 1;
}

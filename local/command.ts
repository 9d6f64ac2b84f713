import { styleText } from 'node:util';
import { formatAsJson, formatForTerminal } from './logs/format-record.ts';
import type { LogRecord, LogSink } from './logs/log-record.ts';
import { onStopSignal, SIGNAL_EXIT_CODES, type StopSignal } from './stop-signals.ts';
import { type LocalWorld, startLocalWorld } from './world.ts';

/** A terminal sends Ctrl-C to npm and to this process, and npm forwards it. Within this time both count as one signal. */
const SAME_SIGNAL_MS = 300;

const onLog = process.stdout.isTTY ? terminalLog() : jsonLog();
let world: LocalWorld | undefined;
let stopRequestedAt: number | undefined;

onStopSignal(onSignal);

try {
  world = await startLocalWorld({ env: process.env, fake: { autoCreate: { pattern: '*' } }, onLog });
  announce(world);
  world.cloudExited.then(() => stop(1));
} catch (error) {
  report('ERROR', error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

function onSignal(signal: StopSignal): void {
  // Processes that were started end with this process.
  if (!world) process.exit(SIGNAL_EXIT_CODES[signal]);
  const now = Date.now();
  if (stopRequestedAt === undefined) {
    report('INFO', 'Stopping');
    void stop(0);
  } else if (now - stopRequestedAt > SAME_SIGNAL_MS) {
    void Promise.all([world.killFunctions(), world.killCloud()]).then(() => process.exit(130));
  }
}

async function stop(exitCode: number): Promise<void> {
  stopRequestedAt ??= Date.now();
  await world?.stop();
  process.exit(exitCode);
}

function announce({ apiUrl, description }: LocalWorld): void {
  if (!process.stdout.isTTY) {
    report('INFO', 'Started', { apiUrl, ...description });
    return;
  }
  const label = (text: string) => styleText('gray', text.padEnd(10));
  const service = new URL(apiUrl).port === '3000' ? '' : ` --url ${apiUrl}`;
  console.log(`
  ${styleText('bold', 'flow-log-activator')} runs at ${styleText('cyan', apiUrl)}

  ${label('page')}${apiUrl}/
  ${label('activate')}npx flow-log-activator activate fl-1 fl-2 --wait 1m${service}
  ${label('look')}npx flow-log-activator status${service}
  ${label('services')}curl ${apiUrl}/_local
  ${label('stop')}Ctrl-C
`);
}

function report(level: LogRecord['level'], message: string, fields: Record<string, unknown> = {}): void {
  onLog({ time: new Date().toISOString(), level, source: 'local', message, fields });
}

function terminalLog(): LogSink {
  return (record) => {
    const line = formatForTerminal(record);
    if (line !== undefined) console.log(line);
  };
}

function jsonLog(): LogSink {
  return (record) => console.log(formatAsJson(record));
}

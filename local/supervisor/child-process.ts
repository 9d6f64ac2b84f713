import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { COMPILE_CACHE_DIR } from '../compile-cache.ts';
import { type LogSink, sourceLog } from '../logs/log-record.ts';
import { readLines } from '../logs/read-lines.ts';
import { ChildMessage } from './messages.ts';

export type Exit = { code: number | null; signal: NodeJS.Signals | null };

export type Child<TReady> = {
  pid: number;
  ready: TReady;
  /** Resolves when the process has ended, for whatever reason. */
  exited: Promise<Exit>;
  /** Asks it to end; after the grace it is killed. Resolves when it has ended. */
  stop(graceMs?: number): Promise<Exit>;
  kill(): Promise<Exit>;
};

export type ChildOptions<TReady extends v.GenericSchema> = {
  /** For the log. */
  name: string;
  module: URL;
  config: unknown;
  readySchema: TReady;
  log: LogSink;
};

/** Two processes end one after the other, and a Ctrl-C should not take longer than 2 s. */
const STOP_GRACE_MS = 1000;

/** Starts a process that uses `runAsChild`, and resolves when it is ready. Rejects with the reason when it is not. */
export async function startChild<TReady extends v.GenericSchema>(
  options: ChildOptions<TReady>,
): Promise<Child<v.InferOutput<TReady>>> {
  const child = fork(fileURLToPath(options.module), {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE_DIR },
    execArgv: [],
  });
  // A supervisor that ends before it can ask leaves nothing running.
  const endWithUs = () => child.kill('SIGKILL');
  process.once('exit', endWithUs);
  child.once('exit', () => process.off('exit', endWithUs));
  forwardOutput(child, options);
  const exited = once(child, 'exit').then(([code, signal]): Exit => ({ code, signal }));
  const ready = firstMessage(child, options.log);
  child.send({ type: 'start', config: options.config });
  const first = await Promise.race([ready, exited]);
  if (!('ready' in first)) {
    const reason = 'failure' in first ? first.failure : `it ended with ${first.code ?? first.signal}`;
    throw new Error(`The ${options.name} process did not start: ${reason}`);
  }

  const kill = (): Promise<Exit> => {
    child.kill('SIGKILL');
    return exited;
  };
  return {
    pid: child.pid ?? 0,
    ready: v.parse(options.readySchema, first.ready),
    exited,
    kill,
    async stop(graceMs = STOP_GRACE_MS) {
      if (child.connected) child.send({ type: 'stop' }, () => {});
      const timer = setTimeout(kill, graceMs);
      try {
        return await exited;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

function firstMessage(child: ChildProcess, log: LogSink): Promise<{ ready: unknown } | { failure: string }> {
  return new Promise((resolve) => {
    child.on('message', (message) => {
      const parsed = v.parse(ChildMessage, message);
      if (parsed.type === 'log') log(parsed.record);
      if (parsed.type === 'ready') resolve({ ready: parsed.ready });
      if (parsed.type === 'failed') resolve({ failure: parsed.message });
    });
  });
}

/** What a process writes itself, and not through its log: warnings of Node, crashes. */
function forwardOutput(child: ChildProcess, { name, log }: { name: string; log: LogSink }): void {
  const write = sourceLog(log, name);
  if (child.stdout) readLines(child.stdout, (line) => write('INFO', line));
  if (child.stderr) readLines(child.stderr, (line) => write('ERROR', line));
}

import { setTimeout as sleep } from 'node:timers/promises';
import { type LogSink, sourceLog } from '../logs/log-record.ts';
import { type Child, startChild } from './child-process.ts';
import { type FunctionsConfig, FunctionsReady, type WorldDescription } from './messages.ts';

const RESTART_DELAYS_MS = [0, 200, 1000, 5000];

/** Keeps the functions process running, on one port: the one it was given or first found. */
export class FunctionsSupervisor {
  readonly #sink: LogSink;
  #config: FunctionsConfig;
  #child: Child<{ port: number; description: WorldDescription }> | undefined;
  /** False while it is meant to be down. */
  #wanted = false;
  #starting: Promise<unknown> = Promise.resolve();
  readonly #stopping = new AbortController();

  constructor({ config, sink }: { config: FunctionsConfig; sink: LogSink }) {
    this.#config = config;
    this.#sink = sink;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Rejects when the process does not start, or is no longer wanted when it has. */
  async start(): Promise<{ apiUrl: string; description: WorldDescription }> {
    this.#wanted = true;
    const start = this.#startChild();
    this.#starting = start.catch(() => {});
    return start;
  }

  async #startChild(): Promise<{ apiUrl: string; description: WorldDescription }> {
    const child = await startChild({
      name: 'functions',
      module: new URL('../functions-runner/main.ts', import.meta.url),
      config: this.#config,
      readySchema: FunctionsReady,
      log: this.#sink,
    });
    if (!this.#wanted) {
      await child.stop();
      throw new Error('The functions process was stopped while it started.');
    }
    this.#child = child;
    const { port, description } = child.ready;
    this.#config = { ...this.#config, settings: { ...this.#config.settings, port } };
    child.exited.then(async (exit) => {
      this.#child = undefined;
      if (this.#wanted) await this.#restart(exit);
    });
    return { apiUrl: `http://127.0.0.1:${port}`, description };
  }

  /** Kills it, and leaves it down. */
  async kill(): Promise<void> {
    this.#wanted = false;
    await this.#child?.kill();
  }

  async stop(): Promise<void> {
    this.#wanted = false;
    this.#stopping.abort();
    await this.#starting;
    await this.#child?.stop();
  }

  async #restart(exit: object): Promise<void> {
    const log = sourceLog(this.#sink, 'local');
    log('WARN', 'The functions process has ended and is started again', { ...exit });
    for (let attempt = 0; this.#wanted; attempt += 1) {
      const delayMs = RESTART_DELAYS_MS[Math.min(attempt, RESTART_DELAYS_MS.length - 1)];
      await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
      if (!this.#wanted) return;
      try {
        await this.start();
        log('INFO', 'The functions run again', { pid: this.pid });
        return;
      } catch (error) {
        log('ERROR', 'The functions could not be started again', { error: String(error) });
      }
    }
  }
}

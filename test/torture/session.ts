import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { formatAsJson } from '../../local/logs/format-record.ts';
import { type LocalWorld, startLocalWorld } from '../../local/world.ts';
import { tellFake } from '../support/tell-fake.ts';
import { type Collector, startCollector } from './collector.ts';
import { faultPlan } from './faults.ts';
import type { Ledger } from './ledger.ts';
import { CALL_TIMEOUT_MS, PENDING_DEADLINE_MS } from './scenarios.ts';

/** Faster than in production, by configuration alone. A lease outlives our timeout by ten seconds. */
const QUICK = {
  POLL_TICK_MS: '500',
  RATE_LIMIT_PER_SECOND: '200',
  RETRY_BASE_MS: '100',
  RETRY_CAP_MS: '2000',
  HOLD_RETRY_MS: '1000',
  REQUEUE_AFTER_MS: '3000',
  VOLCENGINE_TIMEOUT_MS: String(CALL_TIMEOUT_MS),
  PENDING_DEADLINE_MS: String(PENDING_DEADLINE_MS),
};

/** One world after the other on the same data directory, under faults and watched by a collector. */
export class Session {
  readonly #dataDir: string;
  readonly #seed: number;
  readonly #ledger: Ledger;
  readonly #log: WriteStream;
  #worlds = 0;
  #world: LocalWorld | undefined;
  #collector: Collector | undefined;

  constructor({ dataDir, seed, ledger }: { dataDir: string; seed: number; ledger: Ledger }) {
    this.#dataDir = dataDir;
    this.#seed = seed;
    this.#ledger = ledger;
    this.#log = createWriteStream(join(dataDir, 'log.jsonl'));
  }

  /** The world that runs. Throws between two of them. */
  get world(): LocalWorld {
    if (this.#world === undefined) throw new Error('no world runs');
    return this.#world;
  }

  /** Faults are not kept by a fake that is killed: each world has a plan of its own. */
  async start(): Promise<void> {
    const faults = faultPlan(this.#seed + this.#worlds);
    this.#worlds += 1;
    const world = await startLocalWorld({
      port: 0,
      dataDir: this.#dataDir,
      env: QUICK,
      onLog: (record) => this.#log.write(`${formatAsJson(record)}\n`),
    });
    const planned = faults.map(({ fault }) => fault);
    await tellFake(world.description.volcengine, 'faults', planned);
    this.#collector = startCollector(
      world,
      this.#ledger,
      faults.map(({ label }) => label),
    );
    this.#world = world;
  }

  /** As on AWS, where a crash of one's code takes no queue with it. */
  async killFunctions(): Promise<void> {
    await this.world.killFunctions();
    this.#ledger.functionKills += 1;
    await this.world.restartFunctions();
  }

  /** Everything at once, and again from what is on disk. */
  async killWorld(): Promise<void> {
    const { world } = this;
    this.#world = undefined;
    await Promise.all([world.killFunctions(), world.killCloud()]);
    this.#ledger.worldKilledAt.push(Date.now());
    await this.#collector?.stop();
    await world.stop();
    await this.start();
  }

  async stop(): Promise<void> {
    const world = this.#world;
    this.#world = undefined;
    await this.#collector?.stop();
    await world?.stop();
    await new Promise((resolve) => this.#log.end(resolve));
  }
}

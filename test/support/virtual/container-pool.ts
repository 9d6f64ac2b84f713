import { Container } from './container.ts';
import { deployedFunction } from './deployed.ts';
import { DEPLOYED_AS, type FunctionName, type Functions, functionsOf, type Invoke } from './functions.ts';
import { type Outside, outsideOf, type Surroundings } from './outside.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Other code than this version's. */
export type Version = { version: string; functionsOf: (outside: Outside) => Functions };

/** What runs the containers. */
export type Host = Surroundings & {
  time: VirtualTime;
  trace?(line: string): void;
  /** Which version the next invocation meets. Without it, or undefined: the code as it is. */
  drawVersion?(): Version | undefined;
  /** How far the clock of a container that starts now is ahead of true time. Without it, clocks are right. */
  drawClockMs?(): number;
  /** An invocation has failed that was shown no failure. */
  failed(container: string, error: unknown): void;
  ended?(invocation: { name: FunctionName; startedAt: number; output: unknown }): void;
};

type Warm<Input, Output> = {
  container: Container;
  invoke: Invoke<Input, Output>;
  version: Version | undefined;
};

export type PoolOptions<Input, Output> = {
  name: FunctionName;
  /** As in serverless.yml if not given. */
  timeoutMs?: number;
  /** A cold start: what is built here lives as long as the container. */
  build: (functions: Functions, container: Container) => Invoke<Input, Output>;
};

/** The containers of one function: one invocation at a time in each, warm ones first, killed when they time out. */
export class ContainerPool<Input, Output> {
  readonly #host: Host;
  readonly #options: PoolOptions<Input, Output>;
  readonly #deployed: { functionName: string; timeoutMs: number };
  #warm: Warm<Input, Output>[] = [];
  #started = 0;

  constructor(host: Host, options: PoolOptions<Input, Output>) {
    this.#host = host;
    this.#deployed = deployedFunction(DEPLOYED_AS[options.name]);
    this.#options = options;
  }

  get containers(): Container[] {
    return this.#warm.map(({ container }) => container);
  }

  /** Undefined when it failed, or did not live to answer. */
  async invoke(input: Input): Promise<Output | undefined> {
    const { time, trace, failed, ended } = this.#host;
    const { name, timeoutMs = this.#deployed.timeoutMs } = this.#options;
    const version = this.#host.drawVersion?.();
    const { container, invoke } = this.#idle(version) ?? this.#coldStart(version);
    const startedAt = time.now;
    const endsAt = startedAt + timeoutMs;
    let isOver = false;
    time.after(timeoutMs, () => {
      if (isOver) return;
      trace?.(`${container.name} TIMED OUT`);
      container.kill();
    });
    container.beginInvocation();
    try {
      const output = await invoke(input, () => endsAt - time.now);
      ended?.({ name, startedAt, output });
      return container.isAlive ? output : undefined;
    } catch (error) {
      const isExcused = !container.isAlive || container.faults > 0;
      if (!isExcused) failed(container.name, error);
      return undefined;
    } finally {
      isOver = true;
      container.isBusy = false;
      if (container.isRetired) container.kill();
      this.#warm = this.#warm.filter(({ container: { isAlive } }) => isAlive);
    }
  }

  #idle(wanted: Version | undefined): Warm<Input, Output> | undefined {
    return this.#warm.find(
      ({ version, container: { isAlive, isBusy, isRetired } }) =>
        version === wanted && isAlive && !isBusy && !isRetired,
    );
  }

  #coldStart(version: Version | undefined): Warm<Input, Output> {
    this.#started += 1;
    const host = this.#host;
    const suffix = version === undefined ? '' : `@${version.version}`;
    const name = `${this.#options.name}${suffix}-${this.#started}`;
    const container = new Container(name, host.time, host.drawClockMs?.());
    const functions = (version?.functionsOf ?? functionsOf)(
      outsideOf(container, host, this.#deployed.functionName),
    );
    const warm = { container, version, invoke: this.#options.build(functions, container) };
    this.#warm.push(warm);
    return warm;
  }
}

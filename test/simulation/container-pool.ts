import { Container } from './container.ts';
import type { Environment } from './environment.ts';
import { type Functions, functionsOf, type Invoke } from './functions.ts';
import { outsideOf } from './outside.ts';
import type { Release } from './releases.ts';

type Warm<Input, Output> = {
  container: Container;
  invoke: Invoke<Input, Output>;
  release: Release | undefined;
};

export type PoolOptions<Input, Output> = {
  name: string;
  timeoutMs: number;
  /** A cold start: what is built here lives as long as the container. */
  build: (functions: Functions, container: Container) => Invoke<Input, Output>;
};

/** The containers of one function: one invocation at a time in each, warm ones first, killed when they time out. */
export class ContainerPool<Input, Output> {
  readonly #environment: Environment;
  readonly #options: PoolOptions<Input, Output>;
  #warm: Warm<Input, Output>[] = [];
  #started = 0;

  constructor(environment: Environment, options: PoolOptions<Input, Output>) {
    this.#environment = environment;
    this.#options = options;
  }

  get containers(): Container[] {
    return this.#warm.map(({ container }) => container);
  }

  /** Undefined when it failed, or did not live to answer. */
  async invoke(input: Input): Promise<Output | undefined> {
    const { time, violate, trace } = this.#environment;
    const { timeoutMs } = this.#options;
    const release = this.#environment.rollout.draw();
    const { container, invoke } = this.#idle(release) ?? this.#coldStart(release);
    const endsAt = time.now + timeoutMs;
    let isOver = false;
    time.after(timeoutMs, () => {
      if (isOver) return;
      trace(`${container.name} TIMED OUT`);
      container.kill();
    });
    container.beginInvocation();
    try {
      const output = await invoke(input, () => endsAt - time.now);
      return container.isAlive ? output : undefined;
    } catch (error) {
      const isExcused = !container.isAlive || container.faults > 0;
      if (!isExcused) violate('no failure without a fault', `${container.name}: ${String(error)}`);
      return undefined;
    } finally {
      isOver = true;
      container.isBusy = false;
      if (container.isRetired) container.kill();
      this.#warm = this.#warm.filter(({ container: { isAlive } }) => isAlive);
    }
  }

  #idle(wanted: Release | undefined): Warm<Input, Output> | undefined {
    return this.#warm.find(
      ({ release, container: { isAlive, isBusy, isRetired } }) =>
        release === wanted && isAlive && !isBusy && !isRetired,
    );
  }

  #coldStart(release: Release | undefined): Warm<Input, Output> {
    this.#started += 1;
    const environment = this.#environment;
    const version = release === undefined ? '' : `@${release.version}`;
    const name = `${this.#options.name}${version}-${this.#started}`;
    const container = new Container(name, environment.time, environment.drawClockMs());
    const functions = (release?.functionsOf ?? functionsOf)(outsideOf(container, environment));
    const warm = { container, release, invoke: this.#options.build(functions, container) };
    this.#warm.push(warm);
    return warm;
  }
}

import { Container } from './container.ts';
import { type Functions, functionsOf, type Invoke } from './functions.ts';
import { outsideOf } from './outside.ts';
import type { World } from './world.ts';

type Warm<Input, Output> = { container: Container; invoke: Invoke<Input, Output> };

export type PoolOptions<Input, Output> = {
  name: string;
  timeoutMs: number;
  /** A cold start: what is built here lives as long as the container. */
  build: (functions: Functions, container: Container) => Invoke<Input, Output>;
};

/** The containers of one function: one invocation at a time in each, warm ones first, killed when they time out. */
export class ContainerPool<Input, Output> {
  readonly #world: World;
  readonly #options: PoolOptions<Input, Output>;
  #warm: Warm<Input, Output>[] = [];
  #started = 0;

  constructor(world: World, options: PoolOptions<Input, Output>) {
    this.#world = world;
    this.#options = options;
  }

  get containers(): Container[] {
    return this.#warm.map(({ container }) => container);
  }

  /** Undefined when it failed, or did not live to answer. */
  async invoke(input: Input): Promise<Output | undefined> {
    const { time, violate, trace } = this.#world;
    const { timeoutMs } = this.#options;
    const { container, invoke } = this.#idle() ?? this.#coldStart();
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

  #idle(): Warm<Input, Output> | undefined {
    return this.#warm.find(
      ({ container: { isAlive, isBusy, isRetired } }) => isAlive && !isBusy && !isRetired,
    );
  }

  #coldStart(): Warm<Input, Output> {
    this.#started += 1;
    const world = this.#world;
    const container = new Container(
      `${this.#options.name}-${this.#started}`,
      world.time,
      world.drawClockMs(),
    );
    const functions = functionsOf(outsideOf(container, world));
    const warm = { container, invoke: this.#options.build(functions, container) };
    this.#warm.push(warm);
    return warm;
  }
}

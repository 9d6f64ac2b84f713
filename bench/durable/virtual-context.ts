import type { DurableContext } from '@aws/durable-execution-sdk-js';
import type { Durable } from './function-parts.ts';
import type { Timeline } from './timeline.ts';

/** Of one execution, over all its invocations. */
export class VirtualExecution {
  /** Waits and I/O of the functions within it: what Lambda would bill, without processor time. */
  billedMs = 0;
  readonly #timeline: Timeline;
  #owedMs = 0;
  #waits = 0;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  /**
   * The test runner skips time: an attempt follows the one before at once. Here it first sleeps in virtual time for as
   * long as the execution asked to be suspended.
   */
  context(durable: DurableContext): Durable {
    let waitsOfThisInvocation = 0;
    return {
      step: (name, run, { retryStrategy, ...config } = {}) =>
        durable.step(name, () => this.#attempt(run), {
          ...config,
          ...(retryStrategy && {
            retryStrategy: (error, attempt) => {
              const decision = retryStrategy(error, attempt);
              this.#owedMs = (decision.delay?.seconds ?? 0) * 1_000;
              return decision;
            },
          }),
        }),
      wait: async (name, duration) => {
        waitsOfThisInvocation += 1;
        // The others are replayed.
        if (waitsOfThisInvocation > this.#waits) {
          this.#waits += 1;
          this.#owedMs = (duration.seconds ?? 0) * 1_000;
        }
        await durable.wait(name, duration);
      },
      waitForCondition: (name, check, config) =>
        durable.waitForCondition(name, (state) => this.#attempt(() => check(state)), {
          ...config,
          waitStrategy: (state, attempt) => {
            const decision = config.waitStrategy(state, attempt);
            this.#owedMs = decision.shouldContinue ? (decision.delay.seconds ?? 0) * 1_000 : 0;
            return decision;
          },
        }),
    };
  }

  async #attempt<Result>(run: () => Promise<Result>): Promise<Result> {
    const owedMs = this.#owedMs;
    this.#owedMs = 0;
    if (owedMs > 0) await this.#timeline.sleep(owedMs);
    const startedAt = this.#timeline.now();
    try {
      return await run();
    } finally {
      this.billedMs += this.#timeline.now() - startedAt;
    }
  }
}

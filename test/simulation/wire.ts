import type { SeededRandom } from '../support/fakes/seeded-random.ts';
import type { Container } from '../support/virtual/container.ts';
import type { Exchange, Wire } from '../support/virtual/outside.ts';
import type { VirtualTime } from '../support/virtual/virtual-time.ts';
import type { Faults } from './faults.ts';
import { type Io, ioOf } from './io.ts';

/** What it is for, where that cannot be read from what is asked. */
type SimulatedExchange<Answer> = Exchange<Answer> & Partial<Io>;

const FASTEST_MS = 1;

/**
 * Between a container and a service: every exchange takes its time both ways, so that exchanges at once come in
 * any order; what has been sent arrives even if its sender is killed meanwhile.
 */
export class FaultyWire implements Wire {
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #faults: Faults;
  /** One way, if nothing makes it slow. */
  readonly slowestMs: number;
  readonly trace: (line: string) => void;
  /** Something of it is lost, with what it was about to write. */
  onLost: (container: Container) => void = () => {};
  /** Slow on its way there, whatever is drawn. */
  isHeldUp: (asked: unknown) => boolean = () => false;

  constructor(time: VirtualTime, random: SeededRandom, faults: Faults, trace: (line: string) => void) {
    this.#time = time;
    this.#random = random;
    this.#faults = faults;
    this.slowestMs = random.pick([3, 30, 300]);
    this.trace = trace;
  }

  exchange<Answer>(container: Container, exchange: SimulatedExchange<Answer>): Promise<Answer> {
    const { service, asked, lost, timeoutMs, latestArrivalMs } = exchange;
    const io = { ...ioOf(service, asked), ...exchange };
    const { kind, about } = io;
    const isHeldUp = this.isHeldUp(asked);
    const faults = this.#faults;
    return container.wait((settle) => {
      const settleLost = (why: string) => {
        if (!settle(lost)) return;
        this.trace(`${container.name} ${kind} ${about}: ${why}`);
        container.faults += 1;
        this.onLost(container);
      };
      if (faults.crash(kind, 'before')) {
        this.#kill(container, `before ${kind} ${about}`);
        return;
      }
      if (faults.strike(`${service}: refused`)) {
        this.#later(() => settleLost('refused'));
        return;
      }
      if (service === 'volcengine' && faults.strike('volcengine: hangs')) {
        this.#time.after(timeoutMs, () => settleLost('hangs'));
        return;
      }
      const isSlow = isHeldUp || faults.strike(`${service}: slow`);
      const isSlowBack = isSlow && !isHeldUp && this.#random.chance(0.5);
      const slowly = (run: () => void) => this.#time.after(this.#slowly(timeoutMs, latestArrivalMs), run);
      const back = (run: () => void) => (isSlowBack ? slowly(run) : this.#later(run));
      const isAnswerLost = faults.strike(`${service}: answer lost`);
      const isRepeated =
        service !== 'volcengine' &&
        service !== 'credentials' &&
        service !== 'webhook' &&
        faults.strike(`${service}: answer lost, sent again by the SDK`);
      if (isSlow) this.#time.after(timeoutMs, () => settleLost('timed out'));
      const arrive = () => {
        let answer = this.#apply(container, exchange, io);
        if (container.isAlive && faults.crash(kind, 'after')) {
          this.#kill(container, `after ${kind} ${about}`);
          return;
        }
        const respond = () => (isAnswerLost ? settleLost('answer lost') : settle(answer));
        if (!isRepeated) {
          back(respond);
          return;
        }
        this.#later(() => {
          answer = this.#apply(container, exchange, io);
          back(respond);
        });
      };
      if (isSlow && !isSlowBack) slowly(arrive);
      else this.#later(arrive);
    });
  }

  #apply<Answer>(container: Container, { apply }: Exchange<Answer>, { kind, about }: Io): () => Answer {
    try {
      const answer = apply();
      this.#faults.sawIo(kind);
      this.trace(`${container.name} ${kind} ${about}`);
      return () => answer;
    } catch (error) {
      this.trace(`${container.name} ${kind} ${about}: ${error instanceof Error ? error.name : 'refused'}`);
      return () => {
        throw error;
      };
    }
  }

  #kill(container: Container, when: string): void {
    this.trace(`${container.name} CRASHED ${when}`);
    container.kill();
    this.onLost(container);
  }

  /** Any time, or just in time to be waited for. */
  #slowly(timeoutMs: number, latestArrivalMs: number): number {
    if (this.#random.chance(0.5)) return this.#random.integer(FASTEST_MS, latestArrivalMs);
    return this.#random.integer(timeoutMs * 0.7, Math.min(timeoutMs, latestArrivalMs));
  }

  #later(run: () => void): void {
    this.#time.after(this.#random.integer(FASTEST_MS, this.slowestMs), run);
  }
}

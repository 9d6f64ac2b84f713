import type { VirtualTime } from './virtual-time.ts';

/** What code in a container that was killed gets from its next await: it unwinds, and nothing of it is heard. */
class ContainerKilled extends Error {
  override name = 'ContainerKilled';
}

/** An invocation of a container, its clock, and when, in truth, it began and sent what is judged. */
export type Caller = { name: string; now: () => number; beganAt: number; sentAt: number };

/** False when nobody waits any more. */
type Settle<Value> = (answer: () => Value) => boolean;

/** One Lambda container: its memory lives until it is killed, and with it everything that it was waiting for. */
export class Container {
  readonly #name: string;
  #invocations = 0;
  #beganAt = 0;
  readonly #time: VirtualTime;
  readonly #waiting = new Set<(error: Error) => void>();
  isAlive = true;
  isBusy = false;
  /** Told to end after what it is doing. */
  isRetired = false;
  /** Failures it was shown: without one it has no excuse for failing. */
  faults = 0;

  /** How far its clock is ahead of true time. */
  readonly #aheadMs: number;

  constructor(name: string, time: VirtualTime, aheadMs = 0) {
    this.#name = name;
    this.#time = time;
    this.#aheadMs = aheadMs;
  }

  /** Its own clock. */
  now = (): number => this.#time.now + this.#aheadMs;

  /** Names the invocation as well: one's later writes are not the next one's. */
  get name(): string {
    return `${this.#name}.${this.#invocations}`;
  }

  get caller(): Caller {
    return { name: this.name, now: this.now, beganAt: this.#beganAt, sentAt: this.#time.now };
  }

  beginInvocation(): void {
    this.isBusy = true;
    this.faults = 0;
    this.#invocations += 1;
    this.#beganAt = this.#time.now;
  }

  kill(): void {
    this.isAlive = false;
    for (const reject of this.#waiting) reject(new ContainerKilled(this.name));
    this.#waiting.clear();
  }

  /** A promise that the outside settles, unless the container is killed first. Only the first answer counts. */
  wait<Value>(begin: (settle: Settle<Value>) => void): Promise<Value> {
    return new Promise((resolve, reject) => {
      if (!this.isAlive) {
        reject(new ContainerKilled(this.name));
        return;
      }
      this.#waiting.add(reject);
      begin((answer) => {
        if (!this.#waiting.delete(reject)) return false;
        try {
          resolve(answer());
        } catch (error) {
          reject(error);
        }
        return true;
      });
    });
  }

  sleep = (ms: number): Promise<void> =>
    this.wait((settle) => this.#time.after(ms, () => settle(() => undefined)));
}

import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { SeededRandom } from '../../test/support/fakes/seeded-random.ts';
import { RequestCounts } from './request-counts.ts';
import type { VirtualClock } from './virtual-clock.ts';

const BATCH_SIZE = 10;
const WINDOW_MS = 1_000;

export type DeliveryOrder = 'first-in' | 'any';

/** The work queue with its event source mapping: so many batches of ten at once, each received and deleted as one. */
export class Queue {
  readonly counts = new RequestCounts();
  readonly #clock: VirtualClock;
  readonly #order: DeliveryOrder;
  readonly #random = new SeededRandom(1);
  readonly #idle: ((bodies: string[]) => Promise<void>)[] = [];
  #visible: string[] = [];
  #next = 0;
  #isWaiting = false;

  constructor(clock: VirtualClock, order: DeliveryOrder = 'first-in') {
    this.#clock = clock;
    this.#order = order;
  }

  /** Throws what the consumer throws: nothing fails in a bench. */
  addConsumer(consume: (bodies: string[]) => Promise<void>): void {
    this.#idle.push(consume);
  }

  execute(command: unknown): unknown {
    if (!(command instanceof SendMessageBatchCommand))
      throw new Error('the queue does not know this command');
    this.counts.add('SendMessageBatch');
    const { Entries = [] } = command.input;
    for (const { MessageBody = '', DelaySeconds = 0 } of Entries) {
      this.#clock.after(DelaySeconds * 1_000, () => {
        this.#visible.push(MessageBody);
        if (this.#visible.length - this.#next >= BATCH_SIZE) this.#deliver();
        else if (!this.#isWaiting) {
          this.#isWaiting = true;
          this.#clock.after(WINDOW_MS, () => {
            this.#isWaiting = false;
            this.#deliver();
          });
        }
      });
    }
    return { Successful: Entries.map(({ Id }) => ({ Id })), Failed: [] };
  }

  #mixNext(): void {
    const visible = this.#visible;
    const last = visible.length - 1;
    for (let index = this.#next; index < Math.min(this.#next + BATCH_SIZE, visible.length); index += 1) {
      const other = this.#random.integer(index, last);
      [visible[index], visible[other]] = [visible[other] ?? '', visible[index] ?? ''];
    }
  }

  #deliver(): void {
    const consume = this.#idle.pop();
    if (consume === undefined) return;
    if (this.#order === 'any') this.#mixNext();
    const bodies = this.#visible.slice(this.#next, this.#next + BATCH_SIZE);
    if (bodies.length === 0) {
      this.#idle.push(consume);
      return;
    }
    this.#next += bodies.length;
    if (this.#next === this.#visible.length) {
      this.#visible = [];
      this.#next = 0;
    }
    this.counts.add('ReceiveMessage');
    void consume(bodies).then(() => {
      this.counts.add('DeleteMessageBatch');
      this.#idle.push(consume);
      this.#deliver();
    });
  }
}

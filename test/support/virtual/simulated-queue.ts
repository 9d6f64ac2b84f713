import type { SeededRandom } from '../fakes/seeded-random.ts';
import type { Faults } from './faults.ts';
import type { VirtualTime } from './virtual-time.ts';

export type Message = { messageId: string; number: number; body: string; receives: number };

type QueueOptions = {
  visibilityTimeoutMs: number;
  /** Received more often, a message is moved to `poison`. */
  maxReceives: number;
  poison?: SimulatedQueue | undefined;
};

/** No message is delivered twice while the queue holds so many. */
const COPIED_BELOW = 100;
const AGAIN_MS = 20_000;

/** A standard queue: messages with a delay, and invisible while somebody has them. */
export class SimulatedQueue {
  /** All that are not deleted, oldest first. */
  readonly messages = new Map<string, Message>();
  visibilityTimeoutMs: number;
  /** In which order, and how many at once: SQS promises neither. First in, first out, as many as there may be. */
  choose: (visible: Iterable<Message>, most: number) => Message[] = firstOf;
  /** A message can be received by then. */
  onVisible: () => void = () => {};
  /** Has taken a message. */
  onSent: (body: string) => void = () => {};
  /** Beside those that send: one that has received something, one that deletes a batch. */
  onRequest: (operation: 'ReceiveMessage' | 'DeleteMessageBatch') => void = () => {};
  readonly #visible = new Map<string, Message>();
  /** By the moment from which they are visible. */
  readonly #hidden = new Map<number, Message[]>();
  readonly #options: QueueOptions;
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #faults: Faults<'delivery: twice'>;
  #sent = 0;

  constructor(
    options: QueueOptions,
    time: VirtualTime,
    random: SeededRandom,
    faults: Faults<'delivery: twice'>,
  ) {
    this.#options = options;
    this.visibilityTimeoutMs = options.visibilityTimeoutMs;
    this.#time = time;
    this.#random = random;
    this.#faults = faults;
  }

  get bodies(): string[] {
    return [...this.messages.values()].map(({ body }) => body);
  }

  get visibleCount(): number {
    return this.#visible.size;
  }

  send(body: string, delayMs = 0): void {
    this.#sent += 1;
    const messageId = `m-${this.#sent}`;
    const message = { messageId, number: this.#sent, body, receives: 0 };
    this.messages.set(messageId, message);
    this.#showAfter(message, delayMs);
    this.onSent(body);
  }

  /** So many of the visible messages at most, invisible from now on; those received too often are moved away. */
  receive(most: number): Message[] {
    this.#show();
    const received = this.choose(this.#visible.values(), most).filter((message) => {
      this.#visible.delete(message.messageId);
      message.receives += 1;
      if (message.receives > this.#options.maxReceives) {
        this.messages.delete(message.messageId);
        this.#options.poison?.send(message.body);
        return false;
      }
      this.#showAfter(message, this.visibilityTimeoutMs);
      // Copies of copies would become more without end where each is deferred again and again.
      const isCopied = this.#faults.strike('delivery: twice') && this.messages.size < COPIED_BELOW;
      if (isCopied) this.send(message.body, this.#random.integer(0, AGAIN_MS));
      return true;
    });
    if (received.length > 0) this.onRequest('ReceiveMessage');
    return received;
  }

  delete(messageIds: string[]): void {
    if (messageIds.length > 0) this.onRequest('DeleteMessageBatch');
    for (const messageId of messageIds) {
      this.messages.delete(messageId);
      this.#visible.delete(messageId);
    }
  }

  #showAfter(message: Message, delayMs: number): void {
    const at = this.#time.now + Math.round(delayMs);
    const hidden = this.#hidden.get(at) ?? [];
    hidden.push(message);
    this.#hidden.set(at, hidden);
    this.#time.after(delayMs, () => {
      this.#show(at);
      if (this.#visible.has(message.messageId)) this.onVisible();
    });
  }

  /** All that was hidden until then, whichever of them comes first. */
  #show(at = this.#time.now): void {
    for (const message of this.#hidden.get(at) ?? []) {
      if (this.messages.has(message.messageId)) this.#visible.set(message.messageId, message);
    }
    this.#hidden.delete(at);
  }
}

function firstOf(visible: Iterable<Message>, most: number): Message[] {
  const first: Message[] = [];
  for (const message of visible) {
    if (first.length === most) break;
    first.push(message);
  }
  return first;
}

import { SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SeededRandom } from '../support/fakes/seeded-random.ts';
import type { IoKind } from './fault-kinds.ts';
import type { Faults } from './faults.ts';
import type { Refusal } from './loads/refusals.ts';
import type { VirtualTime } from './virtual-time.ts';

export const WORK_QUEUE = 'work';
export const DEAD_LETTER_QUEUE = 'dead-letters';
export const POISON_QUEUE = 'poison';

export type Message = { messageId: string; body: string; visibleAt: number; receives: number };

/** As in infra/queues.yml, but for the visibility timeout, which is twice the worker's timeout here. */
export const VISIBILITY_TIMEOUT_MS = 60_000;
const MAX_DELAY_SECONDS = 900;
/** No message is delivered twice while the queue holds so many. */
const COPIED_BELOW = 100;
const MAX_RECEIVES = 5;
const BATCH_SIZE = 10;
const LATE_MS = 600_000;
const AGAIN_MS = 20_000;

export function sqsIo(command: unknown): { kind: IoKind; about: string } {
  if (!(command instanceof SendMessageBatchCommand)) return { kind: 'poison', about: '' };
  const about = (command.input.Entries ?? []).map(({ MessageBody }) => MessageBody?.slice(0, 60)).join();
  return { kind: command.input.QueueUrl === WORK_QUEUE ? 'enqueue' : 'send deadLetters', about };
}

/** The three queues at the level of the SDK's commands. What is due is fetched by `receive`. */
export class SimulatedSqs {
  /** Of the work queue, oldest first. */
  readonly messages = new Map<string, Message>();
  readonly deadLetters: string[] = [];
  readonly poisoned: string[] = [];
  visibilityTimeoutMs = VISIBILITY_TIMEOUT_MS;
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #faults: Pick<Faults, 'strike'>;
  #sent = 0;
  onDeadLetter: (body: string) => void = () => {};
  /** Which dead letter it refuses for what it is. */
  refusalOf: (body: string) => Refusal | undefined = () => undefined;
  /** A message can be received by then. */
  onVisible: () => void = () => {};

  constructor(time: VirtualTime, random: SeededRandom, faults: Pick<Faults, 'strike'>) {
    this.#time = time;
    this.#random = random;
    this.#faults = faults;
  }

  execute(command: unknown): unknown {
    if (command instanceof SendMessageCommand) {
      this.#accept(command.input.QueueUrl, command.input.MessageBody ?? '', 0);
      return {};
    }
    if (!(command instanceof SendMessageBatchCommand)) throw new Error('SQS does not know this command');
    const { QueueUrl, Entries = [] } = command.input;
    const Successful = [];
    const Failed = [];
    const refusals = Entries.map(({ MessageBody = '' }) =>
      QueueUrl === DEAD_LETTER_QUEUE ? this.refusalOf(MessageBody) : undefined,
    );
    if (refusals.includes('call')) {
      throw Object.assign(new Error('refused'), { name: 'InvalidMessageContents' });
    }
    for (const [index, { Id, MessageBody = '', DelaySeconds = 0 }] of Entries.entries()) {
      if (refusals[index] || DelaySeconds > MAX_DELAY_SECONDS) {
        Failed.push({ Id, Code: 'InvalidMessageContents', SenderFault: true });
      } else if (this.#faults.strike('sqs: entry refused')) {
        Failed.push({ Id, Code: 'InternalError', SenderFault: false });
      } else {
        this.#accept(QueueUrl, MessageBody, DelaySeconds * 1000);
        Successful.push({ Id });
      }
    }
    return { Successful, Failed };
  }

  /** Puts a message on the work queue, as anybody's tool can. */
  send(body: string, delayMs = 0): void {
    this.#sent += 1;
    const message = { messageId: `m-${this.#sent}`, body, visibleAt: 0, receives: 0 };
    this.messages.set(message.messageId, message);
    this.#showAfter(message, delayMs);
  }

  /** Up to ten of the visible messages, invisible from now on; those received too often are moved away. */
  receive(): Message[] {
    const visible = [...this.messages.values()].filter(({ visibleAt }) => visibleAt <= this.#time.now);
    const inOrder = visible.length < 2 || !this.#faults.strike('delivery: out of order');
    const ordered = inOrder ? visible : this.#random.shuffled(visible);
    return ordered.slice(0, this.#random.integer(1, BATCH_SIZE)).filter((message) => {
      message.receives += 1;
      if (message.receives > MAX_RECEIVES) {
        this.messages.delete(message.messageId);
        this.poisoned.push(message.body);
        return false;
      }
      this.#showAfter(message, this.visibilityTimeoutMs);
      // Copies of copies would become more without end where each is deferred again and again.
      const isCopied = this.#faults.strike('delivery: twice') && this.messages.size < COPIED_BELOW;
      if (isCopied) this.send(message.body, this.#random.integer(0, AGAIN_MS));
      return true;
    });
  }

  delete(messageId: string): void {
    this.messages.delete(messageId);
  }

  /** Takes one of the dead letters out of their queue, as a console's redrive does. */
  takeDeadLetter(): string | undefined {
    const index = this.#random.integer(0, Math.max(0, this.deadLetters.length - 1));
    return this.deadLetters.splice(index, 1)[0];
  }

  #accept(queueUrl: string | undefined, body: string, delayMs: number): void {
    if (queueUrl === WORK_QUEUE) {
      if (this.#faults.strike('delivery: never')) return;
      const lateMs = this.#faults.strike('delivery: late') ? this.#random.integer(0, LATE_MS) : 0;
      this.send(body, delayMs + lateMs);
    } else if (queueUrl === DEAD_LETTER_QUEUE) {
      this.deadLetters.push(body);
      this.onDeadLetter(body);
    } else if (queueUrl === POISON_QUEUE) {
      this.poisoned.push(body);
    } else {
      throw new Error(`there is no queue ${queueUrl}`);
    }
  }

  #showAfter(message: Message, delayMs: number): void {
    message.visibleAt = this.#time.now + delayMs;
    this.#time.after(delayMs, () => {
      if (this.messages.has(message.messageId) && message.visibleAt <= this.#time.now) this.onVisible();
    });
  }
}

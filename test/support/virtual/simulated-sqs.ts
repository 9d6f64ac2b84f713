import { SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { MAX_DELAY_MS } from '../../../lib/activation/model/policy.ts';
import type { SeededRandom } from '../fakes/seeded-random.ts';
import { deployedQueue } from './deployed.ts';
import type { Faults } from './faults.ts';
import { DEAD_LETTER_QUEUE, POISON_QUEUE, POLL_QUEUE, QUEUES, WORK_QUEUE } from './queues.ts';
import { SimulatedQueue } from './simulated-queue.ts';
import type { VirtualTime } from './virtual-time.ts';

type SqsFault = `delivery: ${'twice' | 'late' | 'never'}` | 'sqs: entry refused';

const LATE_MS = 600_000;

/** The queues at the level of the SDK's commands. */
export class SimulatedSqs {
  readonly queues = new Map<string, SimulatedQueue>();
  readonly work: SimulatedQueue;
  readonly deadLetters: SimulatedQueue;
  readonly poisoned: SimulatedQueue;
  readonly #random: SeededRandom;
  readonly #faults: Faults<SqsFault>;
  /** How a queue refuses a message for what it is: its entry, or the call that it is in. */
  refusalOf: (url: string, body: string) => 'entry' | 'call' | undefined = () => undefined;

  constructor(time: VirtualTime, random: SeededRandom, faults: Faults<SqsFault>) {
    this.#random = random;
    this.#faults = faults;
    for (const { url, deployedAs, ...redrive } of QUEUES) {
      const poison = 'poison' in redrive ? this.queue(redrive.poison) : undefined;
      const options = { ...deployedQueue(deployedAs), poison };
      this.queues.set(url, new SimulatedQueue(options, time, random, faults));
    }
    this.work = this.queue(WORK_QUEUE);
    this.deadLetters = this.queue(DEAD_LETTER_QUEUE);
    this.poisoned = this.queue(POISON_QUEUE);
  }

  queue(url = ''): SimulatedQueue {
    const found = this.queues.get(url);
    if (found === undefined) throw new Error(`there is no queue ${url}`);
    return found;
  }

  execute(command: unknown): unknown {
    if (command instanceof SendMessageCommand) {
      const { QueueUrl, MessageBody = '', DelaySeconds = 0 } = command.input;
      this.#accept(QueueUrl, MessageBody, DelaySeconds * 1_000);
      return {};
    }
    if (!(command instanceof SendMessageBatchCommand)) throw new Error('SQS does not know this command');
    const { QueueUrl = '', Entries = [] } = command.input;
    const Successful = [];
    const Failed = [];
    const refusals = Entries.map(({ MessageBody = '' }) => this.refusalOf(QueueUrl, MessageBody));
    if (refusals.includes('call')) {
      throw Object.assign(new Error('refused'), { name: 'InvalidMessageContents' });
    }
    for (const [index, { Id, MessageBody = '', DelaySeconds = 0 }] of Entries.entries()) {
      const delayMs = DelaySeconds * 1_000;
      if (refusals[index] || delayMs > MAX_DELAY_MS) {
        Failed.push({ Id, Code: 'InvalidMessageContents', SenderFault: true });
      } else if (this.#faults.strike('sqs: entry refused')) {
        Failed.push({ Id, Code: 'InternalError', SenderFault: false });
      } else {
        this.#accept(QueueUrl, MessageBody, delayMs);
        Successful.push({ Id });
      }
    }
    return { Successful, Failed };
  }

  /** What goes wrong on the way to a consumer does so in the queues of jobs and of ticks. */
  #accept(url: string | undefined, body: string, delayMs: number): void {
    const isLossy = url === WORK_QUEUE || url === POLL_QUEUE;
    if (isLossy && this.#faults.strike('delivery: never')) return;
    const isLate = isLossy && this.#faults.strike('delivery: late');
    this.queue(url).send(body, delayMs + (isLate ? this.#random.integer(0, LATE_MS) : 0));
  }
}

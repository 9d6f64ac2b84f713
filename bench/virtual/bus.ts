import {
  DescribeEventBusCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import * as v from 'valibot';
import { RequestCounts } from './request-counts.ts';

const Detail = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ id: v.string(), type: v.string(), subject: v.string() }),
);

/** Of an entry's Time; every 64 kB of an event are billed as one (Amazon EventBridge pricing). */
const TIME_BYTES = 14;
const BILLED_CHUNK_BYTES = 65_536;

/** The bus, which remembers when each event first came, by its id. */
export class Bus {
  readonly counts = new RequestCounts();
  readonly completedAt = new Map<string, number>();
  failed = 0;
  /** How many events came, of all types, and their size as PutEvents reckons it. */
  readonly events = { count: 0, bytes: 0, billed: 0 };
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  execute(command: unknown): unknown {
    if (command instanceof DescribeEventBusCommand) {
      this.counts.add('DescribeEventBus');
      return { Name: command.input.Name };
    }
    if (!(command instanceof PutEventsCommand)) throw new Error('the bus does not know this command');
    this.counts.add('PutEvents');
    const { Entries = [] } = command.input;
    for (const entry of Entries) {
      const { type, subject } = v.parse(Detail, entry.Detail);
      this.#count(entry);
      if (type.startsWith('flow-log-activation.failed.')) this.failed += 1;
      if (!type.startsWith('flow-log-activation.completed.') || this.completedAt.has(subject)) continue;
      this.completedAt.set(subject, this.#now());
    }
    return { Entries: Entries.map((_, index) => ({ EventId: `event-${index}` })), FailedEntryCount: 0 };
  }

  #count({ Source = '', DetailType = '', Detail: detail = '' }: PutEventsRequestEntry): void {
    const bytes = TIME_BYTES + Buffer.byteLength(Source + DetailType + detail);
    this.events.count += 1;
    this.events.bytes += bytes;
    this.events.billed += Math.ceil(bytes / BILLED_CHUNK_BYTES);
  }
}

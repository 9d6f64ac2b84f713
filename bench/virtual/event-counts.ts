import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import * as v from 'valibot';
import type { SimulatedEventBridge } from '../../test/support/virtual/simulated-eventbridge.ts';
import type { VirtualTime } from '../../test/support/virtual/virtual-time.ts';

const Event = v.pipe(v.string(), v.parseJson(), v.object({ type: v.string(), subject: v.string() }));

/** Of an entry's Time; every 64 kB of an event are billed as one (Amazon EventBridge pricing). */
const TIME_BYTES = 14;
const BILLED_CHUNK_BYTES = 65_536;

/** What came to the bus. */
export class EventCounts {
  /** When each activation's completed event first came. */
  readonly completedAt = new Map<string, number>();
  failed = 0;
  /** Events of all types, and their size as PutEvents reckons it. */
  readonly all = { count: 0, bytes: 0, billed: 0 };

  constructor(bus: SimulatedEventBridge, time: VirtualTime) {
    bus.onEvent = (detail, entry) => {
      const { type, subject } = v.parse(Event, detail);
      this.#count(entry);
      if (type.startsWith('flow-log-activation.failed.')) this.failed += 1;
      const isCompleted = type.startsWith('flow-log-activation.completed.');
      if (isCompleted && !this.completedAt.has(subject)) this.completedAt.set(subject, time.now);
    };
  }

  #count({ Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry): void {
    const bytes = TIME_BYTES + Buffer.byteLength(Source + DetailType + Detail);
    this.all.count += 1;
    this.all.bytes += bytes;
    this.all.billed += Math.ceil(bytes / BILLED_CHUNK_BYTES);
  }
}

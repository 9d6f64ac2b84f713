import {
  DescribeEventBusCommand,
  type EventBridgeClient,
  PutEventsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-eventbridge';
import { EVENT_SOURCE } from '../../events/cloud-event.ts';
import { mapConcurrently } from '../activation/concurrency.ts';
import type { Event, EventPublisher, Log, Metrics } from '../activation/ports.ts';
import { chunkBySize } from './chunk-by-size.ts';
import { messageText } from './message-text.ts';

/** PutEvents takes at most 10 entries; their size is 14 bytes for Time, and Source, DetailType and Detail. */
const ENTRIES_LIMIT = 10;
const BYTES_LIMIT = 240_000;
const ENTRY_OVERHEAD_BYTES = 200;
const CALLS_AT_ONCE = 4;

export type PublisherOptions = {
  client: EventBridgeClient;
  busName: string;
  log: Log;
  metrics: Metrics;
};

/**
 * The bus behind the port. PutEvents answers success for a bus that does not exist (EventBridge API reference,
 * PutEvents), so the bus is asked for before and after each publication: only what went to one that was there all
 * along counts. One that is deleted and made again in between, within milliseconds, is not noticed.
 */
export function createEventBridgePublisher(options: PublisherOptions): EventPublisher {
  const { client, busName, log, metrics } = options;

  const busExists = async (): Promise<boolean> => {
    try {
      await client.send(new DescribeEventBusCommand({ Name: busName }));
      return true;
    } catch (error) {
      const missing = error instanceof ResourceNotFoundException;
      // Whether it is missing or cannot be asked for, nothing is published: both must wake somebody.
      metrics.count('EventBusMissing');
      log.error(missing ? 'the event bus does not exist' : 'the event bus could not be asked for', {
        busName,
        cause: String(error),
      });
      return false;
    }
  };

  const putEvents = async (events: Event[], published: Set<string>) => {
    try {
      const { Entries = [] } = await client.send(
        new PutEventsCommand({
          Entries: events.map(({ type, at, body }) => ({
            EventBusName: busName,
            Source: EVENT_SOURCE,
            DetailType: type,
            Detail: body,
            Time: new Date(at),
          })),
        }),
      );
      for (const [index, { id, type }] of events.entries()) {
        const { EventId, ErrorCode = 'NoResult', ErrorMessage } = Entries[index] ?? {};
        if (EventId) published.add(id);
        else log.warn('an event was refused by the bus', { id, type, code: ErrorCode, cause: ErrorMessage });
      }
    } catch (error) {
      log.warn('the bus could not be reached', { events: events.length, cause: String(error) });
    }
  };

  return {
    async publish(events) {
      const published = new Set<string>();
      if (events.length === 0 || !(await busExists())) return published;
      const bytesOf = ({ body }: Event) => Buffer.byteLength(body) + ENTRY_OVERHEAD_BYTES;
      const texts = events.map((event) => ({ ...event, body: messageText(event.body) }));
      const chunks = chunkBySize(texts, ENTRIES_LIMIT, BYTES_LIMIT, bytesOf);
      await mapConcurrently(chunks, CALLS_AT_ONCE, (chunk) => putEvents(chunk, published));
      if (published.size === 0 || (await busExists())) return published;
      return new Set();
    },
  };
}

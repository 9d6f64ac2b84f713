import {
  DescribeEventBusCommand,
  type EventBridgeClient,
  PutEventsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-eventbridge';
import { EVENT_SOURCE } from '../../events/cloud-event.ts';
import type { Event, EventPublisher, PublishOutcome } from '../activation/model/message-ports.ts';
import type { Log, Metrics } from '../activation/model/ports.ts';
import { mapConcurrently } from '../runtime/concurrency.ts';
import { chunkBySize } from './chunk-by-size.ts';
import { messageText } from './message-text.ts';
import { isTemporary, sendIsolated } from './send-isolated.ts';

/** PutEvents accepts at most 10 entries. The size of one is 14 bytes for Time, plus Source, DetailType and Detail. */
const ENTRIES_LIMIT = 10;
const BYTES_LIMIT = 240_000;
const ENTRY_OVERHEAD_BYTES = 200;
const CALLS_AT_ONCE = 4;

export type PublisherOptions = { client: EventBridgeClient; busName: string; metrics: Metrics; log: Log };

/**
 * EventPublisher on an event bus. PutEvents reports success for a bus that does not exist (EventBridge API reference,
 * PutEvents). So the bus is described before and after each publication, and events count as published only if it
 * existed both times; then each has a log line. A bus that is deleted and created again in between, within
 * milliseconds, is not noticed.
 */
export function createEventBridgePublisher(options: PublisherOptions): EventPublisher {
  const { client, busName, metrics, log } = options;

  /** Returns why nothing can be published; undefined if the bus exists. */
  const findObstacle = async (): Promise<string | undefined> => {
    try {
      await client.send(new DescribeEventBusCommand({ Name: busName }));
      return undefined;
    } catch (error) {
      // A bus that is missing or cannot be described: in both cases nothing is published, and the alarm must fire.
      metrics.count('EventBusMissing');
      const isMissing = error instanceof ResourceNotFoundException;
      return isMissing
        ? `the event bus ${busName} does not exist`
        : `the event bus could not be described: ${error}`;
    }
  };

  const putEvents = async (events: Event[], outcome: PublishOutcome) => {
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
    for (const [index, { id }] of events.entries()) {
      const { EventId, ErrorCode = 'NoResult' } = Entries[index] ?? {};
      if (EventId) outcome.stored.add(id);
      else if (isTemporary(ErrorCode)) outcome.cause ??= ErrorCode;
      else outcome.refused.set(id, ErrorCode);
    }
  };

  return {
    async publish(events) {
      const outcome: PublishOutcome = { stored: new Set(), refused: new Map() };
      if (events.length === 0) return outcome;
      const obstacle = await findObstacle();
      if (obstacle !== undefined) return { ...outcome, cause: obstacle };
      const texts = events.map((event) => ({ ...event, body: messageText(event.body) }));
      const bytesOf = ({ body }: Event) => Buffer.byteLength(body) + ENTRY_OVERHEAD_BYTES;
      const chunks = chunkBySize(texts, ENTRIES_LIMIT, BYTES_LIMIT, bytesOf);
      await mapConcurrently(chunks, CALLS_AT_ONCE, (chunk) =>
        sendIsolated(chunk, outcome, (part) => putEvents(part, outcome)),
      );
      if (outcome.stored.size === 0) return outcome;
      const gone = await findObstacle();
      if (gone !== undefined) return { stored: new Set(), refused: new Map(), cause: gone };
      for (const { id: eventId, ids } of events) {
        if (outcome.stored.has(eventId)) log.info('event published', { ...ids, eventId });
      }
      return outcome;
    },
  };
}

import { randomUUID } from 'node:crypto';
import { ApiError } from './api-error.ts';
import { buildEnvelope, type EventEnvelope } from './envelope.ts';
import type { EventBus, RuleTarget } from './event-bus.ts';
import { targetInput } from './target-input.ts';
import { type EntryError, entryError, type PutEventsEntry, requestError } from './validate-entries.ts';

/** Hands one event to one target; rejects when the target did not take it. */
export type Deliver = (target: RuleTarget, body: string) => Promise<void>;

export type PutEventsWorld = {
  findBus: (nameOrArn: string) => EventBus | undefined;
  deliver: Deliver;
  /** Called for each event that a bus has taken. */
  onEvent: (event: EventEnvelope) => void;
  account: string;
  region: string;
};

export type PutEventsResult = { FailedEntryCount: number; Entries: ({ EventId: string } | EntryError)[] };

/**
 * Resolves when every target of every entry has its event. Returns the results in the order of the entries. If a target
 * refuses an event, its entry fails with InternalFailure, so that the sender repeats it; AWS would retry for 24 hours.
 * As on AWS, an entry for a bus that does not exist succeeds and is lost.
 */
export async function putEvents(entries: PutEventsEntry[], world: PutEventsWorld): Promise<PutEventsResult> {
  const problem = requestError(entries);
  if (problem !== undefined) throw new ApiError('ValidationException', problem);
  const results = await Promise.all(entries.map((entry) => putEvent(entry, world)));
  return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
}

async function putEvent(
  entry: PutEventsEntry,
  { findBus, deliver, onEvent, account, region }: PutEventsWorld,
): Promise<{ EventId: string } | EntryError> {
  const error = entryError(entry);
  if (error) return error;
  const id = randomUUID();
  const event = buildEnvelope(entry, { id, account, region, now: new Date() });
  const bus = findBus(entry.EventBusName ?? 'default');
  const targets = bus?.targetsOf(event) ?? [];
  const deliveries = await Promise.allSettled(
    targets.map((target) => deliver(target, targetInput(event, target))),
  );
  const failed = deliveries.find((delivery) => delivery.status === 'rejected');
  if (failed) return { ErrorCode: 'InternalFailure', ErrorMessage: String(failed.reason) };
  if (bus) onEvent(event);
  return { EventId: id };
}

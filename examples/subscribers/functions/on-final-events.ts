import { isActivationCompleted, isActivationFailed, parseEventBridgeEvent } from 'flow-log-activator/events';
import { describeEnd } from '../describe-end.ts';
import { RecentIds } from '../recent-ids.ts';

/** Lives as long as this container. Two containers may each write a line for one event: `eventId` tells. */
const handled = new RecentIds(1000);

/** Throws for what it cannot read: Lambda tries it again, and keeps it in FailedEvents in the end. */
export async function handler(input: unknown): Promise<void> {
  const parsed = parseEventBridgeEvent(input);
  if (parsed.outcome === 'unknown-type') return;
  if (parsed.outcome !== 'known') throw new Error(`Not an event of the contract: ${JSON.stringify(parsed)}`);

  const { event } = parsed;
  if (handled.has(event.id)) return;
  if (isActivationCompleted(event) || isActivationFailed(event)) {
    const level = isActivationCompleted(event) ? 'INFO' : 'WARN';
    console.log(JSON.stringify({ level, message: describeEnd(event), eventId: event.id }));
  }
  handled.add(event.id);
}

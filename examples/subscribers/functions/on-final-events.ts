import { isActivationCompleted, isActivationFailed, parseEventBridgeEvent } from 'flow-log-activator/events';
import { describeEnd } from '../describe-end.ts';
import { RecentIds } from '../recent-ids.ts';

/** Lives as long as this container. Two containers may each log the same event: `eventId` shows this. */
const handled = new RecentIds(1000);

/** Throws for an event that it cannot read. Lambda retries it, and then keeps it in FailedEvents. */
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

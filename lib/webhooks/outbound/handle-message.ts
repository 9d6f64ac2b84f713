import { type DeliveryDeps, type DeliveryResult, deliverWebhook } from './deliver-webhook.ts';
import { fanOut } from './fan-out.ts';
import { readMessage } from './messages.ts';

const UNREADABLE = 'neither an event of the bus, nor a delivery, nor a dead letter';

/**
 * Whatever is in the webhook queue. An event of the bus becomes a delivery for each endpoint, a delivery is tried, a
 * dead letter that was moved back is a delivery with a day of its own, and the rest goes to the poison queue.
 * Throws only for what another delivery of the message can mend.
 */
export async function handleMessage(
  deps: DeliveryDeps,
  { body, messageId }: { body: string; messageId: string },
  startBy: number,
): Promise<DeliveryResult | 'fanned-out' | 'poisoned'> {
  const message = readMessage(body);
  switch (message?.kind) {
    case 'event':
      await fanOut(deps, message.event);
      return 'fanned-out';
    case 'delivery':
      return deliverWebhook(deps, message.delivery, startBy);
    case 'deadLetter': {
      const { endpoint, event } = message.deadLetter;
      return deliverWebhook(deps, { endpoint, event, attempt: 1, firstAt: deps.now() }, startBy);
    }
    case undefined:
      await deps.queue.poison(body, UNREADABLE);
      deps.metrics.count('PoisonMessages');
      deps.log.error('message moved to the poison queue', { messageId, reason: UNREADABLE });
      return 'poisoned';
  }
}

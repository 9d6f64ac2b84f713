import { type DeliveryDeps, type DeliveryResult, deliverWebhook } from './deliver-webhook.ts';
import { fanOut } from './fan-out.ts';
import { readMessage } from './messages.ts';

const UNREADABLE = 'neither an event of the bus, nor a delivery, nor a dead letter';

/**
 * Handles a message of the webhook queue. An event of the bus becomes one delivery per endpoint. A delivery is
 * attempted. A dead letter that was moved back becomes a delivery with a new day of retries. Any other message goes to
 * the poison queue. Throws only if receiving the message again can help.
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
      deps.metrics.count('PoisonWebhooks');
      deps.log.error('message moved to the poison queue', { messageId, cause: UNREADABLE });
      return 'poisoned';
  }
}

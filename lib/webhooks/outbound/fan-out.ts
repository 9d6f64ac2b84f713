import type { Clock } from '../../activation/model/ports.ts';
import { type Endpoint, wants } from './endpoint.ts';
import type { CloudEvent } from './messages.ts';
import type { WebhookQueue } from './ports.ts';

/**
 * Queues one delivery per endpoint that wants the event, so that each is retried separately. Returns their number.
 * Throws if one was not stored. Then the event is received again, and endpoints may get it twice.
 */
export async function fanOut(
  deps: { endpoints: ReadonlyMap<string, Pick<Endpoint, 'name' | 'types'>>; queue: WebhookQueue; now: Clock },
  event: CloudEvent,
): Promise<number> {
  const firstAt = deps.now();
  const deliveries = [...deps.endpoints.values()]
    .filter((endpoint) => wants(endpoint, event.type))
    .map(({ name }) => ({ delivery: { endpoint: name, attempt: 1, firstAt, event }, delayMs: 0 }));
  if (deliveries.length > 0) await deps.queue.send(deliveries);
  return deliveries.length;
}

import { WebhookNotQueued } from '../../../lib/webhooks/outbound/errors.ts';
import type { Delivery, WebhookDeadLetter } from '../../../lib/webhooks/outbound/messages.ts';
import type { DeliveryMetrics, WebhookQueue } from '../../../lib/webhooks/outbound/ports.ts';

export class RecordingWebhookQueue implements WebhookQueue {
  readonly sent: { delivery: Delivery; delayMs: number }[] = [];
  readonly deadLetters: WebhookDeadLetter[] = [];
  readonly poisoned: { body: string; reason: string }[] = [];
  broken = false;

  async send(deliveries: { delivery: Delivery; delayMs: number }[]) {
    if (this.broken) throw new WebhookNotQueued('deliveries');
    this.sent.push(...structuredClone(deliveries));
  }

  async sendToDeadLetterQueue(deadLetter: WebhookDeadLetter) {
    if (this.broken) throw new WebhookNotQueued('a dead letter');
    this.deadLetters.push(structuredClone(deadLetter));
  }

  async poison(body: string, reason: string) {
    if (this.broken) throw new Error('queue down');
    this.poisoned.push({ body, reason });
  }
}

export class RecordingDeliveryMetrics implements DeliveryMetrics {
  readonly counts = new Map<string, number>();

  count(name: string, value = 1) {
    this.counts.set(name, (this.counts.get(name) ?? 0) + value);
  }
}

import type { Delivery, WebhookDeadLetter } from './messages.ts';

/** The queue between the bus and the endpoints, with the two queues behind it. All methods throw when not all was stored. */
export interface WebhookQueue {
  /** `delayMs` from 0 to 15 minutes, rounded up to whole seconds. */
  send(deliveries: { delivery: Delivery; delayMs: number }[]): Promise<void>;
  sendToDeadLetterQueue(deadLetter: WebhookDeadLetter): Promise<void>;
  /** For a message that nobody can read; `reason` in printable ASCII. */
  poison(body: string, reason: string): Promise<void>;
}

export type WebhookRequest = { headers: Record<string, string>; body: string };

/** `no-answer`: whether the receiver acted on it is unknown. */
export type PostOutcome =
  | {
      kind: 'answer';
      httpStatus: number;
      /** The header as it came, if it came once. */
      retryAfter?: string;
      /** The beginning of the body, printable. */
      excerpt: string;
    }
  | { kind: 'no-answer'; code: string; message: string; timedOut?: true };

/**
 * Sends one POST to its endpoint, within a bounded time; after a shorter one asks whether it goes on. Follows no redirect
 * and never rejects.
 */
export type Post = (request: WebhookRequest, goesOn?: () => boolean) => Promise<PostOutcome>;

/** Counters, by the names under which they are in CloudWatch. */
export interface DeliveryMetrics {
  count(
    name:
      | 'DeliveredWebhooks'
      | 'FailedWebhookAttempts'
      | 'DeadWebhooks'
      | 'DroppedWebhooks'
      | 'PoisonMessages',
    value?: number,
  ): void;
}

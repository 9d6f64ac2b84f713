import type { Delivery, WebhookDeadLetter } from './messages.ts';

/** The webhook queue, its dead-letter queue and its poison queue. Every method throws unless all messages were stored. */
export interface WebhookQueue {
  /** `delayMs` from 0 to 15 minutes, rounded up to whole seconds. */
  send(deliveries: { delivery: Delivery; delayMs: number }[]): Promise<void>;
  sendToDeadLetterQueue(deadLetter: WebhookDeadLetter): Promise<void>;
  /** Sends an unreadable message to the poison queue. `reason` is printable ASCII. */
  poison(body: string, reason: string): Promise<void>;
}

export type WebhookRequest = {
  headers: Record<string, string>;
  body: string;
  /** Parameters behind those of the endpoint's URL. */
  query?: Record<string, string>;
};

/** `no-response`: it is unknown whether the receiver handled the request. */
export type PostOutcome =
  | {
      kind: 'response';
      httpStatus: number;
      /** The unparsed header, if it came exactly once. */
      retryAfter?: string;
      /** The beginning of the body, printable. */
      excerpt: string;
      /** The same as it came, where the endpoint's answer is in it. Never logged. */
      body?: string;
    }
  | { kind: 'no-response'; code: string; message: string; timedOut?: true };

/**
 * Sends one POST to its endpoint, with a time limit. After the quick timeout, `goesOn` decides whether it continues.
 * Follows no redirect. Never rejects.
 */
export type Post = (request: WebhookRequest, goesOn?: () => boolean) => Promise<PostOutcome>;

/** Counters by their names in CloudWatch. */
export interface DeliveryMetrics {
  count(
    name:
      | 'DeliveredWebhooks'
      | 'FailedWebhookAttempts'
      | 'DeadWebhooks'
      | 'DroppedWebhooks'
      | 'PoisonWebhooks',
    value?: number,
  ): void;
}

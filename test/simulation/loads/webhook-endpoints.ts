import type { SQSClient } from '@aws-sdk/client-sqs';
import type { PostOutcome, WebhookRequest } from '../../../lib/webhooks/outbound/ports.ts';

/** What the sender of webhooks has of the outside, beside the rest. */
export type Endpoints = {
  receivers: {
    name: string;
    types: readonly string[] | undefined;
    secret: string;
    post: (request: WebhookRequest) => Promise<PostOutcome>;
  }[];
  /** Of the webhook queue and those behind it. */
  client: SQSClient;
  attemptTimeoutMs: number;
};

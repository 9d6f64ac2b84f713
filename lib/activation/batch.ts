import type { FlowLogRef } from './activation.ts';

/** What one request asked for, written before any of its activations is opened. Times in ms since the epoch. */
export type Batch = {
  batchId: string;
  /** Hash of the request's content: the same idempotency key with another content is refused. */
  bodyHash: string;
  flowLogs: FlowLogRef[];
  metadata: Record<string, string>;
  source: string;
  createdAt: number;
  version: number;
  /** Until all its activations are final. */
  dueAt?: number;
};

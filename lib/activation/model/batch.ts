import type { FlowLogRef } from './activation.ts';

/** What one request asked for, written before any of its activations is opened. Times in ms since the epoch. */
export type Batch = {
  batchId: string;
  /** Hash of the request's content: the same idempotency key with another content is refused. */
  bodyHash: string;
  flowLogs: FlowLogRef[];
  metadata: Record<string, string>;
  source: string;
  /** Who asked for it first, see principal.ts; absent where versions up to 0.3 stored it. */
  requestedBy?: string;
  createdAt: number;
  version: number;
  /** Until all its activations are final, and that has been told. */
  dueAt?: number;
  /** How often in a row the bus has refused the event of its end. */
  refusals?: number;
  /** Written once, for the first moment at which all its activations were final. */
  completed?: BatchCompletion;
};

/** How a batch ended: all that its event says of it, so that a redrive afterwards cannot change what is told. */
export type BatchCompletion = {
  /** When the last activation became final. */
  at: number;
  counts: { completed: number; failed: number };
  /** Of the completed ones. */
  adopted: number;
  /** How many failed for each reason. */
  reasons: Record<string, number>;
};

import type { FlowLogRef } from './activation.ts';
import type { Directed } from './goal.ts';
import type { Tracing } from './tracing.ts';

/** One request. It is stored before any of its activations is opened. Times in ms since the epoch. */
export type Batch = Directed &
  Tracing & {
    batchId: string;
    /** Hash of the request's content. The same idempotency key with different content is refused. */
    bodyHash: string;
    flowLogs: FlowLogRef[];
    metadata: Record<string, string>;
    source: string;
    /** The principal of the first request, see principal.ts. Absent if a version up to 0.3 stored it. */
    requestedBy?: string;
    createdAt: number;
    version: number;
    /** When the poller must check it. Absent once all its activations are final and its event is published. */
    dueAt?: number;
    /** How many times in a row the bus refused its completion event. */
    refusals?: number;
    /** Written once, when all its activations are final for the first time. */
    completed?: BatchCompletion;
  };

/** The content of the completion event. It is stored, so that a later redrive cannot change the event. */
export type BatchCompletion = {
  /** When the last activation became final. */
  at: number;
  counts: { completed: number; failed: number };
  /** How many of the completed ones were adopted. */
  adopted: number;
  /** How many failed for each reason. */
  reasons: Record<string, number>;
};

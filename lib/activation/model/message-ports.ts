import type { Directed } from './goal.ts';
import type { LogIds, Tracing } from './tracing.ts';

export type ActivationJob = {
  activationId: string;
  generation: number;
  /** Nothing to do before this time. Present if the turn of the job is later than SQS can delay it. */
  turnAt?: number;
  /** Do not call Volcengine, but redrive this failed generation, as its dead letter requests. */
  redrive?: true;
};

/** `isAlone`: in no message with other jobs, so that it cannot stop them if a worker crashes over it. */
export type DelayedJob = { job: ActivationJob; delayMs: number; isAlone?: true };

/** The work queue. A job only makes a worker read the item. A lost, doubled or late job changes no result. */
export interface ActivationQueue {
  /** Returns how many jobs could not be sent. The poller finds their activations by `dueAt`. */
  enqueue(jobs: DelayedJob[]): Promise<{ failed: number }>;
  /** Sends a message to the poison queue. Throws if it could not be stored, so that SQS delivers the message again. */
  poison(body: string, reason: string): Promise<void>;
}

export type DeadLetter = Directed & {
  activationId: string;
  generation: number;
  reason: string;
  lastError?: unknown;
  attempts: number;
  history: unknown[];
  /** Whether a redrive can succeed after the cause was removed. */
  redriveHelps: boolean;
};

/**
 * A CloudEvents JSON event (`body`) with the fields that the bus needs. `at`: ms since the epoch. `ids`: what its log line
 * names.
 */
export type Event = {
  id: string;
  type: string;
  at: number;
  body: string;
  ids: Tracing & Record<string, unknown>;
};

/**
 * The result of sending messages to the bus or a queue. Send messages that are in neither `stored` nor `refused` again
 * soon.
 */
export type PublishOutcome = {
  /** The ids of the messages that are certainly stored. */
  stored: Set<string>;
  /** Id → error code of the messages that were refused for their content. They would be refused again. */
  refused: Map<string, string>;
  /** Why the other messages were not stored. */
  cause?: string;
};

/**
 * The bus. Logs each event that it stored. Never throws. PutEvents reports success for a missing bus: that counts as a
 * failure here.
 */
export interface EventPublisher {
  publish(events: Event[]): Promise<PublishOutcome>;
}

/** Logs each dead letter that it stored. Never throws. */
export interface DeadLetterQueue {
  send(deadLetters: { id: string; deadLetter: DeadLetter; ids: LogIds }[]): Promise<PublishOutcome>;
}

/** Delayed messages that make the poller tick. */
export interface TickQueue {
  send(number: number, delayMs: number): Promise<void>;
}

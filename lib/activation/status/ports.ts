import type { Activation, FlowLogRef } from '../model/activation.ts';
import type { FailureReason } from '../model/outcome.ts';

/** A count that was cut is a lower bound. */
export type Count = { count: number; atLeast?: true };

/** What an index shows by its keys alone. `isCut`: it holds more than was read. */
export type Sample = { flowLogs: FlowLogRef[]; isCut: boolean };

export type TableSample = {
  open: Sample;
  failed: Map<FailureReason, Sample>;
  held: Sample;
  drifted: Sample;
  /** Activations that are due now, current or archived. */
  due: Sample;
  /** Those that are due within the next hour, such as what the bus or the dead-letter queue refused. */
  dueLater: Sample;
  /** Of everything that is due, in ms since the epoch. */
  oldestDueAt?: number;
  /** One of those on hold of each account: of those that were read the one that was created first. */
  oldestHeld: Activation[];
};

/** Reads the indexes up to a fixed cost, whatever the table holds. The result may be out of date by a moment. */
export interface TableSampler {
  sample(now: number): Promise<TableSample>;
}

export const QUEUE_NAMES = [
  'activation',
  'deadLetter',
  'poison',
  'poll',
  'webhook',
  'webhookDeadLetter',
  'webhookPoison',
] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

/** About how many messages can be received, are being processed, or are delayed. */
export type QueueDepth = { messages: number; inFlight: number; delayed: number };

/** Undefined: the queue gave no answer. Never throws. */
export interface QueueDepths {
  read(): Promise<Map<QueueName, QueueDepth | undefined>>;
}

/** An account or policy of the stored configuration that is not used. `problems` name places, never values. */
export const ENTRY_KINDS = ['account', 'policy', 'unknown'] as const;
export type DisabledEntry = {
  kind: (typeof ENTRY_KINDS)[number];
  name: string;
  problems: readonly string[];
};

/**
 * Times in ms since the epoch. Without `source` nothing is stored outside the environment. `failure`: why the last try to
 * read it failed; what was read before is used.
 */
export type ConfigurationState = {
  source?: string;
  readAt?: number;
  failure?: string;
  disabled: readonly DisabledEntry[];
};

/** Never throws. */
export interface ConfigurationReport {
  refresh(): Promise<void>;
  state(): ConfigurationState;
}

/** `refused`: we may not see or use it. `unknown`: it gave no answer. */
export const BUS_STATES = ['ok', 'missing', 'refused', 'unknown'] as const;
export type BusState = (typeof BUS_STATES)[number];

/** Never throws. */
export interface BusCheck {
  state(): Promise<BusState>;
}

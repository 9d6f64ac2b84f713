import type { SelectDeps } from '../batches/select-flow-logs.ts';
import type { StartDeps } from '../batches/start-batch.ts';
import type { DescribeForDriftDeps } from '../drift/describe-for-drift.ts';
import type { EventPublisher } from '../model/message-ports.ts';
import type { FlowLogPolicy } from './policy.ts';
import type { RunStore } from './ports.ts';

export type ScopeDeps = SelectDeps &
  StartDeps &
  DescribeForDriftDeps & {
    runs: RunStore;
  };

export type RunDeps = ScopeDeps & {
  publisher: EventPublisher;
  /** The aliases of all accounts that can be called. */
  aliases: () => readonly string[];
};

/**
 * In ms since the epoch. No account and region is begun after `beginUntil`: the next invocation goes on with it. Nothing is
 * read after `readUntil`; the poller opens what is not opened by `openUntil`.
 */
export type RunLimit = Record<'beginUntil' | 'readUntil' | 'openUntil' | 'leaseUntil', number>;

export type RunContext = {
  policy: FlowLogPolicy;
  /** All policies, to find those that contradict this one. */
  policies: readonly FlowLogPolicy[];
  mayDeactivate: boolean;
  plannedAt: number;
  /** Whether the run before had the same filter. Else what is not shown any more may only be out of the filter. */
  isSameSelection: boolean;
  limit: RunLimit;
  /** For the log. */
  ids: { policy: string; runId: string };
};

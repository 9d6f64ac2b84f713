import { type Activation, type ActivationStatus, type FlowLogRef, hasDrifted } from './activation.ts';
import { goalOf } from './goal.ts';
import { heldOf } from './history.ts';
import { flowLogKey } from './ids.ts';
import type { FailureReason } from './outcome.ts';

/** What a list shows: activations for which all of it holds. */
export type ListFilter = {
  status?: ActivationStatus;
  /** The direction: activations or deactivations. */
  desired?: 'Active' | 'Inactive';
  flowLog?: FlowLogRef;
  account?: string;
  region?: string;
  /** Failed for this reason, and neither redriven nor replaced by a later activation since. */
  reason?: FailureReason;
  /** On hold. */
  held?: true;
  /** Completed, and its drift lasts. */
  drift?: true;
  /** Times of creation, both included, in ms since the epoch. */
  createdFrom?: number;
  createdUntil?: number;
};

export function matches(filter: ListFilter, activation: Activation): boolean {
  const {
    status,
    desired,
    reason,
    held,
    drift,
    createdFrom = 0,
    createdUntil = Number.POSITIVE_INFINITY,
  } = filter;
  const { createdAt, archived } = activation;
  return (
    (status ?? activation.status) === activation.status &&
    (desired === undefined || goalOf(activation).status === desired) &&
    isInScope(filter, activation) &&
    (reason === undefined || (activation.reason === reason && !archived)) &&
    (held === undefined || heldOf(activation) !== undefined) &&
    (drift === undefined || (hasDrifted(activation) && !archived)) &&
    createdAt >= createdFrom &&
    createdAt <= createdUntil
  );
}

/** Whether the flow log, its account and its region are those of the filter. */
export function isInScope({ flowLog, account, region }: ListFilter, candidate: FlowLogRef): boolean {
  return (
    (flowLog === undefined || flowLogKey(flowLog) === flowLogKey(candidate)) &&
    (account ?? candidate.account) === candidate.account &&
    (region ?? candidate.region) === candidate.region
  );
}

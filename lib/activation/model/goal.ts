import type { FlowLogView } from './outcome.ts';
import type { Metrics } from './ports.ts';

/**
 * Where a record leads. Absent: to Active, an activation. Inactive: a deactivation. The goal is asked here and nowhere
 * else.
 */
export type Directed = { desired?: 'Inactive' };

export type Goal = {
  /** The status that completes it, once DescribeFlowLogs shows it. */
  status: 'Active' | 'Inactive';
  /** Volcengine's action, and the method of FlowLogApi that calls it. */
  action: 'ActiveFlowLog' | 'DeactiveFlowLog';
  call: 'activeFlowLog' | 'deactiveFlowLog';
  countCall(metrics: Metrics): void;
  /** For people and logs. */
  noun: 'activation' | 'deactivation';
};

const ACTIVATION: Goal = {
  status: 'Active',
  action: 'ActiveFlowLog',
  call: 'activeFlowLog',
  countCall: (metrics) => metrics.count('ActiveFlowLogCalls'),
  noun: 'activation',
};

const DEACTIVATION: Goal = {
  status: 'Inactive',
  action: 'DeactiveFlowLog',
  call: 'deactiveFlowLog',
  countCall: (metrics) => metrics.count('DeactiveFlowLogCalls'),
  noun: 'deactivation',
};

export function goalOf({ desired }: Directed): Goal {
  return desired === undefined ? ACTIVATION : DEACTIVATION;
}

/** The field of a record that leads there; nothing for an activation, so that its record stays as it always was. */
export function directionOf({ desired }: Directed): Directed {
  return desired === undefined ? {} : { desired };
}

/**
 * Whether the flow log is as the record wants it. Active counts in any case. Inactive counts if our call was accepted;
 * otherwise not while a lock explains it: such a flow log may be Active again once the lock is lifted.
 */
export function isReached(
  { desired, accepted }: Directed & { accepted?: boolean | undefined },
  view: FlowLogView,
): boolean {
  if (view.status !== goalOf({ desired }).status) return false;
  return desired === undefined || accepted === true || !(view.locked || view.restoring);
}

/** Whether a call can start from this status, now or as soon as the flow log is created. */
export function mayStart(directed: Directed, status: string): boolean {
  return status === 'Creating' || status === (directed.desired === undefined ? 'Inactive' : 'Active');
}

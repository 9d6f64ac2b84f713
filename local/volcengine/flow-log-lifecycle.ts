import type { FlowLog, FlowLogStatus, ParsedFlowLogSeed } from './flow-log.ts';

export function createFlowLog(seed: ParsedFlowLogSeed, account: string, now: number): FlowLog {
  const { frozen, status, plan, ...attributes } = seed;
  const flowLog: FlowLog = {
    ...attributes,
    account,
    status: 'Inactive',
    businessStatus: seed.businessStatus ?? (frozen ? 'FinancialLocked' : 'Normal'),
    lockReason: seed.lockReason ?? (frozen ? 'financial' : ''),
    plan: plan
      .map(({ afterMs, ...change }) => ({ ...change, at: now + afterMs }))
      .toSorted((a, b) => a.at - b.at),
    createdAt: now,
    updatedAt: now,
    activeCalls: 0,
    effectiveActivations: 0,
  };
  becomeStatus(flowLog, status, now);
  return flowLog;
}

type Lock = Pick<FlowLog, 'businessStatus' | 'lockReason'>;

export function isLocked({ businessStatus, lockReason }: Lock): boolean {
  return businessStatus !== 'Normal' || lockReason !== '';
}

/** Locked, and not being restored: `unlock` is a lock that is being lifted after payment. */
export function isFrozen(flowLog: Lock): boolean {
  return isLocked(flowLog) && flowLog.lockReason !== 'unlock';
}

/**
 * Applies everything that is due at `now`: the end of Pending and the planned changes, in order of time. Depends only
 * on stored absolute times, so it does not matter how often or how late it is called.
 */
export function settle(flowLog: FlowLog, now: number): void {
  for (;;) {
    const [planned] = flowLog.plan;
    const { pendingUntil } = flowLog;
    if (pendingUntil !== undefined && pendingUntil <= Math.min(now, planned?.at ?? now)) {
      becomeStatus(flowLog, flowLog.pendingTo ?? flowLog.activatesTo, pendingUntil);
    } else if (planned !== undefined && planned.at <= now) {
      flowLog.plan.shift();
      if (planned.frozen !== undefined) setFrozen(flowLog, planned.frozen, planned.at);
      if (planned.lockReason !== undefined) setLockReason(flowLog, planned.lockReason, planned.at);
      if (planned.status !== undefined) becomeStatus(flowLog, planned.status, planned.at);
    } else {
      return;
    }
  }
}

/** `pendingTo`: the status after Pending, if it is not `activatesTo`. */
export function becomeStatus(
  flowLog: FlowLog,
  status: FlowLogStatus,
  at: number,
  pendingTo?: 'Inactive',
): void {
  flowLog.status = status;
  if (pendingTo === undefined) delete flowLog.pendingTo;
  else flowLog.pendingTo = pendingTo;
  flowLog.updatedAt = at;
  if (status === 'Pending') flowLog.pendingAt = at;
  if (status === 'Active') flowLog.activeAt = at;
  schedulePendingEnd(flowLog, at);
}

/** A lock suspends a running activation; lifting it starts the time of Pending anew. */
function setFrozen(flowLog: FlowLog, frozen: boolean, at: number): void {
  flowLog.businessStatus = frozen ? 'FinancialLocked' : 'Normal';
  flowLog.lockReason = frozen ? 'financial' : '';
  flowLog.updatedAt = at;
  schedulePendingEnd(flowLog, at);
}

function setLockReason(flowLog: FlowLog, lockReason: string, at: number): void {
  flowLog.lockReason = lockReason;
  flowLog.updatedAt = at;
  schedulePendingEnd(flowLog, at);
}

function schedulePendingEnd(flowLog: FlowLog, at: number): void {
  if (flowLog.status === 'Pending' && !isLocked(flowLog)) flowLog.pendingUntil = at + flowLog.pendingMs;
  else delete flowLog.pendingUntil;
}

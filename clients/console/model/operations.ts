import type { OperationFilter, OperationRequest } from './contract.ts';
import type { Filters } from './route.ts';

type Action = OperationRequest['action'];

export const ACTION_TEXTS: Readonly<Record<Action, { label: string; ofAll: string; does: string }>> = {
  redrive: {
    label: 'Redrive',
    ofAll: 'Redrive all',
    does:
      'DescribeFlowLogs is asked first: what is Active by now completes at once, what still cannot succeed is refused and ' +
      'stays as it is, everything else is queued again.',
  },
  cancel: {
    label: 'Cancel',
    ofAll: 'Cancel all',
    does: 'What is queued fails as cancelled, and its subscribers get the failed event.',
  },
  'retry-now': {
    label: 'Retry now',
    ofAll: 'Retry all now',
    does: 'What waits after a call that did not succeed is called with the next turns.',
  },
};

/** What may be done with everything that a list shows, if its filters can be said as those of an operation. */
export function operationsFor({
  status,
  reason,
  held,
  drift,
  flowLogId,
  ...scope
}: Filters): OperationRequest[] {
  if (drift !== undefined) return [];
  const filter = { ...scope, ...(flowLogId !== undefined && { flowLogIds: [flowLogId] }) };
  if (reason !== undefined || status === 'failed') {
    if (held !== undefined) return [];
    return [
      {
        action: 'redrive',
        filter: orAll({ ...filter, ...(reason && { reason: reason as OperationFilter['reason'] }) }),
      },
    ];
  }
  if (held !== undefined && (status === undefined || status === 'queued')) {
    const ofHeld = { ...filter, held: true as const };
    return [
      { action: 'retry-now', filter: ofHeld },
      { action: 'cancel', filter: ofHeld },
    ];
  }
  if (status !== 'queued') return [];
  return [
    { action: 'retry-now', filter: orAll(filter) },
    { action: 'cancel', filter: orAll(filter) },
  ];
}

function orAll<Filter extends object>(filter: Filter): Filter | { all: true } {
  return Object.keys(filter).length === 0 ? { all: true } : filter;
}

/** Such as `reason frozen, account prod`, or `all`. */
export function describeFilter(filter: OperationFilter): string {
  const { all, held, flowLogIds, ...rest } = filter;
  const parts = [
    all && 'all',
    held && 'on hold',
    flowLogIds && (flowLogIds.length > 3 ? `${flowLogIds.length} flow logs` : flowLogIds.join(', ')),
    ...Object.entries(rest).map(([name, value]) => value && `${NAMES[name] ?? name} ${value}`),
  ];
  return parts.filter(Boolean).join(', ');
}

const NAMES: Readonly<Record<string, string>> = {
  batchId: 'batch',
  createdFrom: 'from',
  createdUntil: 'until',
};

/** The flow log that an activation's id names. An id of another form is shown whole. */
export function nameOf(activationId: string): { flowLogId: string; scope: string } {
  const [account, region, flowLogId, batchId, ...more] = activationId.split('.');
  if (flowLogId === undefined || batchId === undefined || more.length > 0)
    return { flowLogId: activationId, scope: '' };
  return { flowLogId, scope: `${account} · ${region}` };
}

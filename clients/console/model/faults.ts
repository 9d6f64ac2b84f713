/** A fault of the fake Volcengine, as its control routes take it. */
export type Fault = { kind: string; action?: string } & Record<string, unknown>;

export type PlannedFault = { faultId: number; fault: Fault; strikes: number };

export type FaultSwitch = { name: string; effect: string; fault: Fault };

/** What can go wrong at Volcengine, with a switch each. */
export const SWITCHES: readonly FaultSwitch[] = [
  {
    name: 'Volcengine throttles',
    effect: 'ActiveFlowLog gets 429: calls are made again, slower',
    fault: { kind: 'error', code: 'AccountFlowLimitExceeded', action: 'ActiveFlowLog' },
  },
  {
    name: 'Volcengine has an internal error',
    effect: 'ActiveFlowLog gets 500: calls are made again',
    fault: { kind: 'error', code: 'InternalError', action: 'ActiveFlowLog' },
  },
  {
    name: 'Another change is under way',
    effect: 'ActiveFlowLog gets 409: calls are made again',
    fault: { kind: 'error', code: 'InvalidOperation.Conflict', action: 'ActiveFlowLog' },
  },
  {
    name: 'The permission is missing',
    effect: 'ActiveFlowLog gets 403: activations are held until this is off',
    fault: { kind: 'error', code: 'AccessDenied', action: 'ActiveFlowLog' },
  },
  {
    name: 'Replies are lost',
    effect: 'ActiveFlowLog takes effect, and the connection is reset',
    fault: { kind: 'reset', action: 'ActiveFlowLog', processed: true },
  },
  {
    name: 'No reply comes',
    effect: 'every call hangs until its timeout',
    fault: { kind: 'hang' },
  },
  {
    name: 'A gateway answers',
    effect: 'every call gets 502 with a page of HTML',
    fault: { kind: 'html' },
  },
  {
    name: 'The state cannot be read',
    effect: 'DescribeFlowLogs gets 500: what is pending stays pending',
    fault: { kind: 'error', code: 'InternalError', action: 'DescribeFlowLogs' },
  },
];

/** Whether a planned fault is that of a switch: it has the same fields, and nothing narrows it down. */
export function isOf({ fault }: PlannedFault, one: FaultSwitch): boolean {
  const narrows = ['account', 'region', 'flowLogId', 'nth', 'times'].some(
    (name) => fault[name] !== undefined,
  );
  const keys = ['kind', 'code', 'action', 'processed'] as const;
  return !narrows && keys.every((key) => (fault[key] || undefined) === (one.fault[key] || undefined));
}

/** The fields of a fault that say something, for people. */
export function describeFault({ kind, code, action, flowLogId, nth, times }: Fault): string {
  const parts = [
    kind,
    code,
    action && `of ${action}`,
    flowLogId && `for ${flowLogId}`,
    Array.isArray(nth) && `call ${nth.join(', ')}`,
    times && `${times} times`,
  ];
  return parts.filter(Boolean).join(' ');
}

/** The faults that stay when one switch is turned off. */
export function withoutSwitch(planned: PlannedFault[], one: FaultSwitch): Fault[] {
  return planned.filter((each) => !isOf(each, one)).map(({ fault }) => fault);
}

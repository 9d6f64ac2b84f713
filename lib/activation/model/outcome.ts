/** Of a CallError's message, in characters. */
export const MESSAGE_LIMIT = 500;

/** What is kept of a failed call: never a header, a credential or a whole body. */
export type CallError = {
  /** Volcengine's `Error.Code`, or ours for a failure of the way (`ConnectTimeout`, `InvalidBody`, …). */
  code: string;
  /** At most MESSAGE_LIMIT characters. */
  message: string;
  httpStatus?: number;
  requestId?: string;
};

/** The closed list of reasons for which an activation fails. Documented in docs/reference/errors.md. */
export type FailureReason =
  | 'not-found'
  | 'frozen'
  | 'deleting'
  | 'activation-failed'
  | 'client-token-reused'
  | 'client-token-malformed'
  | 'invalid-request'
  | 'unexpected'
  | 'deadline-exceeded'
  | 'cancelled';

export const FAILURE_REASONS: readonly FailureReason[] = [
  'not-found',
  'frozen',
  'deleting',
  'activation-failed',
  'client-token-reused',
  'client-token-malformed',
  'invalid-request',
  'unexpected',
  'deadline-exceeded',
  'cancelled',
];

/** Every way a call to Volcengine can end without a usable answer. */
export type CallFailure =
  /** Nothing is decided: the same call again, with the same ClientToken. `soon`: the first call is still being processed. */
  | { kind: 'retry'; error: CallError; retryAfterMs?: number; soon?: boolean }
  /** The account is asked too often: again later, and slower for all. */
  | { kind: 'throttled'; error: CallError; retryAfterMs?: number }
  /** Credentials, permissions or configuration are wrong, not the job. */
  /* `unsent`: it is known that no call was made. */
  | { kind: 'hold'; error: CallError; unsent?: true }
  /** The flow log is not Inactive; DescribeFlowLogs has the last word. */
  | { kind: 'verify'; error: CallError }
  /** Refused for good. */
  | { kind: 'dead-letter'; reason: FailureReason; error: CallError };

/** How one ActiveFlowLog call ended. `accepted` means started, not Active; `asyncTaskId` names what was started. */
export type ActivateOutcome =
  | { kind: 'accepted'; requestId: string; asyncTaskId?: string }
  /** Nothing was sent: it had become too late to. */
  | { kind: 'not-sent' }
  | CallFailure;

/** A flow log as DescribeFlowLogs shows it. */
export type FlowLogView = {
  flowLogId: string;
  /** `Active`, `Pending`, `Inactive`, `Creating`, `Deleting`, `Failed`, or a value not known today. */
  status: string;
  /** Frozen: it cannot be activated, and collects nothing. */
  locked: boolean;
  /** A lock that is being lifted after payment: transient, and not `locked`. */
  restoring?: true;
  /** Of a locked one: Volcengine's LockReason, or its BusinessStatus. */
  lockReason?: string;
};

/** `described` holds every asked flow log that exists; one that is missing in it is absent at Volcengine. */
export type DescribeOutcome = { kind: 'described'; flowLogs: Map<string, FlowLogView> } | CallFailure;

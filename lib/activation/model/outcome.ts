/** Maximum length of a CallError's message, in characters. */
export const MESSAGE_LIMIT = 500;

/** The stored part of a failed call. It never holds a header, a credential or a whole body. */
export type CallError = {
  /** Volcengine's `Error.Code`, or our code for a transport failure (`ConnectTimeout`, `InvalidBody`, …). */
  code: string;
  /** At most MESSAGE_LIMIT characters. */
  message: string;
  httpStatus?: number;
  requestId?: string;
};

/** The closed list of failure reasons, documented in docs/reference/errors.md. */
export const FAILURE_REASONS = [
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
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** All classes of failed calls to Volcengine. */
export type CallFailure =
  /** Call again with the same ClientToken. `soon`: Volcengine still processes the first call. */
  | { kind: 'retry'; error: CallError; retryAfterMs?: number; soon?: boolean }
  /** Too many calls to this account. Call again later, and slow down all calls to the account. */
  | { kind: 'throttled'; error: CallError; retryAfterMs?: number }
  /** The credentials, the permissions or the configuration are wrong, not the job. `unsent`: no call was made. */
  | { kind: 'hold'; error: CallError; unsent?: true }
  /** The flow log is not in the status that the call starts from. DescribeFlowLogs decides. */
  | { kind: 'verify'; error: CallError }
  /** Refused permanently. */
  | { kind: 'dead-letter'; reason: FailureReason; error: CallError };

/** What a log line says of a failed call. No text of a server, which may quote what was sent: its code says enough. */
export function failureFields({ kind: outcome, error }: CallFailure) {
  const { code, httpStatus, requestId, message } = error;
  const cause = httpStatus === undefined ? message : undefined;
  return { outcome, code, httpStatus, requestId, cause };
}

/** How long Volcengine asks us to wait, in ms; undefined if it does not. */
export function retryAfterMsOf(failure: CallFailure): number | undefined {
  return 'retryAfterMs' in failure ? failure.retryAfterMs : undefined;
}

/**
 * The outcome of one ActiveFlowLog or DeactiveFlowLog call. `accepted` means started, not done. `asyncTaskId` names the
 * started task.
 */
export type ActivateOutcome =
  | { kind: 'accepted'; requestId: string; asyncTaskId?: string }
  /** No request was sent, because `notAfter` was over. */
  | { kind: 'not-sent' }
  | CallFailure;

/** A flow log as DescribeFlowLogs shows it. */
export type FlowLogView = {
  flowLogId: string;
  /** `Active`, `Pending`, `Inactive`, `Creating`, `Deleting`, `Failed`, or a value that is unknown today. */
  status: string;
  /** Frozen: it cannot be activated and collects nothing. */
  locked: boolean;
  /** The lock is being lifted after a payment. This is transient, and `locked` is false. */
  restoring?: true;
  /** Only if locked: Volcengine's LockReason, or else its BusinessStatus. */
  lockReason?: string;
};

/** `described` holds every requested flow log that Volcengine shows. A missing one is absent at Volcengine. */
export type DescribeOutcome = { kind: 'described'; flowLogs: Map<string, FlowLogView> } | CallFailure;

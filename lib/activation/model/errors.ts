/** Base class of the errors that a use case throws on purpose. `code` is stable and names the HTTP problem type. */
export class ActivationError extends Error {
  override name = 'ActivationError';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The idempotency key was used before with different content. Nothing was written. */
export class IdempotencyKeyReused extends ActivationError {
  override name = 'IdempotencyKeyReused';
  constructor() {
    super('idempotency-key-reused', 'this Idempotency-Key was used before with another request body');
  }
}

/** The activation, batch, plan, account, operation or report does not exist. */
export class NotFound extends ActivationError {
  override name = 'NotFound';
  constructor(what: 'activation' | 'batch' | 'plan' | 'account' | 'operation' | 'report') {
    super(`${what}-not-found`, `there is no such ${what}`);
  }
}

/** A value of the request is not valid. `field` names it as the caller does, for example `cursor`. */
export class InvalidField extends ActivationError {
  override name = 'InvalidField';
  readonly field: string;
  constructor(message: string, field: string) {
    super('invalid-content', message);
    this.field = field;
  }
}

/** The cursor was not returned by this list. */
export class InvalidCursor extends InvalidField {
  override name = 'InvalidCursor';
  constructor() {
    super('the cursor is not one of this list', 'cursor');
  }
}

/** The activation cannot be cancelled now. The message gives the reason. */
export class NotCancellable extends ActivationError {
  override name = 'NotCancellable';
  constructor(why: string) {
    super('not-cancellable', `it cannot be cancelled: ${why}`);
  }
}

/** No call for the activation can be planned now. The message gives the reason. */
export class NotRetryable extends ActivationError {
  override name = 'NotRetryable';
  constructor(why: string) {
    super('not-retryable', `it cannot be retried now: ${why}`);
  }
}

/** The activation cannot be redriven, or a redrive cannot succeed. The message gives the reason. */
export class NotRedrivable extends ActivationError {
  override name = 'NotRedrivable';
  constructor(why: string) {
    super('not-redrivable', `it cannot be redriven: ${why}`);
  }
}

/** A person has paused the account: nothing is called. The same request can succeed after it is resumed. */
export class AccountPaused extends ActivationError {
  override name = 'AccountPaused';
  constructor(account: string) {
    super('account-paused', `account ${account} is paused: nothing is called until it is resumed`);
  }
}

/** Deactivations are not allowed by this deployment. Nothing was written. */
export class DeactivationDisabled extends ActivationError {
  override name = 'DeactivationDisabled';
  constructor() {
    super(
      'deactivation-disabled',
      'this deployment deactivates nothing: its setting allowDeactivation allows it',
    );
  }
}

/** An open request for the flow log, in the other direction. */
export type OppositeRequest = {
  flowLogId: string;
  activationId: string;
  status: string;
  desired: 'Active' | 'Inactive';
};

/** Flow logs of the request have an open request in the other direction. Nothing was written. */
export class OppositeRequestOpen extends ActivationError {
  override name = 'OppositeRequestOpen';
  readonly open: OppositeRequest[];
  constructor(open: OppositeRequest[], noun: 'activation' | 'deactivation') {
    const [first, ...others] = open;
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    super(
      'opposite-request-open',
      `${noun === 'activation' ? 'an' : 'a'} ${noun} of ${first?.flowLogId}${more} is open: cancel it, or wait for its end`,
    );
    this.open = open;
  }
}

/** The same request can succeed later. */
export class TryLater extends ActivationError {
  override name = 'TryLater';
  readonly retryAfterSeconds: number;
  constructor(code: string, message: string, retryAfterMs: number) {
    super(code, message);
    this.retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  }
}

/**
 * The request is stored but not finished: too many batches wait for one flow log, or too many writers changed it
 * at once. Send the same request with the same key to continue it.
 */
export class RequestUnfinished extends TryLater {
  override name = 'RequestUnfinished';
  readonly batchId: string;
  constructor(batchId: string, message: string) {
    super('request-unfinished', message, 5_000);
    this.batchId = batchId;
  }
}

/** The record was written by another version of the code, or it is damaged. It is not changed. */
export class RecordUnreadable extends TryLater {
  override name = 'RecordUnreadable';
  constructor(what: string) {
    super('record-unreadable', `the record of ${what} cannot be read by this version of the service`, 60_000);
  }
}

/**
 * The event or the dead letter of the failure is not published yet. The poller normally publishes it in its next tick.
 */
export class OutboxPending extends TryLater {
  override name = 'OutboxPending';
  constructor() {
    super('outbox-pending', 'its failure is still being published', 5_000);
  }
}

/** DescribeFlowLogs gave no usable reply. */
export class DescribeFailed extends TryLater {
  override name = 'DescribeFailed';
  constructor(cause: string, retryAfterMs = 5_000) {
    super('describe-failed', `DescribeFlowLogs gave no usable reply: ${cause}`, retryAfterMs);
  }
}

/** The stored accounts could not be read yet, and the account of the request may be one of them. */
export class ConfigurationUnread extends TryLater {
  override name = 'ConfigurationUnread';
  constructor() {
    super(
      'configuration-unread',
      'the stored accounts cannot be read now; the account may be one of them',
      10_000,
    );
  }
}

/** Other writers changed the activation each time before our write. */
export class StoreContended extends TryLater {
  override name = 'StoreContended';
  constructor() {
    super('store-contended', 'too many changes to this activation at once', 1_000);
  }
}

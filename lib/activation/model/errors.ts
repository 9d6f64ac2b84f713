/** Base of everything that a use case refuses. `code` is stable and names the problem type over HTTP. */
export class ActivationError extends Error {
  override name = 'ActivationError';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The idempotency key was used before, with another content. Nothing was written. */
export class IdempotencyKeyReused extends ActivationError {
  override name = 'IdempotencyKeyReused';
  constructor() {
    super('idempotency-key-reused', 'this Idempotency-Key was used before with another request body');
  }
}

/**
 * The request is recorded but not wholly carried out: too many batches wait for a flow log, or writers kept
 * getting in each other's way. The same request with the same key goes on where it stopped.
 */
export class RequestUnfinished extends ActivationError {
  override name = 'RequestUnfinished';
  readonly batchId: string;
  readonly retryAfterSeconds: number;
  constructor(batchId: string, message: string) {
    super('request-unfinished', message);
    this.batchId = batchId;
    this.retryAfterSeconds = 5;
  }
}

/** There is no such activation, batch or plan. */
export class NotFound extends ActivationError {
  override name = 'NotFound';
  constructor(what: 'activation' | 'batch' | 'plan') {
    super(`${what}-not-found`, `there is no such ${what}`);
  }
}

/** The cursor is not one that this list gave out. */
export class InvalidCursor extends ActivationError {
  override name = 'InvalidCursor';
  constructor() {
    super('invalid-cursor', 'the cursor is not one of this list');
  }
}

/** It cannot be cancelled now; the message says why. */
export class NotCancellable extends ActivationError {
  override name = 'NotCancellable';
  constructor(why: string) {
    super('not-cancellable', `it cannot be cancelled: ${why}`);
  }
}

/** It cannot be redriven, or a redrive would be in vain; the message says why. */
export class NotRedrivable extends ActivationError {
  override name = 'NotRedrivable';
  constructor(why: string) {
    super('not-redrivable', `it cannot be redriven: ${why}`);
  }
}

/** Nothing was changed; the same request can succeed a little later. */
export class TryLater extends ActivationError {
  override name = 'TryLater';
  readonly retryAfterSeconds: number;
  constructor(code: string, message: string, retryAfterMs: number) {
    super(code, message);
    this.retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  }
}

/** Its record was written by another version of the code, or is damaged. It is left as it is. */
export class RecordUnreadable extends TryLater {
  override name = 'RecordUnreadable';
  constructor(what: string) {
    super('record-unreadable', `the record of ${what} cannot be read by this version of the service`, 60_000);
  }
}

/** The event and the dead letter of the failure are still on their way; a tick of the poller later they are out. */
export class OutboxPending extends TryLater {
  override name = 'OutboxPending';
  constructor() {
    super('outbox-pending', 'its failure is still being published', 5_000);
  }
}

/** DescribeFlowLogs gave no answer to look at. */
export class DescribeFailed extends TryLater {
  override name = 'DescribeFailed';
  constructor(cause: string, retryAfterMs = 5_000) {
    super('describe-failed', `DescribeFlowLogs gave no answer: ${cause}`, retryAfterMs);
  }
}

/** Other writers were faster, again and again. */
export class StoreContended extends TryLater {
  override name = 'StoreContended';
  constructor() {
    super('store-contended', 'too many changes to this activation at once', 1_000);
  }
}

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

/** There is no such activation or batch. */
export class NotFound extends ActivationError {
  override name = 'NotFound';
  constructor(what: 'activation' | 'batch') {
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

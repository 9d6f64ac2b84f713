import { ActivationError, TryLater } from '../../activation/model/errors.ts';

export class UnknownSource extends ActivationError {
  override name = 'UnknownSource';
  constructor() {
    super('webhook-source-not-found', 'there is no such webhook source');
  }
}

/** The message is the same for every cause, so that a forger learns nothing from it. */
export class SignatureRefused extends ActivationError {
  override name = 'SignatureRefused';
  constructor() {
    super('signature-refused', 'the request is not signed as this source demands');
  }
}

/** No secret of the source fits, and at least one cannot be read now. */
export class SecretsUnavailable extends TryLater {
  override name = 'SecretsUnavailable';
  constructor(retryAfterMs: number) {
    const message = 'a secret of this source cannot be read now; send the same again later';
    super('secrets-unavailable', message, retryAfterMs);
  }
}

/** The header with the delivery id is missing, repeated or malformed. */
export class InvalidDeliveryId extends ActivationError {
  override name = 'InvalidDeliveryId';
  readonly header: string;
  constructor(header: string) {
    super('invalid-content', 'must be one id of 1 to 255 visible ASCII characters');
    this.header = header;
  }
}

/** An expression of the source cannot be evaluated over this payload, or its result cannot be activated. */
export class ExpressionRefused extends ActivationError {
  override name = 'ExpressionRefused';
  /** `when`, `select.flowLogIds`, … */
  readonly expression: string;
  constructor(expression: string, text: string, problem: string) {
    super('invalid-content', `the expression ${text} ${problem}`);
    this.expression = expression;
  }
}

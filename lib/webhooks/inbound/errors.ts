import { ActivationError, InvalidField, TryLater } from '../../activation/model/errors.ts';

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
export class InvalidDeliveryId extends InvalidField {
  override name = 'InvalidDeliveryId';
  constructor(header: string) {
    super('must be one id of 1 to 255 visible ASCII characters', header);
  }
}

/**
 * An expression of the source cannot be evaluated over this payload, or its result cannot be activated. `expression` is
 * `when`, `select.flowLogIds`, …
 */
export class ExpressionRefused extends InvalidField {
  override name = 'ExpressionRefused';
  constructor(expression: string, text: string, problem: string) {
    super(`the expression ${text} ${problem}`, expression);
  }
}

import { ActivationError, TryLater } from '../../activation/model/errors.ts';

export class UnknownSource extends ActivationError {
  override name = 'UnknownSource';
  constructor() {
    super('webhook-source-not-found', 'there is no such webhook source');
  }
}

/** Says the same whatever was wrong: a forger learns nothing from it. */
export class SignatureRefused extends ActivationError {
  override name = 'SignatureRefused';
  constructor() {
    super('signature-refused', 'the request is not signed as this source demands');
  }
}

/** No known secret fits, and one of the source's cannot be read now. */
export class SecretsUnavailable extends TryLater {
  override name = 'SecretsUnavailable';
  constructor(retryAfterMs: number) {
    const message = 'a secret of this source cannot be read now; send the same again later';
    super('secrets-unavailable', message, retryAfterMs);
  }
}

/** The header with the sender's id of the delivery is missing, doubled, or no id. */
export class InvalidDeliveryId extends ActivationError {
  override name = 'InvalidDeliveryId';
  readonly header: string;
  constructor(header: string) {
    super('invalid-content', 'must be one id of 1 to 255 visible ASCII characters');
    this.header = header;
  }
}

/** An expression of the source cannot be evaluated over this payload, or gives what nobody can activate. */
export class SelectionRefused extends ActivationError {
  override name = 'SelectionRefused';
  /** `when`, `select.flowLogIds`, … */
  readonly expression: string;
  constructor(expression: string, text: string, problem: string) {
    super('invalid-content', `the expression ${text} ${problem}`);
    this.expression = expression;
  }
}

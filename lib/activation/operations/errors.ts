import { ActivationError } from '../model/errors.ts';

/** Between listing and deciding the activation got another generation, which the operation does not decide. */
export class OtherGeneration extends ActivationError {
  override name = 'OtherGeneration';
  constructor(generation: number) {
    super('other-generation', `meanwhile it is of generation ${generation}`);
  }
}

/** Each slice that had the activation in hand died. */
export class GivenUp extends ActivationError {
  override name = 'GivenUp';
  constructor() {
    super('given-up', 'each try was interrupted');
  }
}

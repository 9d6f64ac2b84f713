import { ActivationError } from '../model/errors.ts';

/** The bus did not store the event of a run. The next invocation, or the next run, publishes it again. */
export class PolicyRunNotPublished extends ActivationError {
  override name = 'PolicyRunNotPublished';
  constructor(eventId: string, why = 'no reason was given') {
    super('policy-run-not-published', `the bus did not store ${eventId}: ${why}`);
  }
}

/** Nothing was read. Its runs would not fit into an item of the table. */
export class PolicyTooLarge extends ActivationError {
  override name = 'PolicyTooLarge';
  constructor(scopes: number, limit: number) {
    super('policy-too-large', `it covers ${scopes} accounts and regions, more than ${limit}`);
  }
}

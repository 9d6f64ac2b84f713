import { ActivationError } from '../model/errors.ts';
import type { PlanDifference } from './plan-difference.ts';

/** The selector matches more than one request can look at. Nothing was written. */
export class SelectionTooLarge extends ActivationError {
  override name = 'SelectionTooLarge';
  constructor(limit: string) {
    const wayOut = 'narrow it by vpcId, project, resource or tags, or let a schedule do it';
    super('selection-too-large', `the selector covers ${limit}: ${wayOut}`);
  }
}

/** DescribeFlowLogs does not take what the selector asks for. Nothing was written. */
export class SelectorRefused extends ActivationError {
  override name = 'SelectorRefused';
  constructor(code: string, message: string) {
    super(
      'selector-refused',
      `Volcengine refuses the selector: ${code}: ${message}`.slice(0, 300).toWellFormed(),
    );
  }
}

/** The plan is of an account or region that this deployment does not serve any more. Nothing was started. */
export class ScopeRefused extends ActivationError {
  override name = 'ScopeRefused';
  constructor(why: string) {
    super('scope-refused', `the plan cannot be carried out: ${why}`);
  }
}

/** What the plan would start is not what the selector matches now. Nothing was started. */
export class PlanOutdated extends ActivationError {
  override name = 'PlanOutdated';
  readonly difference: PlanDifference;
  constructor(difference: PlanDifference) {
    const { appeared, gone, changed } = difference;
    const counts = `${appeared.count} appeared, ${gone.count} are gone, ${changed.count} changed`;
    super('plan-outdated', `the flow logs are not those of the plan any more: ${counts}`);
    this.difference = difference;
  }
}

/** The plan has been carried out before, with other metadata. Nothing was started. */
export class PlanExecutedOtherwise extends ActivationError {
  override name = 'PlanExecutedOtherwise';
  constructor() {
    super('plan-executed', 'the plan was carried out before, with other metadata');
  }
}

/** The bus has not taken the event of a plan that is stored nowhere. */
export class PlanNotPublished extends ActivationError {
  override name = 'PlanNotPublished';
  constructor(eventId: string, why = 'no reason was given') {
    super('plan-not-published', `the bus has not taken ${eventId}: ${why}`);
  }
}

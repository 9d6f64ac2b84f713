import { ActivationError } from '../model/errors.ts';
import type { PlanDifference } from './plan-difference.ts';

/** The selector covers more flow logs than one request can read. Nothing was written. */
export class SelectionTooLarge extends ActivationError {
  override name = 'SelectionTooLarge';
  constructor(limit: string) {
    const wayOut = 'narrow it by vpcId, project, resource or tags, or let a schedule do it';
    super('selection-too-large', `the selector covers ${limit}: ${wayOut}`);
  }
}

/** DescribeFlowLogs refuses the filters of the selector. Nothing was written. */
export class SelectorRefused extends ActivationError {
  override name = 'SelectorRefused';
  constructor(code: string, message: string) {
    super(
      'selector-refused',
      `Volcengine refuses the selector: ${code}: ${message}`.slice(0, 300).toWellFormed(),
    );
  }
}

/** This deployment no longer serves the plan's account or region. Nothing was started. */
export class ScopeRefused extends ActivationError {
  override name = 'ScopeRefused';
  constructor(why: string) {
    super('scope-refused', `the plan cannot be executed: ${why}`);
  }
}

/** The selector now matches other flow logs than the plan would start. Nothing was started. */
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

/** The plan was executed before with different metadata. Nothing was started. */
export class PlanExecutedOtherwise extends ActivationError {
  override name = 'PlanExecutedOtherwise';
  constructor() {
    super('plan-executed', 'the plan was executed before, with other metadata');
  }
}

/** The bus did not store the event of a plan. */
export class PlanNotPublished extends ActivationError {
  override name = 'PlanNotPublished';
  constructor(eventId: string, why = 'no reason was given') {
    super('plan-not-published', `the bus did not store ${eventId}: ${why}`);
  }
}

import { answersViolations, tableViolations } from './invariants/answers.ts';
import { batchEventViolations } from './invariants/batches.ts';
import { callViolations } from './invariants/calls.ts';
import { deadLetterViolations, eventViolations, poisonViolations } from './invariants/messages.ts';
import { scenarioViolations } from './invariants/scenarios.ts';
import type { Evidence } from './ledger.ts';
import type { Plan } from './plan.ts';
import type { Violation } from './violation.ts';

/** Everything that was seen and must not be. Pure: the same evidence, the same verdict. */
export function findViolations(plan: Plan, evidence: Evidence): Violation[] {
  return [
    ...answersViolations(evidence),
    ...eventViolations(evidence),
    ...batchEventViolations(evidence),
    ...deadLetterViolations(evidence),
    ...poisonViolations(evidence),
    ...callViolations(evidence),
    ...scenarioViolations(plan, evidence),
    ...tableViolations(evidence),
  ];
}

import type { Evidence } from '../ledger.ts';
import type { SeenActivation, SeenFlowLog } from '../observations.ts';
import type { Plan } from '../plan.ts';
import { CALL_TIMEOUT_MS, PENDING_DEADLINE_MS, type Scenario } from '../scenarios.ts';
import { lost, type Violation, wrong } from '../violation.ts';

/** Faults and kills may use up the time of a few, not of all. */
const LEAST_AS_PLANNED = 0.9;

/**
 * Every activation of a flow log ends as planned, whenever it was asked for, and completed means Active. The one
 * other end is the deadline, where DescribeFlowLogs could not be asked in time; Active wins even then.
 */
export function scenarioViolations({ flowLogs: planned }: Plan, evidence: Evidence): Violation[] {
  const { activations } = evidence;
  const scenarios = new Map(planned.map(({ flowLogId, scenario }) => [flowLogId, scenario]));
  const seen = new Map(evidence.flowLogs.map((flowLog) => [flowLog.flowLogId, flowLog]));
  const found: Violation[] = [];
  const firstOf = new Map<string, SeenActivation>();
  const late = new Set<string>();

  for (const activation of activations.toSorted((a, b) => a.createdAt - b.createdAt)) {
    const { activationId, flowLogId, status, reason, adopted } = activation;
    const scenario = scenarios.get(flowLogId);
    const flowLog = seen.get(flowLogId);
    if (!firstOf.has(flowLogId)) firstOf.set(flowLogId, activation);
    if (scenario === undefined) {
      found.push(wrong(`${activationId}: of no planned flow log`));
    } else if (!endedAsPlanned(activation, scenario, firstOf.get(flowLogId) === activation)) {
      late.add(flowLogId);
      if (!isDeadline(activation, flowLog)) {
        found.push(
          wrong(
            `${activationId}: ended ${JSON.stringify({ status, reason, adopted })}, planned ${scenario.name}`,
          ),
        );
      }
    }
    if (status === 'completed' && !wasActive(flowLog, activation.finishedAt)) {
      found.push(wrong(`${activationId}: completed, and Volcengine had not made it Active`));
    }
  }

  for (const { flowLogId, scenario } of planned) {
    if (!firstOf.has(flowLogId)) found.push(lost(`${flowLogId}: has no activation`));
    const starts = seen.get(flowLogId)?.effectiveActivations ?? 0;
    if (starts !== scenario.effectiveActivations && !late.has(flowLogId)) {
      found.push(wrong(`${flowLogId}: started ${starts} times, not as planned`));
    }
  }
  if (late.size > planned.length * (1 - LEAST_AS_PLANNED)) {
    found.push(wrong(`${late.size} of ${planned.length} flow logs did not end as planned`));
  }
  return found;
}

/** Of the later activations of a flow log that completes, each finds it Active. */
function endedAsPlanned(
  { status, reason, adopted }: SeenActivation,
  scenario: Scenario,
  isFirst: boolean,
): boolean {
  const expected = isFirst || scenario.adopted === undefined ? scenario.adopted : true;
  return status === scenario.status && reason === scenario.reason && adopted === expected;
}

/** Its whole time was used up, and the flow log was not Active before that. */
function isDeadline(
  { reason, pendingAt, finishedAt }: SeenActivation,
  flowLog: SeenFlowLog | undefined,
): boolean {
  if (reason !== 'deadline-exceeded' || pendingAt === undefined || finishedAt === undefined) return false;
  const endsAt = pendingAt + PENDING_DEADLINE_MS;
  return finishedAt >= endsAt && !(flowLog?.status === 'Active' && (flowLog.activeAt ?? 0) < endsAt);
}

function wasActive(flowLog: SeenFlowLog | undefined, finishedAt = 0): boolean {
  const { status, activeAt = Number.POSITIVE_INFINITY } = flowLog ?? {};
  return status === 'Active' && activeAt <= finishedAt + CALL_TIMEOUT_MS;
}

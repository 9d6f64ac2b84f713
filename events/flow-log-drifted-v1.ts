import * as v from 'valibot';
import { cloudEvent, envelope, identity, positive } from './cloud-event.ts';

export const FLOW_LOG_DRIFTED = 'flow-log.drifted.v1';

const data = v.looseObject({
  ...identity,
  completedAt: v.pipe(v.string(), v.isoTimestamp(), v.description('When the activation completed.')),
  ordinal: v.pipe(positive, v.description("1 for the activation's first drift. Every further drift adds 1.")),
  kind: v.pipe(
    v.string(),
    v.description(
      '`frozen`, `inactive`, `deleting`, `failed`, `gone` (no longer shown: it does not exist, or this account may ' +
        'not see it) or `other`. The list may grow within this version: treat an unknown kind as `other`.',
    ),
  ),
  status: v.optional(
    v.pipe(
      v.string(),
      v.description('The status that DescribeFlowLogs showed. Absent if the flow log is gone.'),
    ),
  ),
  lockReason: v.optional(v.string()),
  detectedAt: v.pipe(
    v.string(),
    v.isoTimestamp(),
    v.description('When the check found it. It happened at some time since the previous check.'),
  ),
});

export const flowLogDriftedSchema = cloudEvent(
  FLOW_LOG_DRIFTED,
  data,
  'A check found that a completed flow log is no longer Active. Published once per drift, even if the drift lasts or its ' +
    'kind changes. After the flow log was seen Active again, the next drift is a new event.',
);
export type FlowLogDrifted = v.InferOutput<typeof flowLogDriftedSchema>;

export function flowLogDrifted(id: string, at: number, details: v.InferInput<typeof data>) {
  return envelope(FLOW_LOG_DRIFTED, id, at, details, details.flowLogId);
}

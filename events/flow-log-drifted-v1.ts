import * as v from 'valibot';
import { activationDetails, cloudEvent, envelope } from './cloud-event.ts';

export const FLOW_LOG_DRIFTED = 'flow-log.drifted.v1';

const { activationId, batchIds, flowLogId, region, account, generation, metadata } = activationDetails;

const data = v.looseObject({
  activationId,
  batchIds,
  flowLogId,
  region,
  account,
  generation,
  metadata,
  completedAt: v.pipe(v.string(), v.isoTimestamp(), v.description('When the activation completed.')),
  ordinal: v.pipe(
    v.number(),
    v.integer(),
    v.minValue(1),
    v.description("1 for the activation's first drift. Every further drift adds 1."),
  ),
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

/** Every later release must parse this example. A change that breaks it needs a new version. */
export const flowLogDriftedExample = {
  specversion: '1.0',
  id: 'default.cn-beijing.fl-2d6m9xk4q8zy85oxruvg1.b-0123456789abcdef0123456789abcdef.1.drifted',
  source: 'flow-log-activator',
  type: 'flow-log.drifted.v1',
  subject: 'fl-2d6m9xk4q8zy85oxruvg1',
  time: '2026-01-05T06:00:01.234Z',
  datacontenttype: 'application/json',
  dataschema: 'urn:flow-log-activator:flow-log.drifted.v1',
  data: {
    activationId: 'default.cn-beijing.fl-2d6m9xk4q8zy85oxruvg1.b-0123456789abcdef0123456789abcdef',
    batchIds: ['b-0123456789abcdef0123456789abcdef'],
    flowLogId: 'fl-2d6m9xk4q8zy85oxruvg1',
    region: 'cn-beijing',
    account: 'default',
    generation: 1,
    metadata: { ticket: 'OPS-1' },
    completedAt: '2026-01-02T03:04:17.901Z',
    ordinal: 1,
    kind: 'frozen',
    status: 'Inactive',
    lockReason: 'financial',
    detectedAt: '2026-01-05T06:00:01.234Z',
  },
};

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
    v.description("1 for the activation's first drift, and one more with every other."),
  ),
  kind: v.pipe(
    v.string(),
    v.description(
      '`frozen`, `inactive`, `deleting`, `failed`, `gone` (no longer shown: it does not exist, or this account may ' +
        'not see it) or `other`. The list may grow within this version: treat an unknown one as `other`.',
    ),
  ),
  status: v.optional(
    v.pipe(v.string(), v.description('As DescribeFlowLogs showed it; absent when it is gone.')),
  ),
  lockReason: v.optional(v.string()),
  detectedAt: v.pipe(
    v.string(),
    v.isoTimestamp(),
    v.description('When it was seen. It happened at any time since the check before.'),
  ),
});

export const flowLogDriftedSchema = cloudEvent(
  FLOW_LOG_DRIFTED,
  data,
  'A check found a flow log that had completed no longer Active. Told once for a drift, however long it goes on and ' +
    'whatever it turns into; once the flow log has been seen Active again, the next drift is another event.',
);
export type FlowLogDrifted = v.InferOutput<typeof flowLogDriftedSchema>;

export function flowLogDrifted(id: string, at: number, facts: v.InferInput<typeof data>) {
  return envelope(FLOW_LOG_DRIFTED, id, at, facts, facts.flowLogId);
}

/** Parsed for ever: a change that this does not survive is a new version. */
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

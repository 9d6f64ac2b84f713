import * as v from 'valibot';
import { cloudEvent, envelope } from './cloud-event.ts';

export const BATCH_PLANNED = 'flow-log-batch.planned.v1';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const flowLogIds = v.array(v.string());

const selector = v.looseObject({
  account: v.string(),
  region: v.string(),
  project: v.optional(v.string()),
  vpcId: v.optional(v.string()),
  resourceType: v.optional(v.string()),
  resourceId: v.optional(v.string()),
  name: v.optional(v.string()),
  tags: v.optional(v.record(v.string(), v.union([v.literal(true), v.array(v.string())]))),
  status: v.array(v.string()),
});

const data = v.looseObject({
  schedule: v.pipe(v.string(), v.description('The name of the schedule.')),
  scheduledAt: v.pipe(v.string(), v.isoTimestamp(), v.description('The time for which the schedule fired.')),
  selector: v.pipe(
    selector,
    v.description('The selector as it was carried out, with its defaults filled in.'),
  ),
  counts: v.pipe(
    v.looseObject({
      wouldActivate: v.pipe(
        count,
        v.description('They have a status that is asked for, and nothing is in the way.'),
      ),
      alreadyOpen: v.pipe(count, v.description('An activation is open already: the batch would join it.')),
      alreadyActive: count,
      frozen: v.pipe(count, v.description('Locked by Volcengine: left alone.')),
      deleting: count,
      otherStatus: v.pipe(count, v.description('They have a status that is not asked for.')),
    }),
    v.description('Of the flow logs that the selector matches, how many fall in each category.'),
  ),
  ids: v.pipe(
    v.looseObject({
      wouldActivate: flowLogIds,
      alreadyOpen: flowLogIds,
      alreadyActive: flowLogIds,
      frozen: flowLogIds,
      deleting: flowLogIds,
      otherStatus: flowLogIds,
    }),
    v.description('The first hundred of each category, by id.'),
  ),
  more: v.pipe(v.boolean(), v.description('Whether there are more ids than are named here.')),
});

export const batchPlannedSchema = cloudEvent(
  BATCH_PLANNED,
  data,
  'A schedule in dry run says what it would have activated. Nothing was started. Told again for the same time of the ' +
    'schedule it is the same event, whatever has changed since.',
);
export type BatchPlanned = v.InferOutput<typeof batchPlannedSchema>;

export function batchPlanned(id: string, at: number, facts: v.InferInput<typeof data>) {
  return envelope(BATCH_PLANNED, id, at, facts, facts.schedule);
}

/** Parsed for ever: a change that this does not survive is a new version. */
export const batchPlannedExample = {
  specversion: '1.0',
  id: 'p-0123456789abcdef0123456789abcdef.planned',
  source: 'flow-log-activator',
  type: 'flow-log-batch.planned.v1',
  subject: 'flow-log-activator-dev-scheduled-batch',
  time: '2026-01-02T03:00:04.567Z',
  datacontenttype: 'application/json',
  dataschema: 'urn:flow-log-activator:flow-log-batch.planned.v1',
  data: {
    schedule: 'flow-log-activator-dev-scheduled-batch',
    scheduledAt: '2026-01-02T03:00:00.000Z',
    selector: {
      account: 'default',
      region: 'cn-beijing',
      project: 'network',
      tags: { env: ['prod', 'staging'], owner: true },
      status: ['Inactive'],
    },
    counts: {
      wouldActivate: 2,
      alreadyOpen: 1,
      alreadyActive: 0,
      frozen: 1,
      deleting: 0,
      otherStatus: 0,
    },
    ids: {
      wouldActivate: ['fl-2d6m9xk4q8zy85oxruvg1', 'fl-2d6m9xk4q8zy85oxruvg2'],
      alreadyOpen: ['fl-2d6m9xk4q8zy85oxruvg3'],
      alreadyActive: [],
      frozen: ['fl-2d6m9xk4q8zy85oxruvg4'],
      deleting: [],
      otherStatus: [],
    },
    more: false,
  },
};

import * as v from 'valibot';
import { cloudEvent, envelope } from './cloud-event.ts';

export const BATCH_COMPLETED = 'flow-log-batch.completed.v1';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const data = v.looseObject({
  batchId: v.string(),
  source: v.pipe(
    v.string(),
    v.description('What asked for it: `api`, `webhook:<source>` or `schedule:<name>`.'),
  ),
  metadata: v.pipe(v.record(v.string(), v.string()), v.description('That of the request.')),
  total: v.pipe(
    v.number(),
    v.integer(),
    v.minValue(1),
    v.description('Flow logs; each has one activation in the batch.'),
  ),
  counts: v.looseObject({ completed: count, failed: count }),
  adopted: v.pipe(
    count,
    v.description(
      'Of the completed ones: so many were Active without a call of ours that is known to have been accepted.',
    ),
  ),
  reasons: v.optional(
    v.pipe(
      v.record(v.string(), count),
      v.description(
        'How many failed for each reason; absent when none failed. The list of reasons may grow within this version.',
      ),
    ),
  ),
  createdAt: v.pipe(v.string(), v.isoTimestamp()),
  completedAt: v.pipe(v.string(), v.isoTimestamp(), v.description('When the last of them became final.')),
  durations: v.object({ totalMs: v.number() }),
});

export const batchCompletedSchema = cloudEvent(
  BATCH_COMPLETED,
  data,
  'Every activation of the batch, its own and those that it joined, was final at one moment. Told once, for the ' +
    'first such moment. A redrive of a failed one opens the batch again, and `done` of GET /batches/{batchId} is ' +
    "false again; how that ends is told by the activation's next event, and by no second event of the batch.",
);
export type BatchCompleted = v.InferOutput<typeof batchCompletedSchema>;

export function batchCompleted(id: string, at: number, facts: v.InferInput<typeof data>) {
  return envelope(BATCH_COMPLETED, id, at, facts, facts.batchId);
}

/** Parsed for ever: a change that this does not survive is a new version. */
export const batchCompletedExample = {
  specversion: '1.0',
  id: 'b-0123456789abcdef0123456789abcdef.completed',
  source: 'flow-log-activator',
  type: 'flow-log-batch.completed.v1',
  subject: 'b-0123456789abcdef0123456789abcdef',
  time: '2026-01-02T03:04:17.901Z',
  datacontenttype: 'application/json',
  dataschema: 'urn:flow-log-activator:flow-log-batch.completed.v1',
  data: {
    batchId: 'b-0123456789abcdef0123456789abcdef',
    source: 'api',
    metadata: { ticket: 'OPS-1' },
    total: 12,
    counts: { completed: 9, failed: 3 },
    adopted: 1,
    reasons: { frozen: 2, 'not-found': 1 },
    createdAt: '2026-01-02T03:04:05.266Z',
    completedAt: '2026-01-02T03:04:17.901Z',
    durations: { totalMs: 12_635 },
  },
};

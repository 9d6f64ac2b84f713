import type { JsonSchema } from '@valibot/to-json-schema';
import { dataSchemaOf } from '../../events/cloud-event.ts';
import { EVENT_SCHEMAS } from '../../events/event-schemas.ts';
import {
  activationCompletedExample,
  activationFailedExample,
  activationSubmittedExample,
  batchCompletedExample,
  batchPlannedExample,
  deactivationBatchCompletedExample,
  deactivationCompletedExample,
  deactivationFailedExample,
  deactivationSubmittedExample,
  flowLogDriftedExample,
  policyRunCompletedExample,
} from '../../events/golden-examples.ts';
import { createConverter } from './json-schema.ts';

type GoldenEvent = { type: string; data: object };
type EventType = keyof typeof EVENT_SCHEMAS;

/** The golden example of every event. */
const EXAMPLES: { readonly [Type in EventType]: GoldenEvent } = {
  'flow-log-activation.submitted.v1': activationSubmittedExample,
  'flow-log-activation.completed.v1': activationCompletedExample,
  'flow-log-activation.failed.v1': activationFailedExample,
  'flow-log-batch.completed.v1': batchCompletedExample,
  'flow-log-batch.planned.v1': batchPlannedExample,
  'flow-log.drifted.v1': flowLogDriftedExample,
  'flow-log-deactivation.submitted.v1': deactivationSubmittedExample,
  'flow-log-deactivation.completed.v1': deactivationCompletedExample,
  'flow-log-deactivation.failed.v1': deactivationFailedExample,
  'flow-log-deactivation-batch.completed.v1': deactivationBatchCompletedExample,
  'flow-log-policy-run.completed.v1': policyRunCompletedExample,
};

export type EventContract = { type: string; schema: JsonSchema; example: GoldenEvent };

/** Every event: its whole schema and its golden example. */
export function eventContracts(): EventContract[] {
  const { convert } = createConverter({}, '');
  return Object.entries(EVENT_SCHEMAS).map(([type, schema]) => ({
    type,
    schema: convert(schema),
    example: exampleOf(type),
  }));
}

/**
 * The JSON Schema of each event, by type. It contains the schema of `data` under `$defs`; the `$id` of that schema is the
 * event's `dataschema`.
 */
export function eventJsonSchemas(): Record<string, object> {
  return Object.fromEntries(
    Object.entries(EVENT_SCHEMAS).map(([type, schema]) => {
      const dataUrn = dataSchemaOf(type);
      const { named, convert } = createConverter({ [dataUrn]: schema.entries.data }, '');
      const event = {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        $id: dataSchemaOf(`event:${type}`),
        title: type,
        ...convert(schema),
        $defs: { data: { $id: dataUrn, ...named()[dataUrn] } },
        examples: [exampleOf(type)],
      };
      return [type, event];
    }),
  );
}

function exampleOf(type: string): GoldenEvent {
  const example = Object.values(EXAMPLES).find((candidate) => candidate.type === type);
  if (!example) throw new Error(`there is no golden example of ${type}`);
  return example;
}

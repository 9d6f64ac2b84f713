import { parse, safeParse } from 'valibot';
import { describe, expect, test } from 'vitest';
import { batchCompletedSchema } from '../../../events/batch-completed-v1.ts';
import { flowLogDriftedSchema } from '../../../events/flow-log-drifted-v1.ts';
import { batchCompletedExample, flowLogDriftedExample } from '../../../events/golden-examples.ts';
import { decideDrift } from '../../../lib/activation/drift/drift.ts';
import { complete } from '../../../lib/activation/model/endings.ts';
import { batchCompletedEventOf, eventOf } from '../../../lib/activation/model/outbox-events.ts';
import { aBatch, numberedIds, published } from '../../support/builders/activations.ts';
import { anActivation, batchIdOf, flowLogOf, START } from '../../support/fakes/activations.ts';

const completed = complete(anActivation({ metadata: { b: '2', a: '1' } }), false, START + 12_000);
const view = { flowLogId: 'fl-1', status: 'Inactive', locked: true, lockReason: 'financial' };
const drifted = decideDrift(published(completed), view, START + 3_600_000);

const completion = {
  at: START + 12_000,
  counts: { completed: 1, failed: 1 },
  adopted: 0,
  reasons: { 'not-found': 1, frozen: 2 },
};
const batch = aBatch(['fl-1', 'fl-2'], { metadata: { b: '2', a: '1' }, completed: completion });

describe.each([
  ['batch completed', batchCompletedSchema, batchCompletedExample, batchCompletedEventOf(batch, completion)],
  ['drifted', flowLogDriftedSchema, flowLogDriftedExample, eventOf(drifted, 'drifted#1')],
] as const)('%s', (_name, schema, example, { body }) => {
  test('the golden example parses, whole', () => {
    expect(parse(schema, example)).toEqual(example);
  });

  test('what is built parses, and has every attribute of the example and no other', () => {
    const event = JSON.parse(body);
    expect(parse(schema, event)).toEqual(event);
    expect(Object.keys(event)).toEqual(Object.keys(example));
    expect(Object.keys(event.data)).toEqual(Object.keys(example.data));
    expect(event.type).toBe(example.type);
    expect(event.dataschema).toBe(example.dataschema);
  });

  test('an attribute added by a later minor change is let through, a missing one is not', () => {
    expect(safeParse(schema, { ...example, data: { ...example.data, added: 1 } }).success).toBe(true);
    const { metadata: _, ...data } = example.data;
    expect(safeParse(schema, { ...example, data }).success).toBe(false);
  });
});

test('maps that a table gives back in another order give the same bytes', () => {
  const turned = {
    ...batch,
    metadata: { a: '1', b: '2' },
    completed: { ...completion, reasons: { frozen: 2, 'not-found': 1 } },
  };
  expect(batchCompletedEventOf(turned, turned.completed)).toEqual(batchCompletedEventOf(batch, completion));
  expect(eventOf({ ...drifted, metadata: { a: '1', b: '2' } }, 'drifted#1')).toEqual(
    eventOf(drifted, 'drifted#1'),
  );
});

test('the largest batch and the largest drift fit a PutEvents entry', () => {
  const metadata = { text: 'x'.repeat(4_000) };
  const flowLogs = numberedIds(1_000).map(flowLogOf);
  expect(batchCompletedEventOf({ ...batch, metadata, flowLogs }, completion).body.length).toBeLessThan(8_000);
  const joiners = Array.from({ length: 500 }, (_, index) => batchIdOf(index));
  expect(eventOf({ ...drifted, metadata, joiners }, 'drifted#1').body.length).toBeLessThan(30_000);
});

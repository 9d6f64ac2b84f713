import { parse, safeParse } from 'valibot';
import { describe, expect, test } from 'vitest';
import { activationCompletedSchema } from '../../../events/activation-completed-v1.ts';
import { activationFailedSchema } from '../../../events/activation-failed-v1.ts';
import { activationSubmittedSchema } from '../../../events/activation-submitted-v1.ts';
import {
  activationCompletedExample,
  activationFailedExample,
  activationSubmittedExample,
} from '../../../events/golden-examples.ts';
import { complete, fail } from '../../../lib/activation/model/endings.ts';
import { deadLetterOf, eventOf } from '../../../lib/activation/model/outbox-events.ts';
import { FAILURE_REASONS } from '../../../lib/activation/model/outcome.ts';
import { accept } from '../../../lib/activation/model/transitions.ts';
import { aLeasedActivation } from '../../support/builders/activations.ts';
import { batchIdOf, policy, START } from '../../support/fakes/activations.ts';

const leased = aLeasedActivation({ joiners: [batchIdOf(2)], metadata: { ticket: 'OPS-1' } });
const accepted = accept(leased, 'req-1', START + 400, policy, 'task-1');
const completed = complete(accepted, false, START + 12_000);
const inFreeze = { code: 'InvalidFlowLog.InvalidStatus', message: 'in freeze' };
const failed = fail(leased, 'frozen', START + 300, inFreeze);

describe.each([
  ['submitted', activationSubmittedSchema, activationSubmittedExample, accepted],
  ['completed', activationCompletedSchema, activationCompletedExample, completed],
  ['failed', activationFailedSchema, activationFailedExample, failed],
] as const)('flow-log-activation.%s.v1', (type, schema, example, activation) => {
  test('the golden example parses, whole', () => {
    expect(parse(schema, example)).toEqual(example);
  });

  test('what is built parses, and has every attribute of the example and no other', () => {
    const event = JSON.parse(eventOf(activation, `${type}#1`).body);
    expect(parse(schema, event)).toEqual(event);
    expect(Object.keys(event)).toEqual(Object.keys(example));
    expect(event.type).toBe(example.type);
    const allowed = [...Object.keys(example.data), 'lastError', 'requestId', 'asyncTaskId'];
    expect(allowed).toEqual(expect.arrayContaining(Object.keys(event.data)));
  });

  test('an attribute added by a later minor change is let through, a missing one is not', () => {
    expect(safeParse(schema, { ...example, data: { ...example.data, added: 1 } }).success).toBe(true);
    const { flowLogId: _, ...data } = example.data;
    expect(safeParse(schema, { ...example, data }).success).toBe(false);
  });

  test('built again it has the same bytes', () => {
    expect(eventOf(structuredClone(activation), `${type}#1`)).toEqual(eventOf(activation, `${type}#1`));
  });
});

test('a batch that joins later does not change the submitted event', () => {
  const joined = { ...accepted, joiners: [...accepted.joiners, batchIdOf(3)] };
  expect(eventOf(joined, 'submitted#1').body).toBe(eventOf(accepted, 'submitted#1').body);
});

test('the task of an accepted call is told of in all three, and need not be there', () => {
  const late = fail(accepted, 'deadline-exceeded', START + 9_000);
  for (const [activation, entry] of [
    [accepted, 'submitted#1'],
    [completed, 'completed#1'],
    [late, 'failed#1'],
  ] as const) {
    expect(JSON.parse(eventOf(activation, entry).body).data.asyncTaskId).toBe('task-1');
  }
  const { asyncTaskId: _, ...data } = activationSubmittedExample.data;
  const earlier = { ...activationSubmittedExample, data };
  expect(parse(activationSubmittedSchema, earlier)).toEqual(earlier);
});

test('durations', () => {
  expect(JSON.parse(eventOf(completed, 'completed#1').body).data.durations).toEqual({
    queuedMs: 400,
    pendingMs: 11_600,
    totalMs: 12_000,
  });
});

test('every reason has an answer to whether a redrive helps', () => {
  const helps = FAILURE_REASONS.map((reason) => [reason, deadLetterOf({ ...failed, reason }).redriveHelps]);
  expect(Object.fromEntries(helps)).toEqual({
    'not-found': true,
    frozen: true,
    deleting: false,
    'activation-failed': true,
    'client-token-reused': true,
    'client-token-malformed': false,
    'invalid-request': false,
    unexpected: true,
    'deadline-exceeded': true,
    cancelled: true,
  });
});

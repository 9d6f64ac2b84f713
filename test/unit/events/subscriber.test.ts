import { glob } from 'node:fs/promises';
import { describe, expect, expectTypeOf, test } from 'vitest';
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
} from '../../../events/golden-examples.ts';
import {
  type ActivationCompleted,
  type ActivationFailed,
  EVENT_TYPES,
  type EventType,
  eventSchemas,
  type FlowLogActivatorEvent,
  isActivationCompleted,
  isActivationFailed,
  isActivationSubmitted,
  isBatchCompleted,
  isBatchPlanned,
  isDeactivationBatchCompleted,
  isDeactivationCompleted,
  isDeactivationFailed,
  isDeactivationSubmitted,
  isFlowLogDrifted,
  isPolicyRunCompleted,
  parseEvent,
  parseEventBridgeEvent,
  patterns,
} from '../../../events/subscriber.ts';
import { compileEventPattern } from '../../../local/eventbridge/pattern.ts';

type Kind = keyof typeof EVENT_TYPES;

const GOLDEN: Record<
  Kind,
  { example: { type: string; id: string; data: object }; guard: (event: unknown) => boolean }
> = {
  activationSubmitted: { example: activationSubmittedExample, guard: isActivationSubmitted },
  activationCompleted: { example: activationCompletedExample, guard: isActivationCompleted },
  activationFailed: { example: activationFailedExample, guard: isActivationFailed },
  batchCompleted: { example: batchCompletedExample, guard: isBatchCompleted },
  batchPlanned: { example: batchPlannedExample, guard: isBatchPlanned },
  flowLogDrifted: { example: flowLogDriftedExample, guard: isFlowLogDrifted },
  deactivationSubmitted: { example: deactivationSubmittedExample, guard: isDeactivationSubmitted },
  deactivationCompleted: { example: deactivationCompletedExample, guard: isDeactivationCompleted },
  deactivationFailed: { example: deactivationFailedExample, guard: isDeactivationFailed },
  deactivationBatchCompleted: {
    example: deactivationBatchCompletedExample,
    guard: isDeactivationBatchCompleted,
  },
  policyRunCompleted: { example: policyRunCompletedExample, guard: isPolicyRunCompleted },
};
const golden = Object.values(GOLDEN);

/** As EventBridge hands an event to a rule's target. */
function onTheBus(detail: { type: string }) {
  return {
    version: '0',
    id: 'c51c7b51-0000-4000-8000-000000000000',
    'detail-type': detail.type,
    source: 'flow-log-activator',
    account: '123456789012',
    time: '2026-01-02T03:04:17Z',
    region: 'eu-west-1',
    resources: [],
    detail,
  };
}

describe.each(Object.entries(GOLDEN))('%s', (kind, { example, guard }) => {
  test('the golden example is known, as a value, as text, and in an EventBridge event', () => {
    const known = { outcome: 'known', event: example };
    expect(parseEvent(example)).toEqual(known);
    expect(parseEvent(JSON.stringify(example))).toEqual(known);
    expect(parseEventBridgeEvent(onTheBus(example))).toEqual(known);
    expect(parseEventBridgeEvent(JSON.stringify(onTheBus(example)))).toEqual(known);
  });

  test('its guard takes it, and no other event', () => {
    expect(golden.filter((one) => guard(one.example)).map((one) => one.example)).toEqual([example]);
    const others = [undefined, null, '', JSON.stringify(example), [], {}, onTheBus(example)];
    expect(others.filter(guard)).toEqual([]);
  });

  test('without any attribute of its envelope it is not valid, and its guard refuses it', () => {
    for (const name of Object.keys(example)) {
      const partial = Object.fromEntries(Object.entries(example).filter(([key]) => key !== name));
      const outcome = ['specversion', 'source', 'type'].includes(name) ? 'not-ours' : 'invalid';
      expect([name, guard(partial), parseEvent(partial)]).toMatchObject([name, false, { outcome }]);
    }
    const problems = [expect.stringContaining('data: ')];
    expect(parseEvent({ ...example, data: 1 })).toEqual({ outcome: 'invalid', type: example.type, problems });
  });

  test('with fields of a later release it is what it was', () => {
    expect(guard({ ...example, traceparent: '00-…', data: { ...example.data, added: {} } })).toBe(true);
  });

  test('its schema is one by standardschema.dev', async () => {
    const type = Object.entries(EVENT_TYPES).find(([name]) => name === kind)?.[1] ?? expect.unreachable();
    const { validate, version } = eventSchemas[type]['~standard'];
    expect([version, await validate(example)]).toEqual([1, { typed: true, value: example }]);
    expect(await validate({})).toMatchObject({ issues: expect.any(Array) });
  });
});

test('every event that has a file is among them', async () => {
  const cwd = new URL('../../../events/', import.meta.url);
  const files = await Array.fromAsync(glob('*-v[0-9]*.ts', { cwd }));
  const names = Object.entries(EVENT_TYPES).map(([name, type]) => {
    const kebab = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return `${kebab}-${type.split('.').at(-1)}.ts`;
  });
  expect(names.sort()).toEqual(files.sort());
});

test('what is not known is told apart, and nothing throws', () => {
  for (const type of ['flow-log-activation.completed.v2', 'constructor', '__proto__', 'toString']) {
    const next = { ...activationCompletedExample, type, data: { all: 'new' } };
    expect(parseEvent(next)).toEqual({ outcome: 'unknown-type', type });
  }
  const others: unknown[] = [
    ...[undefined, null, 1, '', '{', 'null', [], {}],
    { ...activationCompletedExample, source: 'shop' },
    { ...activationCompletedExample, specversion: '2.0' },
    { ...activationCompletedExample, type: '' },
    { ...activationCompletedExample, type: 1 },
  ];
  for (const other of others) {
    expect(parseEvent(other)).toEqual({ outcome: 'not-ours', problem: expect.any(String) });
    expect(parseEventBridgeEvent({ detail: other })).toMatchObject({ outcome: 'not-ours' });
  }
  for (const other of [undefined, '{', {}, { detail: 'text' }, activationCompletedExample]) {
    expect(parseEventBridgeEvent(other)).toMatchObject({ outcome: 'not-ours' });
  }
  // The likeliest slip says what is amiss.
  expect(parseEvent(onTheBus(activationCompletedExample))).toMatchObject({
    outcome: 'not-ours',
    problem: expect.stringContaining('parseEventBridgeEvent'),
  });
});

test('guards and `type` narrow', () => {
  const event: unknown = activationCompletedExample;
  if (isActivationCompleted(event)) expectTypeOf(event.data.durations.totalMs).toEqualTypeOf<number>();
  expectTypeOf(isActivationFailed).guards.toEqualTypeOf<ActivationFailed>();
  const parsed = parseEvent(event);
  if (parsed.outcome !== 'known') return expect.unreachable();
  expectTypeOf(parsed.event).toEqualTypeOf<FlowLogActivatorEvent>();
  if (parsed.event.type === EVENT_TYPES.activationCompleted) {
    expectTypeOf(parsed.event).toEqualTypeOf<ActivationCompleted>();
  }
  const { event: other } = parsed;
  if (isActivationFailed(other)) return expect.unreachable();
  expectTypeOf(other).toEqualTypeOf<Exclude<FlowLogActivatorEvent, ActivationFailed>>();
  expectTypeOf<(typeof EVENT_TYPES)[Kind]>().toEqualTypeOf<EventType>();
});

describe('patterns', () => {
  const inScope = { account: 'default', region: 'cn-beijing', flowLogId: 'fl-2d6m9xk4q8zy85oxruvg1' };
  const { deactivationCompleted, deactivationFailed } = EVENT_TYPES;
  const {
    activationCompleted,
    activationFailed,
    batchCompleted,
    batchPlanned,
    flowLogDrifted,
    policyRunCompleted,
  } = EVENT_TYPES;
  const { batchId } = batchCompletedExample.data;
  const ends = [activationCompleted, activationFailed];
  const cases = [
    ['everything', patterns.everything(), Object.values(EVENT_TYPES)],
    ['finalEnds', patterns.finalEnds(), ends],
    ['finalEnds of a flow log', patterns.finalEnds(inScope), ends],
    ['finalEnds of another account', patterns.finalEnds({ account: ['other', 'third'] }), []],
    ['finalEnds of some regions', patterns.finalEnds({ region: ['cn-shanghai', 'cn-beijing'] }), ends],
    ['finalEnds of another flow log', patterns.finalEnds({ ...inScope, flowLogId: 'fl-2d6m9xk4q8' }), []],
    ['failures', patterns.failures(), [activationFailed]],
    ['failures of another region', patterns.failures({ region: 'cn-shanghai' }), []],
    ['redrivableFailures', patterns.redrivableFailures(), [activationFailed]],
    ['redrivableFailures of a flow log', patterns.redrivableFailures(inScope), [activationFailed]],
    ['batchesCompleted', patterns.batchesCompleted(), [batchCompleted]],
    ['batchesCompleted of a batch', patterns.batchesCompleted({ batchId }), [batchCompleted]],
    ['batchesCompleted of another source', patterns.batchesCompleted({ source: 'webhook:github' }), []],
    ['batchesPlanned', patterns.batchesPlanned(), [batchPlanned]],
    ['batchesPlanned by another schedule', patterns.batchesPlanned({ schedule: 'nightly' }), []],
    ['drifts', patterns.drifts(), [flowLogDrifted]],
    ['drifts of another account', patterns.drifts({ account: 'other' }), []],
    ['deactivationEnds', patterns.deactivationEnds(), [deactivationCompleted, deactivationFailed]],
    ['policyRuns', patterns.policyRuns(), [policyRunCompleted]],
    ['policyRuns of another policy', patterns.policyRuns({ policy: 'other' }), []],
  ] as const;

  test.each(cases)('%s', (_, pattern, types) => {
    const matches = compileEventPattern(pattern);
    const matched = golden
      .filter(({ example }) => matches(onTheBus(example)))
      .map(({ example }) => example.type);
    expect(matched.sort()).toEqual([...types].sort());
    expect(matches({ ...onTheBus(activationFailedExample), source: 'shop' })).toBe(false);
  });

  test('a failure that a redrive cannot help is none of redrivableFailures', () => {
    const data = { ...activationFailedExample.data, redriveHelps: false };
    const hopeless = { ...activationFailedExample, data };
    expect(compileEventPattern(patterns.redrivableFailures())(onTheBus(hopeless))).toBe(false);
    expect(compileEventPattern(patterns.failures())(onTheBus(hopeless))).toBe(true);
  });

  test('all are exact matches of strings and booleans in non-empty lists, as any EventBridge takes them', () => {
    for (const [, pattern] of cases) {
      for (const values of leavesOf(pattern)) {
        expect(values.length).toBeGreaterThan(0);
        for (const value of values) expect(['string', 'boolean']).toContain(typeof value);
      }
      // EventBridge's quota for a rule's pattern.
      expect(JSON.stringify(pattern).length).toBeLessThan(2048);
    }
  });
});

function leavesOf(pattern: unknown): unknown[][] {
  if (Array.isArray(pattern)) return [pattern];
  if (typeof pattern !== 'object' || pattern === null) return expect.unreachable();
  return Object.values(pattern).flatMap(leavesOf);
}

import { expect, test } from 'vitest';
import { complete, fail } from '../../../../lib/activation/model/endings.ts';
import { type Facts, judge } from '../../../../lib/activation/policies/judge.ts';
import type { Row } from '../../../../lib/activation/policies/run.ts';
import { aPolicy } from '../../../support/builders/policies.ts';
import { anActivation, START } from '../../../support/fakes/activations.ts';
import { aFlowLog } from '../../../support/fakes/in-memory-flow-log-finder.ts';

const LAG_MS = 60_000;
const HOUR_MS = 3_600_000;
const judged = (facts: Partial<Facts> = {}, options: Partial<Parameters<typeof judge>[1]> = {}) =>
  judge(
    { flowLog: aFlowLog('fl-1'), contradictedBy: [], readAt: START, ...facts },
    { policy: aPolicy(), windowOpen: true, mayDeactivate: true, replicaLagMs: LAG_MS, ...options },
  );
const aGap = (change: Partial<Row> = {}): Row => ({
  flowLogId: 'fl-1',
  name: 'name of fl-1',
  status: 'Inactive',
  state: 'gap',
  kind: 'inactive',
  since: START - HOUR_MS,
  repair: 'activating',
  ...change,
});

test.each([
  ['inactive', { status: 'Inactive' }, 'activating', true],
  ['restoring', { status: 'Inactive', restoring: true }, 'activating', true],
  ['pending', { status: 'Pending' }, 'waiting', false],
  ['pending', { status: 'Pending', restoring: true }, 'waiting', false],
  ['creating', { status: 'Creating' }, 'waiting', false],
  ['failed', { status: 'Failed' }, 'impossible', false],
  ['deleting', { status: 'Deleting' }, 'impossible', false],
  ['frozen', { status: 'Inactive', locked: true, lockReason: 'financial' }, 'impossible', false],
  ['frozen', { status: 'Active', locked: true, lockReason: 'financial' }, 'impossible', false],
  ['unknown-status', { status: 'Sleeping' }, 'impossible', false],
] as const)('%s: %o is a gap, %s', (kind, shown, repair, start) => {
  const { row, start: isStarted } = judged({ flowLog: aFlowLog('fl-1', shown) });
  expect(row).toMatchObject({ state: 'gap', kind, repair, since: START, status: shown.status });
  expect(isStarted).toBe(start);
});

test.each([{ status: 'Active' }, { status: 'Active', restoring: true as const }])(
  '%o is compliant',
  (shown) => {
    const { row, start } = judged({ flowLog: aFlowLog('fl-1', shown) });
    expect(row).toEqual({ flowLogId: 'fl-1', name: 'name of fl-1', status: 'Active', state: 'compliant' });
    expect(start).toBe(false);
  },
);

test('a gap keeps its beginning from run to run, whatever its kind', () => {
  const { row } = judged({ flowLog: aFlowLog('fl-1', { status: 'Pending' }), previous: aGap() });
  expect(row).toMatchObject({ kind: 'pending', since: START - HOUR_MS });
});

test('what is Active again keeps its latest gap, with the activation that repaired it', () => {
  const active = aFlowLog('fl-1', { status: 'Active' });
  const activation = complete(anActivation(), false, START - 1);
  const { activationId } = activation;
  const { row } = judged({ flowLog: active, previous: aGap({ activationId }), activation });
  const lastGap = { kind: 'inactive', since: START - HOUR_MS, endedAt: START, activationId };
  expect(row.lastGap).toEqual(lastGap);
  expect(judged({ flowLog: active, previous: row, readAt: START + HOUR_MS }).row).toEqual(row);
});

test.each([
  ['it failed', fail(anActivation(), 'frozen', START - 1)],
  ['it was done before the gap began', complete(anActivation(), false, START - HOUR_MS - 1)],
  ['it led the other way', anActivation({ desired: 'Inactive' })],
])('no activation has repaired what ended by itself: %s', (_, activation) => {
  const previous = aGap({ activationId: activation.activationId });
  const { row } = judged({ flowLog: aFlowLog('fl-1', { status: 'Active' }), previous, activation });
  expect(row.lastGap).toEqual({ kind: 'inactive', since: START - HOUR_MS, endedAt: START });
});

test('a gap that a clock ahead of ours has seen begins now', () => {
  expect(judged({ previous: aGap({ since: START + HOUR_MS }) }).row).toMatchObject({ since: START });
});

test('a policy that only tells, a closed window, and a policy that wants something else start nothing', () => {
  expect(judged({}, { policy: aPolicy({ repair: 'tell' }) })).toMatchObject({
    row: { repair: 'told' },
    start: false,
  });
  expect(judged({}, { windowOpen: false })).toMatchObject({
    row: { repair: 'outside-window' },
    start: false,
  });
  expect(judged({ contradictedBy: ['save-money'] })).toMatchObject({
    row: { repair: 'contradicted', contradictedBy: ['save-money'] },
    start: false,
  });
});

test('an open activation repairs it already', () => {
  const activation = anActivation();
  const { row, start } = judged({ activation });
  expect(row).toMatchObject({ repair: 'activating', activationId: activation.activationId });
  expect(start).toBe(false);
});

test('an open deactivation contradicts: nothing is started', () => {
  const activation = anActivation({ desired: 'Inactive' });
  expect(judged({ activation })).toMatchObject({ row: { repair: 'contradicted' }, start: false });
});

test('a record of another version is left alone', () => {
  expect(judged({ activation: 'unreadable' })).toMatchObject({ row: { repair: 'later' }, start: false });
});

test('one that completed before is activated again, but not on a reading that may be older', () => {
  const completedAt = (finishedAt: number) =>
    judged({ activation: complete(anActivation(), false, finishedAt) });
  expect(completedAt(START - LAG_MS)).toMatchObject({ row: { repair: 'activating' }, start: true });
  expect(completedAt(START - LAG_MS + 1)).toMatchObject({ row: { repair: 'later' }, start: false });
  expect(completedAt(START + 1)).toMatchObject({ row: { repair: 'later' }, start: false });
});

const failed = (finishedAt: number, reason: 'frozen' | 'cancelled', requestedBy = 'policy:keep-active') =>
  fail(anActivation({ requestedBy }), reason, finishedAt);

test.each([
  ['as long as the gap had lasted', HOUR_MS, HOUR_MS],
  ['at least for the lag of a replica', 0, LAG_MS],
  ['a day at most', 30 * 24 * HOUR_MS, 24 * HOUR_MS],
])('after a failure of a policy it waits %s', (_, lasted, waits) => {
  const finishedAt = START - waits;
  const previous = aGap({ since: finishedAt - lasted });
  const activation = failed(finishedAt, 'frozen');
  const { row, start } = judged({ previous, activation });
  expect(row).toMatchObject({ repair: 'activating', failure: 'frozen' });
  expect(start).toBe(true);
  expect(judged({ previous, activation, readAt: START - 1 })).toMatchObject({
    row: { repair: 'later' },
    start: false,
  });
});

test('a failure of somebody else is tried again at once; what a person cancelled after a day', () => {
  const previous = aGap();
  const longGap = { previous, activation: failed(START - LAG_MS, 'frozen', 'somebody') };
  expect(judged(longGap).start).toBe(true);
  const cancelled = { previous, activation: failed(START - 23 * HOUR_MS, 'cancelled', 'somebody') };
  expect(judged(cancelled)).toMatchObject({ row: { repair: 'later', failure: 'cancelled' }, start: false });
  expect(judged({ ...cancelled, readAt: START + HOUR_MS }).start).toBe(true);
});

const wantsOff = aPolicy({ name: 'save-money', desired: 'Inactive', repair: 'deactivate' });
const judgedOff = (facts: Partial<Facts> = {}, options: Partial<Parameters<typeof judge>[1]> = {}) =>
  judged({ flowLog: aFlowLog('fl-1', { status: 'Active' }), ...facts }, { policy: wantsOff, ...options });

test.each([
  ['active', { status: 'Active' }, 'deactivating', true],
  ['active', { status: 'Active', restoring: true }, 'deactivating', true],
  ['restoring', { status: 'Inactive', restoring: true }, 'waiting', false],
  ['pending', { status: 'Pending' }, 'waiting', false],
  ['creating', { status: 'Creating' }, 'waiting', false],
  ['deleting', { status: 'Deleting' }, 'waiting', false],
  ['failed', { status: 'Failed' }, 'impossible', false],
  ['frozen', { status: 'Inactive', locked: true }, 'impossible', false],
  ['frozen', { status: 'Active', locked: true }, 'impossible', false],
  ['unknown-status', { status: 'Sleeping' }, 'impossible', false],
] as const)('Inactive is wanted; %s: %o is a gap, %s', (kind, shown, repair, start) => {
  expect(judgedOff({ flowLog: aFlowLog('fl-1', shown) })).toMatchObject({
    row: { state: 'gap', kind, repair },
    start,
  });
});

test('Inactive is wanted: Inactive is compliant', () => {
  const { row, start } = judgedOff({ flowLog: aFlowLog('fl-1') });
  expect(row).toMatchObject({ status: 'Inactive', state: 'compliant' });
  expect(start).toBe(false);
});

test.each([
  ['told', {}, { policy: { ...wantsOff, repair: 'tell' as const } }],
  ['disabled', {}, { mayDeactivate: false }],
  ['outside-window', {}, { windowOpen: false }],
  ['contradicted', { contradictedBy: ['keep-active'] }, {}],
  ['contradicted', { activation: anActivation() }, {}],
  ['deactivating', { activation: anActivation({ desired: 'Inactive' }) }, {}],
  ['later', { activation: 'unreadable' as const }, {}],
])('Inactive is wanted: nothing is started if %s', (repair, facts, options) => {
  expect(judgedOff(facts, options)).toMatchObject({ row: { kind: 'active', repair }, start: false });
});

test('a failed deactivation makes only the policy wait that wants Inactive, and is no failure of an activation', () => {
  const activation = fail(
    anActivation({ desired: 'Inactive', requestedBy: 'policy:save-money' }),
    'unexpected',
    START - LAG_MS,
  );
  const previous = aGap({ since: START - HOUR_MS });
  expect(judgedOff({ previous, activation })).toMatchObject({
    row: { repair: 'later', failure: 'unexpected', activationId: activation.activationId },
    start: false,
  });
  const { row, start } = judged({ previous, activation });
  expect(row).toMatchObject({ repair: 'activating' });
  expect(row.failure).toBeUndefined();
  expect(start).toBe(true);
});

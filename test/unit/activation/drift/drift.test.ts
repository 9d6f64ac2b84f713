import { describe, expect, test } from 'vitest';
import { decideDrift, isNewer } from '../../../../lib/activation/drift/drift.ts';
import { DRIFT_KINDS } from '../../../../lib/activation/model/activation.ts';
import { clearOutbox } from '../../../../lib/activation/model/endings.ts';
import { eventOf } from '../../../../lib/activation/model/outbox-events.ts';
import type { FlowLogView } from '../../../../lib/activation/model/outcome.ts';
import { recordRefusal } from '../../../../lib/activation/model/refusals.ts';
import { aCompletedActivation, published } from '../../../support/builders/activations.ts';
import { type anActivation, START } from '../../../support/fakes/activations.ts';

const completed = published(aCompletedActivation());
const view = (status: string, change: Partial<FlowLogView> = {}): FlowLogView => ({
  flowLogId: 'fl-1',
  status,
  locked: false,
  ...change,
});
const at = (seconds: number) => START + seconds * 1_000;

describe('a drift starts', () => {
  test.each([
    ['inactive', view('Inactive')],
    ['deleting', view('Deleting')],
    ['failed', view('Failed')],
    ['other', view('Creating')],
    ['other', view('NeverHeardOf')],
    ['other', view('__proto__')],
    ['gone', undefined],
    ['frozen', view('Inactive', { locked: true, lockReason: 'financial' })],
    ['frozen', view('Active', { locked: true })],
  ] as const)('as %s', (kind, seen) => {
    const drifted = decideDrift(completed, seen, at(60));
    expect(DRIFT_KINDS).toContain(kind);
    expect(drifted).toMatchObject({
      status: 'completed',
      drift: { ordinal: 1, kind, detectedAt: at(60) },
      outbox: ['drifted#1'],
      dueAt: at(60),
    });
    expect(drifted.drift?.status).toBe(seen?.status);
    expect(drifted.history.at(-1)?.event).toBe(`drifted: ${kind}`);
  });

  test('not for a flow log that is Active or becomes Active', () => {
    expect(decideDrift(completed, view('Active'), at(60))).toBe(completed);
    expect(decideDrift(completed, view('Pending'), at(60))).toBe(completed);
  });

  test('not for a flow log that is being restored after a payment', () => {
    const restoring = { restoring: true } as const;
    expect(decideDrift(completed, view('Inactive', restoring), at(60))).toBe(completed);
    expect(decideDrift(completed, view('Active', restoring), at(60))).toBe(completed);
    expect(decideDrift(completed, view('Deleting', restoring), at(60)).drift?.kind).toBe('deleting');
  });

  test('with texts that are bounded and well-formed', () => {
    const long = view(`${'x'.repeat(63)}\u{1f600}`, {
      locked: true,
      lockReason: `${'y'.repeat(499)}\u{1f600}`,
    });
    const { drift } = decideDrift(completed, long, at(60));
    expect(drift?.status).toHaveLength(64);
    expect(drift?.lockReason).toHaveLength(500);
    expect(drift?.status?.isWellFormed() && drift.lockReason?.isWellFormed()).toBe(true);
  });
});

test('a drift is recorded once with its first kind, ends when the flow log is Active, and the next one is a new drift', () => {
  const first = published(decideDrift(completed, view('Inactive'), at(60)));
  expect(first.dueAt).toBeUndefined();
  for (const seen of [view('Inactive'), view('Pending'), view('Inactive', { locked: true }), undefined]) {
    expect(decideDrift(first, seen, at(120))).toBe(first);
  }
  const over = decideDrift(first, view('Active'), at(180));
  expect(over).toMatchObject({ drift: { ordinal: 1, kind: 'inactive', endedAt: at(180) }, outbox: [] });
  expect(over.dueAt).toBeUndefined();
  expect(decideDrift(over, view('Active'), at(240))).toBe(over);
  const second = decideDrift(over, undefined, at(300));
  expect(second).toMatchObject({ drift: { ordinal: 2, kind: 'gone' }, outbox: ['drifted#2'] });
  expect(second.drift).not.toHaveProperty('endedAt');
  expect(second.drift).not.toHaveProperty('status');
});

test('nothing changes while the outbox has entries, because events are built from the record', () => {
  const untold = decideDrift(completed, view('Inactive'), at(60));
  expect(decideDrift(untold, view('Active'), at(120))).toBe(untold);
  const fresh = aCompletedActivation();
  expect(decideDrift(fresh, undefined, at(60))).toBe(fresh);
});

describe('an entry that the bus has refused', () => {
  const retryAt = at(3_600);
  const refusing = (activation: ReturnType<typeof anActivation>) =>
    recordRefusal(activation, activation.outbox, () => retryAt - at(0), at(0));

  test('does not prevent a new drift and its event, and keeps its bytes', () => {
    const refused = refusing(aCompletedActivation());
    const drifted = decideDrift(refused, view('Inactive'), at(60));
    expect(drifted).toMatchObject({
      drift: { ordinal: 1, kind: 'inactive' },
      outbox: ['completed#1', 'drifted#1'],
      dueAt: at(60),
    });
    expect(eventOf(drifted, 'completed#1')).toEqual(eventOf(refused, 'completed#1'));
    const left = clearOutbox(drifted, new Map([['drifted#1', START]]));
    expect(left).toMatchObject({ outbox: ['completed#1'], dueAt: retryAt });
  });

  test('of a drift: the drift may end, and the next drift waits', () => {
    const refused = refusing(decideDrift(completed, view('Inactive'), at(60)));
    const over = decideDrift(refused, view('Active'), at(120));
    expect(over.drift).toMatchObject({ ordinal: 1, endedAt: at(120) });
    expect(eventOf(over, 'drifted#1')).toEqual(eventOf(refused, 'drifted#1'));
    expect(decideDrift(over, view('Deleting'), at(180))).toBe(over);
    expect(decideDrift(published(over), view('Deleting'), at(180)).drift?.ordinal).toBe(2);
  });
});

test('a record is newer only after a redrive, a new drift, or the end of a drift', () => {
  const first = published(decideDrift(completed, view('Inactive'), at(60)));
  const over = decideDrift(first, view('Active'), at(120));
  const second = published(decideDrift(over, view('Failed'), at(180)));
  const redriven = { ...completed, generation: completed.generation + 1 };
  const inOrder = [completed, first, over, second, redriven];
  for (const [index, one] of inOrder.entries()) {
    for (const [before, other] of inOrder.entries()) expect(isNewer(one, other)).toBe(index > before);
  }
  expect(isNewer(first, decideDrift(completed, view('Inactive'), at(60)))).toBe(false);
});

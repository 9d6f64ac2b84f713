import { describe, expect, test } from 'vitest';
import { itemBytes } from '../../../bench/money/item-size.ts';
import type { Activation, HistoryEntry } from '../../../lib/activation/model/activation.ts';
import { clearOutbox, complete } from '../../../lib/activation/model/endings.ts';
import { openActivation, reopen } from '../../../lib/activation/model/queueing.ts';
import { accept, leaseForCall } from '../../../lib/activation/model/transitions.ts';
import { fromActivationItem, toActivationItem } from '../../../lib/aws/activation-item.ts';
import { type Item, toAttributes } from '../../../lib/aws/item-update.ts';
import { aLeasedActivation } from '../../support/builders/activations.ts';
import { batchIdOf, policy, START } from '../../support/fakes/activations.ts';

const accepted = accept(aLeasedActivation(), 'req-1', START, policy, 'task-1');

const reopened = reopen({ ...accepted, status: 'failed' }, 'someone', START, policy);
const acceptedAgain = accept({ ...reopened, attempts: 1 }, 'req-2', START, policy, 'task-2');

const withoutTasks = (history: HistoryEntry[]) => history.map(({ asyncTaskId: _, ...entry }) => entry);

/** As updateOf does: only what differs is written. */
function writtenOver(stored: Item, previous: Activation, next: Activation): Item {
  const [from, to] = [toActivationItem(previous), toActivationItem(next)];
  const changed = Object.entries(to).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(from[name]),
  );
  return { ...stored, ...Object.fromEntries(changed) };
}

describe("Volcengine's task", () => {
  test('is read as it was written', () => {
    expect(fromActivationItem(toActivationItem(accepted))).toEqual(accepted);
    expect(fromActivationItem(toActivationItem(acceptedAgain))).toEqual(acceptedAgain);
  });

  test('stands once in the item of a first generation', () => {
    expect(JSON.stringify(toActivationItem(accepted)).split('task-1')).toHaveLength(2);
  });

  test.each([
    ['0.4', accepted, {}],
    ['0.4', acceptedAgain, {}],
    ['0.5', accepted, { asyncTaskGeneration: 1 }],
    ['0.5', acceptedAgain, { asyncTaskGeneration: 2 }],
  ])('is read as %s wrote it, and stays when that is written again: %#', (_version, written, attributes) => {
    const { asyncTaskGeneration: _, ...item } = toActivationItem(written);
    const stored: Item = { ...item, history: written.history, ...attributes };
    const read = fromActivationItem(stored);
    expect(read).toEqual(written);
    const completed = complete(read, false, START);
    expect(fromActivationItem(writtenOver(stored, read, completed))).toEqual(completed);
  });

  test('of the generation before, which a redrive by 0.3 leaves in the item, is nobody’s', () => {
    const { asyncTaskId } = toActivationItem(accepted);
    for (const left of [{ asyncTaskId }, { asyncTaskId, asyncTaskGeneration: 1 }]) {
      const redriven = { ...toActivationItem(reopened), history: withoutTasks(reopened.history) };
      expect(fromActivationItem({ ...redriven, ...left })).toEqual(reopened);
    }
  });
});

test('an activation with a long principal and metadata takes one write unit at a time, all its life', () => {
  const queued = openActivation(
    {
      flowLog: { account: 'production', region: 'cn-beijing', flowLogId: 'fl-2d6m9xk4q8zy85oxruvg2' },
      batchId: batchIdOf(1),
      source: 'api',
      requestedBy:
        'arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Network_0123456789abcdef/alice@example.com',
      metadata: { ticket: 'OPS-42' },
      turnAt: START,
    },
    START,
    policy,
  );
  const leased = leaseForCall(queued, '3b241101-e2bb-4255-8caf-4136c566a962', START, policy);
  const requestId = '20260102030405000000000000000001';
  const pending = accept(leased, requestId, START, policy, `task-${requestId}`);
  const completed = complete(clearOutbox(pending, new Map([['submitted#1', START]])), false, START);
  for (const activation of [queued, leased, pending, completed]) {
    expect(itemBytes(toAttributes(toActivationItem(activation)))).toBeLessThanOrEqual(1_024);
  }
});

import { describe, expect, test } from 'vitest';
import { reopen } from '../../../lib/activation/model/queueing.ts';
import { accept } from '../../../lib/activation/model/transitions.ts';
import { fromActivationItem, toActivationItem } from '../../../lib/aws/activation-item.ts';
import { aLeasedActivation } from '../../support/builders/activations.ts';
import { policy, START } from '../../support/fakes/activations.ts';

const accepted = accept(aLeasedActivation(), 'req-1', START, policy, 'task-1');

describe("Volcengine's task", () => {
  test('is read as it was written', () => {
    expect(fromActivationItem(toActivationItem(accepted))).toEqual(accepted);
    const { asyncTaskGeneration: _, ...older } = toActivationItem(accepted);
    expect(fromActivationItem(older)).toMatchObject({ asyncTaskId: 'task-1' });
  });

  test('of the generation before, which a redrive by 0.3 leaves in the item, is nobody’s', () => {
    const { asyncTaskId, asyncTaskGeneration } = toActivationItem(accepted);
    const redriven = toActivationItem(reopen({ ...accepted, status: 'failed' }, 'someone', START, policy));
    const left = fromActivationItem({ ...redriven, asyncTaskId, asyncTaskGeneration });
    expect(left.generation).toBe(2);
    expect(left.asyncTaskId).toBeUndefined();
  });
});

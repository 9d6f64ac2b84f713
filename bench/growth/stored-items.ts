import type { Activation } from '../../lib/activation/model/activation.ts';
import { clearOutbox, complete } from '../../lib/activation/model/endings.ts';
import type { Policy } from '../../lib/activation/model/policy.ts';
import { openActivation } from '../../lib/activation/model/queueing.ts';
import { accept, leaseForCall } from '../../lib/activation/model/transitions.ts';
import { toActivationItem } from '../../lib/aws/activation-item.ts';
import { toAttributes } from '../../lib/aws/item-update.ts';
import { REGION } from '../../test/support/virtual/container-deps.ts';
import { flowLogIdOf } from '../signing/requests.ts';

const BATCH_ID = 'b-0123456789abcdef0123456789abcdef';

const itemOf = (activation: Activation) => toAttributes(toActivationItem(activation));

const published = (activation: Activation, now: number) =>
  clearOutbox(activation, new Map(activation.outbox.map((entry) => [entry, now])));

/** Activations as they lie in the table, by the very transitions that the handlers make. */
function queuedActivation(index: number, now: number, policy: Policy): Activation {
  const flowLog = { account: 'default', region: REGION, flowLogId: flowLogIdOf(index) };
  const opening = { flowLog, batchId: BATCH_ID, source: 'api', metadata: { ticket: 'OPS-42' }, turnAt: now };
  return openActivation(opening, now, policy);
}

function acceptedActivation(index: number, now: number, policy: Policy): Activation {
  const leased = leaseForCall(queuedActivation(index, now, policy), 'lease-1', now, policy);
  return accept(leased, '20260102030405A1B2C3D4E5F6A7B8C9D0', now, policy);
}

/** Its submitted event has been told, as after its first minute. */
function pendingActivation(index: number, now: number, policy: Policy): Activation {
  const pending = acceptedActivation(index, now, policy);
  return published(pending, now);
}

export const queuedItem = (index: number, now: number, policy: Policy) =>
  itemOf(queuedActivation(index, now, policy));

/** Right after the worker: its submitted event has not been told. */
export const acceptedItem = (index: number, now: number, policy: Policy) =>
  itemOf(acceptedActivation(index, now, policy));

export const pendingItem = (index: number, now: number, policy: Policy) =>
  itemOf(pendingActivation(index, now, policy));

export function finishedItem(index: number, now: number, policy: Policy) {
  const completed = complete(pendingActivation(index, now, policy), false, now);
  return itemOf(published(completed, now));
}

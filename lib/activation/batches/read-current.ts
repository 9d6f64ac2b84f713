import { inChunks, mapConcurrently } from '../../runtime/concurrency.ts';
import type { Activation, FlowLogRef } from '../model/activation.ts';
import type { ActivationStore } from '../model/ports.ts';
import { refsOf } from './plan.ts';
import type { Selector } from './selector.ts';

/** Few at a time, because each read loads whole activations. */
const READ_AT_ONCE = 100;
const READ_CONCURRENCY = 4;

/** The current activations of flow logs of one account and region, and those that this version cannot read. */
export async function readCurrent(
  store: Pick<ActivationStore, 'readManyCurrent'>,
  scope: Pick<Selector, 'account' | 'region'>,
  flowLogIds: string[],
): Promise<{ activations: Activation[]; unreadable: FlowLogRef[] }> {
  const activations: Activation[] = [];
  const unreadable: FlowLogRef[] = [];
  await mapConcurrently(inChunks(flowLogIds, READ_AT_ONCE), READ_CONCURRENCY, async (chunk) => {
    const read = await store.readManyCurrent(refsOf(scope, chunk));
    activations.push(...read.activations);
    unreadable.push(...read.unreadable);
  });
  return { activations, unreadable };
}

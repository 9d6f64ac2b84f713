import { mapSettled } from '../../runtime/concurrency.ts';
import type { Activation } from '../model/activation.ts';
import { DescribeFailed, StoreContended } from '../model/errors.ts';
import { jobFor } from '../request/activation-job.ts';
import {
  observe,
  obstacleInObservation,
  obstacleInRecord,
  type RedriveDeps,
  reopenObserved,
} from './redrive-activation.ts';

/** What became of one activation: its next generation, or why it was not redriven. */
export type Redriven =
  | { activation: Activation; next: Activation }
  | { activation: Activation; error: Error };

export type RedriveMany = {
  /** The principal. */
  by: string;
  /** No call waits long for its token after this time (ms since the epoch), and none starts after `stopAt`. */
  waitUntil: number;
  stopAt?: number;
  /** Accounts with regions that gave no usable reply before: they are not called again. New ones are added. */
  unanswered?: Map<string, DescribeFailed>;
  /** Whether anything may still be written for a group that was described. */
  mayWrite?: () => Promise<boolean>;
};

const SCOPES_AT_ONCE = 8;
const WRITES_AT_ONCE = 16;

/**
 * Redrives failed activations as redriveActivation does, with a DescribeFlowLogs call for up to 100 of one account and
 * region. Each is decided on its own: a refused account, region or flow log delays no other, and its error is its
 * result. What must not be written any more has no result.
 */
export async function redriveMany(
  deps: RedriveDeps,
  failed: Activation[],
  how: RedriveMany,
): Promise<Redriven[]> {
  const results: Redriven[] = [];
  const redrivable: Activation[] = [];
  for (const activation of failed) {
    const error = obstacleInRecord(deps, activation);
    if (error) results.push({ activation, error });
    else redrivable.push(activation);
  }
  const scopes = [...Map.groupBy(redrivable, ({ account, region }) => `${account}#${region}`)];
  const ofScopes = await mapSettled(scopes, SCOPES_AT_ONCE, ([scope, group]) =>
    redriveScope(deps, scope, group, how),
  );
  for (const [index, [, group]] of scopes.entries()) {
    const redriven = ofScopes[index] ?? [];
    if (redriven instanceof Error)
      results.push(...group.map((activation) => ({ activation, error: redriven })));
    else results.push(...redriven);
  }
  return results;
}

async function redriveScope(
  deps: RedriveDeps,
  scope: string,
  group: Activation[],
  { by, unanswered = new Map(), mayWrite = async () => true, ...times }: RedriveMany,
): Promise<Redriven[]> {
  const known = unanswered.get(scope);
  const observed = known ? { observations: new Map(), waitMs: 0 } : await observe(deps, group, times);
  const checked = group.map((activation) => ({
    activation,
    error: known ?? obstacleInObservation(observed, activation),
  }));
  const [first] = checked;
  if (
    first?.error instanceof DescribeFailed &&
    checked.every(({ error }) => error instanceof DescribeFailed)
  ) {
    unanswered.set(scope, first.error);
  }
  const refused = checked.flatMap(({ activation, error }) => (error ? [{ activation, error }] : []));
  const redrivable = checked.filter(({ error }) => error === undefined);
  if (redrivable.length === 0 || !(await mayWrite())) return refused;
  const nexts = await mapSettled(redrivable, WRITES_AT_ONCE, ({ activation }) =>
    reopenObserved(deps, observed, activation, by),
  );
  const reopened = redrivable.map(({ activation }, index) => resultOf(activation, nexts[index]));
  const queued = reopened.flatMap((one) => ('next' in one && one.next.status === 'queued' ? one.next : []));
  if (queued.length > 0) {
    await deps.queue.enqueue(queued.map((next) => jobFor(next, deps.now(), deps.policy)));
  }
  return [...refused, ...reopened];
}

/** `next` undefined: another writer was faster. */
function resultOf(activation: Activation, next: Activation | Error | undefined): Redriven {
  if (next instanceof Error) return { activation, error: next };
  return next ? { activation, next } : { activation, error: new StoreContended() };
}

import { mapSettled } from '../../runtime/concurrency.ts';
import type { Activation } from '../model/activation.ts';
import { ActivationError, NotFound, TryLater } from '../model/errors.ts';
import type { Operation, OperationRefusal, OperationTarget } from '../model/operation.ts';
import { idsOfJob } from '../model/tracing.ts';
import { ACTIONS, type Acted, type ActionDeps, type Slice } from './actions.ts';
import { GivenUp, OtherGeneration } from './errors.ts';
import { findTargets } from './find-targets.ts';
import { beginSlice, endSlice, HAND_TRIES, postpone, type SliceResult } from './operation.ts';
import type { OperationStore } from './ports.ts';

export type CarryOutDeps = ActionDeps & { operations: OperationStore };

/** No slice starts after `until`, no call to Volcengine after `stopAt`. In ms since the epoch. */
export type SliceLimit = { until: number; stopAt: number };

const OPERATIONS_AT_ONCE = 4;
const READS_AT_ONCE = 16;

/**
 * Carries out slices of these operations: at least one of each, then more until `until`. One that fails stops no other,
 * and is tried again when a slice counts as dead. Returns whether any of them still runs. Throws the first failure at the
 * end.
 */
export async function carryOut(
  deps: CarryOutDeps,
  operations: Operation[],
  limit: SliceLimit,
): Promise<boolean> {
  const outcomes = await mapSettled(operations, OPERATIONS_AT_ONCE, async (operation) => {
    let current: Operation | undefined = operation;
    try {
      do {
        current = await carryOutSlice(deps, current, limit);
      } while (current?.dueAt !== undefined && current.hand.length === 0 && deps.now() < limit.until);
    } catch (error) {
      // Refused if the slice had begun: then it is due later anyway.
      if (current)
        await deps.operations.transition(current, postpone(current, deps.now())).catch(() => false);
      throw error;
    }
    return current?.dueAt !== undefined;
  });
  for (const outcome of outcomes) if (outcome instanceof Error) throw outcome;
  return outcomes.includes(true);
}

/**
 * Takes activations in hand, decides each, and stores what became of them. Returns the new record, or undefined if
 * another writer was faster: another poller, or a person who aborts it.
 */
async function carryOutSlice(
  deps: CarryOutDeps,
  operation: Operation,
  { until, stopAt }: SliceLimit,
): Promise<Operation | undefined> {
  const found =
    operation.hand.length > 0
      ? undefined
      : await findTargets(deps.store, operation, () => deps.now() >= until);
  const sliceId = deps.random().toString(36);
  const begun = beginSlice(operation, found, sliceId, deps.now());
  if (begun.hand.length === 0) return finish(deps, operation, endSlice(begun, NOTHING, deps.now()));
  const taken = await write(deps, operation, begun);
  if (taken === undefined) return undefined;
  const { refusals, ...result } = await decideHand(deps, taken, stopAt);
  if (refusals.length > 0) await deps.operations.writeRefusals(taken, taken.refusalPages + 1, refusals);
  const ended = await finish(deps, taken, endSlice(taken, result, deps.now()));
  if (ended) return ended;
  const aborted = await deps.operations.read(taken.operationId);
  if (aborted?.status !== 'aborted' || aborted.version !== taken.version + 1) return undefined;
  return finish(deps, aborted, endSlice(aborted, result, deps.now()));
}

/** Writes the end of a slice, perhaps that of the operation. */
async function finish(
  deps: CarryOutDeps,
  previous: Operation,
  next: Operation,
): Promise<Operation | undefined> {
  const written = await write(deps, previous, next);
  if (written?.finishedAt !== undefined) {
    const { operationId, action, status, requestedBy, looked, done, refused } = written;
    deps.log.info('operation ended', { operationId, action, status, requestedBy, looked, done, refused });
  }
  return written;
}

const NOTHING: SliceResult = { done: 0, refused: 0, undecided: [], untouched: [] };

type HandResult = SliceResult & { refusals: OperationRefusal[] };

async function decideHand(deps: CarryOutDeps, operation: Operation, stopAt: number): Promise<HandResult> {
  const { action, hand, tries } = operation;
  const { isDone } = ACTIONS[action];
  const result: HandResult = { done: 0, refused: 0, undecided: [], untouched: [], refusals: [] };
  const refuse = (target: OperationTarget, error: Error) => {
    const mayTryAgain = error instanceof TryLater || !(error instanceof ActivationError);
    if (mayTryAgain && tries < HAND_TRIES) {
      result.undecided.push(target);
      return;
    }
    result.refused += 1;
    result.refusals.push({ activationId: target.activationId, why: whyOf(deps, target, error) });
  };

  const found = await mapSettled(hand, READS_AT_ONCE, ({ activationId }) =>
    deps.store.readActivation(activationId),
  );
  const open = new Map<Activation, OperationTarget>();
  for (const [index, target] of hand.entries()) {
    const activation = found[index] ?? new NotFound('activation');
    if (activation instanceof Error) refuse(target, activation);
    else if (isDone(activation, target, operation)) result.done += 1;
    else if (activation.generation !== target.generation)
      refuse(target, new OtherGeneration(activation.generation));
    else open.set(activation, target);
  }
  const mayWrite = async () => (await deps.operations.read(operation.operationId))?.status === 'running';
  for (const { activation, error } of await actOn(deps, [...open.keys()], { operation, stopAt, mayWrite })) {
    const target = open.get(activation);
    open.delete(activation);
    if (error === undefined) result.done += 1;
    else if (target) refuse(target, error);
  }
  result.untouched.push(...open.values());
  return result;
}

async function actOn(deps: CarryOutDeps, activations: Activation[], slice: Slice): Promise<Acted[]> {
  const { action, status, tries } = slice.operation;
  if (status !== 'running') return [];
  // A slice that dies again and again must not stop the rest of the operation.
  if (tries > HAND_TRIES) return activations.map((activation) => ({ activation, error: new GivenUp() }));
  return ACTIONS[action].act(deps, activations, slice);
}

function whyOf({ log }: CarryOutDeps, { activationId }: OperationTarget, error: Error): string {
  if (error instanceof ActivationError) return error.message;
  log.error('an operation could not decide an activation', { ...idsOfJob({ activationId }), error });
  return 'an unexpected error, which is in the log of the poller';
}

/** Returns the new record, also if the reply to the write was lost, or undefined if another writer was faster. */
async function write(
  { operations }: CarryOutDeps,
  previous: Operation,
  next: Operation,
): Promise<Operation | undefined> {
  const written = { ...next, version: previous.version + 1 };
  if (await operations.transition(previous, next)) return written;
  const current = await operations.read(previous.operationId);
  return current !== undefined && isSame(current, written) ? written : undefined;
}

function isSame(current: Operation, written: Operation): boolean {
  return (
    current.version === written.version &&
    current.sliceId === written.sliceId &&
    current.updatedAt === written.updatedAt &&
    current.status === written.status
  );
}

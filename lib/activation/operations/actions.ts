import { inChunks, mapSettled } from '../../runtime/concurrency.ts';
import type { Activation, ActivationStatus } from '../model/activation.ts';
import { failedAs } from '../model/endings.ts';
import type { Operation, OperationAction, OperationFilter, OperationTarget } from '../model/operation.ts';
import { RETRY_NOW } from '../model/queueing.ts';
import type { RedriveDeps } from '../redrive/redrive-activation.ts';
import { isWanted } from '../redrive/redrive-failed.ts';
import { redriveMany } from '../redrive/redrive-many.ts';
import { cancelActivation } from '../request/cancel-activation.ts';
import { type RetryDeps, retryNow } from '../request/retry-now.ts';

export type ActionDeps = RedriveDeps & RetryDeps;

/** What became of an activation. Without an error it is done. */
export type Acted = { activation: Activation; error?: Error | undefined };

export type Slice = {
  operation: Operation;
  /** No call to Volcengine starts after this time (ms since the epoch). */
  stopAt: number;
  /** False if the operation was aborted. */
  mayWrite: () => Promise<boolean>;
};

/** What an operation does. */
type Action = {
  /** The state of those that it lists. */
  status: ActivationStatus;
  /** Whether one that is listed is to be decided. */
  isWanted(activation: Activation, filter: OperationFilter): boolean;
  /** Whether the generation is decided as it should be: by an earlier slice, or by somebody else. */
  isDone(activation: Activation, target: OperationTarget, operation: Operation): boolean;
  /** One without a result was not acted on. */
  act(deps: ActionDeps, activations: Activation[], slice: Slice): Promise<Acted[]>;
};

/** Before each group of so many it is read whether the operation was aborted. */
const AT_ONCE = 25;

const CANCELLED = failedAs('cancelled');

/** How long a call waits for its token, if there is time. */
const TOKEN_WAIT_MS = 10_000;

export const ACTIONS: Record<OperationAction, Action> = {
  redrive: {
    status: 'failed',
    isWanted: (activation, { reason }) => isWanted(activation, reason),
    isDone: ({ generation }, target) => generation > target.generation,
    act: (deps, activations, { operation, stopAt, mayWrite }) =>
      redriveMany(deps, activations, {
        by: operation.requestedBy,
        waitUntil: Math.min(stopAt, deps.now() + TOKEN_WAIT_MS),
        stopAt,
        mayWrite,
      }),
  },
  cancel: {
    status: 'queued',
    isWanted: () => true,
    // By the history: somebody may have redriven it since.
    isDone: ({ history }, target) =>
      history.some(({ event, generation }) => event === CANCELLED && generation === target.generation),
    act: (deps, activations, slice) =>
      inGroups(activations, slice, async (group) => {
        const { requestedBy } = slice.operation;
        const cancelled = await mapSettled(group, AT_ONCE, ({ activationId, generation }) =>
          cancelActivation(deps, activationId, requestedBy, generation),
        );
        return group.map((activation, index) => {
          const result = cancelled[index];
          return { activation, error: result instanceof Error ? result : undefined };
        });
      }),
  },
  'retry-now': {
    status: 'queued',
    isWanted: ({ lastError }) => lastError !== undefined,
    isDone: ({ history }, target, { createdAt, requestedBy }) =>
      history.some(
        ({ event, generation, at, by }) =>
          event === RETRY_NOW && generation === target.generation && at >= createdAt && by === requestedBy,
      ),
    act: (deps, activations, slice) =>
      inGroups(activations, slice, (group) => retryNow(deps, group, slice.operation.requestedBy)),
  },
};

async function inGroups(
  activations: Activation[],
  { mayWrite }: Slice,
  act: (group: Activation[]) => Promise<Acted[]>,
): Promise<Acted[]> {
  const acted: Acted[] = [];
  for (const group of inChunks(activations, AT_ONCE)) {
    if (!(await mayWrite())) break;
    acted.push(...(await act(group)));
  }
  return acted;
}

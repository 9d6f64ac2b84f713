import { IdempotencyKeyReused, InvalidCursor, NotFound, StoreContended } from '../model/errors.ts';
import type { Operation, OperationRefusal } from '../model/operation.ts';
import type { ActivationStore, Clock, Log } from '../model/ports.ts';
import { abort, deriveOperationId, newOperation, type OperationRequest } from './operation.ts';
import type { OperationStore } from './ports.ts';

export type OperationDeps = {
  operations: OperationStore;
  store: Pick<ActivationStore, 'readBatch'>;
  /** Plans a tick of the poller. Never throws. */
  wake: () => Promise<void>;
  /** Returns a random id in the form of OPERATION_ID, for a request without an idempotency key. */
  newOperationId: () => string;
  now: Clock;
  log: Log;
};

const WRITE_TRIES = 10;

/**
 * Stores an operation. The poller carries it out. Repeated with the same key, it returns the stored one as it is now.
 * Throws IdempotencyKeyReused, and NotFound for a batch that does not exist.
 */
export async function requestOperation(
  { operations, store, wake, newOperationId, now, log }: OperationDeps,
  request: OperationRequest & { callerScope: string; idempotencyKey?: string },
): Promise<Operation> {
  const { callerScope, idempotencyKey } = request;
  const { batchId } = request.filter;
  if (batchId !== undefined && !(await store.readBatch(batchId))) throw new NotFound('batch');
  const id = idempotencyKey === undefined ? newOperationId() : deriveOperationId(callerScope, idempotencyKey);
  const requested = newOperation(id, request, now());
  const existing = await operations.create(requested);
  if (existing && existing.requestHash !== requested.requestHash) throw new IdempotencyKeyReused();
  const { operationId, action, filter, requestedBy } = existing ?? requested;
  const shown = { ...filter, flowLogIds: filter.flowLogIds?.length };
  log.info('operation requested', { operationId, action, filter: shown, requestedBy });
  await wake();
  return existing ?? requested;
}

/**
 * Aborts an operation: it takes nothing more in hand. What is done stays done, and what is in hand now ends first.
 * Idempotent; an operation that has ended stays as it is. Throws NotFound and StoreContended.
 */
export async function abortOperation(
  { operations, now, log }: OperationDeps,
  operationId: string,
  by: string,
): Promise<Operation> {
  for (let tries = 0; tries < WRITE_TRIES; tries += 1) {
    const operation = await readOperation(operations, operationId);
    // Perhaps aborted by our own write, whose reply was lost.
    const hasEnded = operation.status !== 'running';
    const next = hasEnded ? operation : abort(operation, by, now());
    if (hasEnded || (await operations.transition(operation, next))) {
      const { status, done, refused } = next;
      log.info('operation to be aborted', { operationId, by, status, done, refused });
      return next;
    }
  }
  throw new StoreContended();
}

/** Throws NotFound and RecordUnreadable. */
export async function readOperation(
  operations: Pick<OperationStore, 'read'>,
  operationId: string,
): Promise<Operation> {
  const operation = await operations.read(operationId);
  if (operation === undefined) throw new NotFound('operation');
  return operation;
}

/** Pages of refusals that one response shows, of up to 100 each. */
const PAGES_SHOWN = 5;

/** The refusals from this page on. Throws InvalidCursor for a page that the operation does not have. */
export async function readRefusals(
  operations: Pick<OperationStore, 'readRefusals'>,
  { operationId, refusalPages }: Operation,
  firstPage: number,
): Promise<{ refusals: OperationRefusal[]; nextCursor?: string }> {
  if (firstPage > Math.max(1, refusalPages)) throw new InvalidCursor();
  const pages = Array.from({ length: refusalPages - firstPage + 1 }, (_, index) => firstPage + index);
  const shown = pages.slice(0, PAGES_SHOWN);
  const next = pages[PAGES_SHOWN];
  return {
    refusals: await operations.readRefusals(operationId, shown),
    ...(next !== undefined && { nextCursor: String(next) }),
  };
}

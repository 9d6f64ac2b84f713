import type { Operation, OperationRefusal } from '../model/operation.ts';

/** The table. An operation is kept for 90 days after it was created, at least until it has ended. */
export interface OperationStore {
  /** Writes the operation. If one with its id exists and is not expired, returns that one and writes nothing. */
  create(operation: Operation): Promise<Operation | undefined>;
  /** Strongly consistent. Throws RecordUnreadable. */
  read(operationId: string): Promise<Operation | undefined>;
  /** Conditional on `previous.version`. Returns false if another writer was faster. */
  transition(previous: Operation, next: Operation): Promise<boolean>;
  /** The newest first. It starts from an index that can lag behind. Leaves out what it cannot read. */
  newest(limit: number): Promise<Operation[]>;
  /**
   * Writes a page of refusals, over one that an earlier slice left there. Writes nothing if a slice of a later version
   * has written it.
   */
  writeRefusals(operation: Operation, page: number, refusals: OperationRefusal[]): Promise<void>;
  /** The refusals of these pages, in order. */
  readRefusals(operationId: string, pages: number[]): Promise<OperationRefusal[]>;
}

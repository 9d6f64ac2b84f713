import type { Operation, OperationRefusal } from '../../../lib/activation/model/operation.ts';
import { OPERATION_LIFE_MS } from '../../../lib/activation/operations/operation.ts';
import type { OperationStore } from '../../../lib/activation/operations/ports.ts';

/** The port in a Map: every method a single step, every record copied in and out. Proven by the store's shared suite. */
export class InMemoryOperationStore implements OperationStore {
  readonly operations: Map<string, Operation>;
  readonly refusals = new Map<string, { version: number; refusals: OperationRefusal[] }>();

  /** The activation store that finds the due ones has the same Map. */
  constructor(operations = new Map<string, Operation>()) {
    this.operations = operations;
  }

  async create(operation: Operation): Promise<Operation | undefined> {
    const existing = this.operations.get(operation.operationId);
    if (existing && existing.createdAt > operation.createdAt - OPERATION_LIFE_MS)
      return structuredClone(existing);
    this.operations.set(operation.operationId, stored(operation));
    return undefined;
  }

  async read(operationId: string): Promise<Operation | undefined> {
    return structuredClone(this.operations.get(operationId));
  }

  async transition(previous: Operation, next: Operation): Promise<boolean> {
    const now = this.operations.get(previous.operationId);
    if (now?.version !== previous.version || now.createdAt !== previous.createdAt) return false;
    this.operations.set(previous.operationId, stored({ ...next, version: now.version + 1 }));
    return true;
  }

  async newest(limit: number): Promise<Operation[]> {
    const all = [...this.operations.values()].sort((a, b) => b.createdAt - a.createdAt);
    return structuredClone(all.slice(0, limit));
  }

  async writeRefusals({ operationId, version }: Operation, page: number, refusals: OperationRefusal[]) {
    const key = `${operationId}#${page}`;
    if ((this.refusals.get(key)?.version ?? 0) <= version) this.refusals.set(key, { version, refusals });
  }

  async readRefusals(operationId: string, pages: number[]): Promise<OperationRefusal[]> {
    return structuredClone(
      pages.flatMap((page) => this.refusals.get(`${operationId}#${page}`)?.refusals ?? []),
    );
  }
}

/** As a table gives it back: no undefined fields, nothing shared. */
function stored(operation: Operation): Operation {
  return JSON.parse(JSON.stringify(operation));
}

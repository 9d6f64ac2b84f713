import { isNewer } from '../../../lib/activation/drift/drift.ts';
import { type Activation, belongsTo } from '../../../lib/activation/model/activation.ts';
import type { Batch } from '../../../lib/activation/model/batch.ts';
import { InvalidCursor, RecordUnreadable } from '../../../lib/activation/model/errors.ts';
import { flowLogKey } from '../../../lib/activation/model/ids.ts';
import { matches } from '../../../lib/activation/model/list-filter.ts';
import type { Operation } from '../../../lib/activation/model/operation.ts';
import type {
  ActivationPage,
  ActivationStore,
  ActivationsRead,
  CompletedPage,
  DuePeriod,
  ListQuery,
} from '../../../lib/activation/model/ports.ts';
import { BATCH_LIFE_MS } from '../../../lib/aws/batch-item.ts';
import { flowLogOf } from './activations.ts';

/** The port in a Map: every method a single step, every record copied in and out. Proven by the store's shared suite. */
export class InMemoryActivationStore implements ActivationStore {
  readonly current = new Map<string, Activation>();
  readonly archive = new Map<string, Activation>();
  readonly batches = new Map<string, Batch>();
  /** Those of the operation store, which are due as well. */
  readonly operations = new Map<string, Operation>();
  /** Every successful write, by method. */
  readonly writes: string[] = [];
  /** Flow logs, by their keys, whose current record another version has written. */
  readonly unreadable = new Set<string>();
  completedPageSize = 500;

  /** Throws if there is none. */
  async currentOf(flowLogId: string): Promise<Activation> {
    const found = await this.readCurrent(flowLogOf(flowLogId));
    if (found === undefined) throw new Error(`there is no activation of ${flowLogId}`);
    return found;
  }

  /** What others do with the current activation of a flow log meanwhile. */
  async change(flowLogId: string, transition: (current: Activation) => Activation): Promise<void> {
    const current = await this.currentOf(flowLogId);
    await this.transition(current, transition(current));
  }

  async createBatch(batch: Batch): Promise<Batch | undefined> {
    const existing = this.batches.get(batch.batchId);
    const isLive = existing && existing.createdAt > batch.createdAt - BATCH_LIFE_MS;
    if (isLive) return structuredClone(existing);
    this.batches.set(batch.batchId, structuredClone(batch));
    this.writes.push('createBatch');
    return undefined;
  }

  async readBatch(batchId: string): Promise<Batch | undefined> {
    return structuredClone(this.batches.get(batchId));
  }

  async transitionBatch(previous: Batch, next: Batch): Promise<boolean> {
    const now = this.batches.get(previous.batchId);
    if (now?.version !== previous.version || now.createdAt !== previous.createdAt) return false;
    this.batches.set(previous.batchId, stored({ ...next, version: now.version + 1 }));
    this.writes.push('transitionBatch');
    return true;
  }

  async readCurrent(flowLog: Parameters<ActivationStore['readCurrent']>[0]): Promise<Activation | undefined> {
    if (this.unreadable.has(flowLogKey(flowLog))) throw new RecordUnreadable(flowLog.flowLogId);
    return structuredClone(this.current.get(flowLogKey(flowLog)));
  }

  async readManyCurrent(
    flowLogs: Parameters<ActivationStore['readManyCurrent']>[0],
  ): Promise<ActivationsRead> {
    return this.read(flowLogs.flatMap((flowLog) => this.current.get(flowLogKey(flowLog)) ?? []));
  }

  async readActivation(activationId: string): Promise<Activation | undefined> {
    const found = this.all().find((activation) => activation.activationId === activationId);
    return found?.archived === false ? this.readCurrent(found) : structuredClone(found);
  }

  async findArchived(flowLog: Parameters<ActivationStore['findArchived']>[0], batchId: string) {
    const key = flowLogKey(flowLog);
    const found = [...this.archive.values()].find(
      (activation) => flowLogKey(activation) === key && belongsTo(activation, batchId),
    );
    return structuredClone(found);
  }

  async open(activation: Activation): Promise<boolean> {
    if (this.current.has(flowLogKey(activation))) return false;
    this.current.set(flowLogKey(activation), stored(activation));
    this.writes.push('open');
    return true;
  }

  async join(activation: Activation, batchId: string): Promise<boolean> {
    const joined = { ...activation, joiners: [...activation.joiners, batchId] };
    return this.write('join', activation, joined, (now) => now.version === activation.version);
  }

  async replace(previous: Activation, next: Activation): Promise<boolean> {
    const key = `${flowLogKey(previous)}#${previous.batchId}`;
    const copy = this.archive.get(key);
    if (copy && isNewer(copy, previous)) return false;
    const version = Math.max(copy?.version ?? 0, previous.version);
    if (!copy || copy.version < previous.version || isNewer(previous, copy))
      this.archive.set(key, stored({ ...previous, archived: true, version }));
    const successor = { ...next, version: previous.version };
    return this.write('replace', previous, successor, (now) => now.version === previous.version);
  }

  async transition(previous: Activation, next: Activation): Promise<boolean> {
    return this.write(
      'transition',
      previous,
      next,
      (now) => now.version === previous.version && now.activationId === previous.activationId,
    );
  }

  async recordOutcome(leased: Activation, next: Activation): Promise<boolean> {
    const now = this.current.get(flowLogKey(leased));
    const outcome = { ...next, joiners: now?.joiners ?? [], version: now?.version ?? 0 };
    return this.write(
      'recordOutcome',
      leased,
      outcome,
      ({ activationId, generation, attempts, leaseId, status }) =>
        activationId === leased.activationId &&
        generation === leased.generation &&
        attempts === leased.attempts &&
        leaseId === leased.leaseId &&
        status === 'queued',
    );
  }

  async *due({ from, until }: DuePeriod, _turn: number) {
    const isDue = ({ dueAt }: { dueAt?: number }) => dueAt !== undefined && dueAt >= from && dueAt <= until;
    const { activations } = this.read(this.all().filter(isDue));
    const batches = [...this.batches.values()].filter(isDue);
    const operations = [...this.operations.values()].filter(isDue);
    const due = activations.length + batches.length + operations.length;
    if (due > 0) yield structuredClone({ activations, batches, operations });
  }

  async list({ limit, cursor, ...filter }: ListQuery): Promise<ActivationPage> {
    const before = cursor === undefined ? '~' : Buffer.from(cursor, 'base64url').toString();
    if (cursor !== undefined && !before.includes('#')) throw new InvalidCursor();
    const keyOf = ({ createdAt, activationId }: Activation) =>
      `${String(createdAt).padStart(15, '0')}#${activationId}`;
    const found = this.all()
      .filter((one) => !one.archived || this.current.get(flowLogKey(one))?.activationId !== one.activationId)
      .filter((activation) => matches(filter, activation))
      .filter((activation) => keyOf(activation) < before)
      .sort((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1));
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const more = found.length > limit && last !== undefined;
    return {
      ...this.read(page),
      ...(more && { nextCursor: Buffer.from(keyOf(last)).toString('base64url') }),
    };
  }

  async completed(cursor?: string): Promise<CompletedPage> {
    const start = /^\d+$/.test(cursor ?? '') ? Number(cursor) : 0;
    const found = [...this.current.values()].filter(({ status }) => status === 'completed');
    const end = start + this.completedPageSize;
    const { activations } = this.read(found.slice(start, end));
    return { activations, ...(found.length > end && { nextCursor: String(end) }) };
  }

  private read(records: Activation[]): ActivationsRead {
    const isUnreadable = (one: Activation) => !one.archived && this.unreadable.has(flowLogKey(one));
    const { unreadable = [], activations = [] } = Object.groupBy(records, (one) =>
      isUnreadable(one) ? 'unreadable' : 'activations',
    );
    const flowLogs = unreadable.map(({ account, region, flowLogId }) => ({ account, region, flowLogId }));
    return { activations: structuredClone(activations), unreadable: flowLogs };
  }

  private all(): Activation[] {
    return [...this.current.values(), ...this.archive.values()];
  }

  private async write(
    method: string,
    previous: Activation,
    next: Activation,
    condition: (now: Activation) => boolean,
  ): Promise<boolean> {
    const map = previous.archived ? this.archive : this.current;
    const key = previous.archived ? `${flowLogKey(previous)}#${previous.batchId}` : flowLogKey(previous);
    const now = map.get(key);
    if (now === undefined || !condition(now)) return false;
    map.set(key, stored({ ...next, version: now.version + 1 }));
    this.writes.push(method);
    return true;
  }
}

/** As a table gives it back: no undefined fields, nothing shared. */
function stored<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value));
}

import { unmarshall } from '@aws-sdk/util-dynamodb';
import { type Activation, batchIdsOf, isLeased, isOpen } from '../../lib/activation/activation.ts';
import type { Batch } from '../../lib/activation/batch.ts';
import { fromActivationItem } from '../../lib/aws/activation-item.ts';
import { fromBatchItem } from '../../lib/aws/batch-item.ts';
import { type DriftWatchOptions, watchDrift } from './drift-watch.ts';
import type { Item } from './dynamodb-expressions.ts';
import type { IoKind } from './fault-kinds.ts';
import type { ReferenceModel } from './reference-model.ts';
import type { Violate } from './rules.ts';
import type { VirtualTime } from './virtual-time.ts';

const LEGAL: Record<Activation['status'], readonly Activation['status'][]> = {
  queued: ['queued', 'pending', 'completed', 'failed'],
  pending: ['pending', 'queued', 'completed', 'failed'],
  completed: ['completed'],
  failed: ['failed'],
};
/** A redrive that finds the flow log Active looked at most so long before it wrote. */
const LOOK_MS = 60_000;

/** What the write was for, and from which container it came. */
export type WrittenBy = { kind: IoKind; writer: string };

export type WatchOptions = {
  time: VirtualTime;
  model: ReferenceModel;
  violate: Violate;
  wasActiveSince: (flowLogId: string, since: number) => boolean;
  wasReasonGiven: (activation: Activation) => boolean;
  onEnd: (activation: Activation) => void;
  onBatchReopened: (batchId: string) => void;
  drift: DriftWatchOptions;
};

/** Sees every write to the table as it is made, holds it to the rules, and tells the reference model of it. */
export class TableWatch {
  readonly current = new Map<string, Activation>();
  readonly archived = new Map<string, Activation>();
  readonly batches = new Map<string, Batch>();
  readonly #options: WatchOptions;
  /** Who took the latest lease, by flow log. */
  readonly #holders = new Map<string, string>();
  onLease: (leased: Activation) => void = () => {};

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  wrote(item: Item, by: WrittenBy): void {
    if (item.pk?.S?.startsWith('B#')) this.#wroteBatch(fromBatchItem(unmarshall(item)));
    if (!item.pk?.S?.startsWith('F#') || item.sk?.S?.startsWith('J#')) return;
    const after = fromActivationItem(unmarshall(item));
    this.#checkWhole(after);
    if (after.archived) this.#archivedAs(after);
    else this.#becameCurrent(after, by);
  }

  /** For a call that arrives at Volcengine: someone holds a live lease for it. */
  called(flowLogId: string): void {
    const item = this.current.get(flowLogId);
    if (item?.status === 'queued' && isLeased(item, this.#options.time.now)) return;
    const lease = item?.leaseUntil === undefined ? 'no lease' : `a lease until ${item.leaseUntil}`;
    this.#options.violate('calls only under a lease', `${flowLogId} is ${item?.status}, ${lease}`);
  }

  find(activationId: string): Activation | undefined {
    const all = [...this.current.values(), ...this.archived.values()];
    return all.find((activation) => activation.activationId === activationId);
  }

  #wroteBatch(after: Batch): void {
    const { model, violate } = this.#options;
    const { batchId, flowLogs, completed, dueAt } = after;
    const before = this.batches.get(batchId);
    this.batches.set(batchId, after);
    model.batches.asked(
      batchId,
      flowLogs.map(({ flowLogId }) => flowLogId),
    );
    if (before && after.version !== before.version + 1) violate('legal moves only', `${batchId}: version`);
    if (before?.completed && JSON.stringify(before.completed) !== JSON.stringify(completed)) {
      violate('a batch ends when all of it is final', `${batchId} ended again`);
    }
    if (completed && !before?.completed) model.batches.recorded(batchId, completed);
    if (dueAt !== undefined) return;
    if (!completed) violate('due while work is left', `${batchId} has no end on record`);
    if (!model.batches.isTold(batchId)) violate('told before it is forgotten', batchId);
  }

  #checkWhole(after: Activation): void {
    const { violate, time } = this.#options;
    const { dueAt, deadlineAt, outbox, activationId } = after;
    const hasWork = isOpen(after) || outbox.length > 0;
    if (hasWork !== (dueAt !== undefined)) {
      violate('due while work is left', `${activationId} is ${after.status}, [${outbox}], due ${dueAt}`);
    }
    if (isOpen(after) && dueAt !== undefined && dueAt > Math.max(deadlineAt, time.now)) {
      violate('due while work is left', `${activationId} is due only after its deadline`);
    }
  }

  #archivedAs(after: Activation): void {
    const before = this.archived.get(after.activationId);
    if (isOpen(after)) this.#options.violate('legal moves only', `${after.activationId} archived while open`);
    if (before && before.generation > after.generation) {
      this.#options.violate('legal moves only', `${after.activationId}: an older archived over a newer`);
    }
    if (before) this.#checkForgotten(before, after);
    this.archived.set(after.activationId, after);
  }

  #becameCurrent(after: Activation, by: WrittenBy): void {
    const { model, violate, time } = this.#options;
    const { activationId, flowLogId, generation } = after;
    const before = this.current.get(flowLogId);
    const isSame = before?.activationId === activationId;
    if (before && after.version !== before.version + 1) {
      violate('legal moves only', `${activationId}: version`);
    }
    if (before && isLeased(before, time.now) && !this.#mayWriteWhileLeased(flowLogId, by)) {
      violate('a live lease is respected', `${activationId}: ${by.kind} by ${by.writer}`);
    }
    if (before && isSame) this.#moved(before, after);
    if (before && !isSame) this.#replaced(before, after);
    if (!before && generation !== 1) violate('legal moves only', `${activationId} begins at ${generation}`);

    if (!isSame || generation > before.generation) {
      if (generation > 1 && before) this.#redriven(before, after);
      model.opened(flowLogId, activationId, generation);
    }
    model.joined(activationId, [after.batchId, ...after.joiners]);
    this.current.set(flowLogId, after);
    if (by.kind === 'take lease') this.#leased(after, by.writer);
    const wasOpen = !isSame || generation > before.generation || isOpen(before);
    if (wasOpen && !isOpen(after)) this.#ended(after, isSame && generation > before.generation);
  }

  #leased(leased: Activation, holder: string): void {
    this.#holders.set(leased.flowLogId, holder);
    this.onLease(leased);
  }

  /** While one worker decides, others may only join. */
  #mayWriteWhileLeased(flowLogId: string, { kind, writer }: WrittenBy): boolean {
    return kind === 'join' || (kind === 'record outcome' && this.#holders.get(flowLogId) === writer);
  }

  #moved(before: Activation, after: Activation): void {
    const { violate } = this.#options;
    const { activationId } = after;
    this.#checkForgotten(before, after);
    if (before.generation === after.generation) watchDrift(this.#options.drift, before, after);
    if (before.joiners.some((joiner, index) => after.joiners[index] !== joiner)) {
      violate('everyone who joined hears the end', `${activationId} lost one of its joiners`);
    }
    if (before.generation !== after.generation) return;
    const isLegal = LEGAL[before.status].includes(after.status);
    const wentBack = before.status === 'pending' && after.status === 'queued' && before.accepted === true;
    if (!isLegal || wentBack) {
      violate('legal moves only', `${activationId}: ${before.status} to ${after.status}`);
    }
  }

  #redriven(before: Activation, after: Activation): void {
    for (const batchId of batchIdsOf(after)) {
      if (this.batches.get(batchId)?.completed) this.#options.onBatchReopened(batchId);
    }
    if (before.status === 'failed' && after.generation === before.generation + 1) return;
    this.#options.violate('legal moves only', `${after.activationId} redriven from ${before.status}`);
  }

  #replaced(before: Activation, after: Activation): void {
    const { model, violate } = this.#options;
    if (isOpen(before)) violate('one open activation for a flow log', `${before.activationId} was replaced`);
    const copy = this.archived.get(before.activationId);
    if (copy?.generation !== before.generation || copy.joiners.length !== before.joiners.length) {
      violate('archived before it is replaced', `${before.activationId} by ${after.activationId}`);
    }
    const lost = before.outbox.filter((entry) => !copy?.outbox.includes(entry));
    for (const entry of lost) {
      if (model.isTold(before.activationId, entry)) continue;
      violate('archived before it is replaced', `${before.activationId} without ${entry}`);
    }
  }

  #checkForgotten(before: Activation, after: Activation): void {
    const { model, violate } = this.#options;
    const forgotten = before.outbox.filter((entry) => !after.outbox.includes(entry));
    for (const entry of forgotten) {
      if (!model.isTold(before.activationId, entry)) {
        violate('told before it is forgotten', `${before.activationId} ${entry}`);
      }
    }
  }

  #ended(after: Activation, isAdoptedByRedrive: boolean): void {
    const { model, violate, time, wasActiveSince, wasReasonGiven, onEnd } = this.#options;
    const { activationId, flowLogId, generation, status, reason, queuedAt, adopted } = after;
    if (status !== 'completed' && status !== 'failed') return;
    const end = { status, ...(reason && { reason }), ...(adopted !== undefined && { adopted }) };
    model.ended(flowLogId, activationId, generation, end);
    const openSince = isAdoptedByRedrive ? time.now - LOOK_MS : queuedAt;
    if (status === 'completed' && !wasActiveSince(flowLogId, openSince)) {
      violate('completed only if Active while open', `${activationId} ${generation}`);
    }
    if (status === 'failed' && !wasReasonGiven(after)) {
      violate('fails only for a reason that was given', `${activationId} ${generation}: ${reason}`);
    }
    onEnd(after);
  }
}

import {
  type Activation,
  batchIdsOf,
  isOpen,
  type OutboxEntry,
} from '../../lib/activation/model/activation.ts';
import type { Batch } from '../../lib/activation/model/batch.ts';
import { goalOf, isReached } from '../../lib/activation/model/goal.ts';
import type { Caller } from '../support/virtual/container.ts';
import type { Item } from '../support/virtual/dynamodb-expressions.ts';
import type { Sight } from '../support/virtual/simulated-flow-log.ts';
import type { ChangeAction } from '../support/virtual/simulated-volcengine.ts';
import type { VirtualTime } from '../support/virtual/virtual-time.ts';
import { type DriftWatchOptions, watchDrift } from './drift-watch.ts';
import type { IoKind } from './fault-kinds.ts';
import { mayCallLate, mayEndSo } from './known-faults.ts';
import type { Refusals } from './loads/refusals.ts';
import type { Redrives } from './redrives.ts';
import type { ReferenceModel } from './reference-model.ts';
import type { Release } from './releases.ts';
import type { Lifetime } from './right-ends.ts';
import type { Violate } from './rules.ts';

const LEGAL: Record<Activation['status'], readonly Activation['status'][]> = {
  queued: ['queued', 'pending', 'completed', 'failed'],
  pending: ['pending', 'queued', 'completed', 'failed'],
  completed: ['completed'],
  failed: ['failed'],
};
/** A redrive that finds the flow log Active looked at most so long before it wrote. */
const LOOK_MS = 60_000;

/** What the write was for, and from where it came. */
export type WrittenBy = Caller & { kind: IoKind };

const NO_LIFETIME: Lifetime = { requestedAt: 0, openedAt: 0, pendingSince: undefined };

/** An ActiveFlowLog on its way, until it is answered or given up. */
type Call = { name: string; until: number };

export type WatchOptions = {
  callTimeoutMs: number;
  clocksOffMs: number;
  time: VirtualTime;
  model: ReferenceModel;
  violate: Violate;
  wasActiveSince: (flowLogId: string, since: number) => boolean;
  wasSince: (flowLogId: string, since: number, fits: (sight: Sight) => boolean) => boolean;
  /** How old what a replica shows may be. */
  lagMs: number;
  faultOfEnd: (ended: Activation, lifetime: Lifetime) => string | undefined;
  onEnd: (activation: Activation) => void;
  /** Each write of a current activation. `before`: only if it is of the same activation. */
  onCurrent: (before: Activation | undefined, after: Activation) => void;
  onBatchReopened: (batchId: string) => void;
  redrives: Redrives;
  refusals: Refusals;
  drift: DriftWatchOptions;
  /** Of the versions of the code that run, the one as it is last. */
  readers: readonly Pick<Release, 'version' | 'readItem'>[];
};

/** Sees every write to the table as it is made, holds it to the rules, and tells the reference model of it. */
export class TableWatch {
  readonly current = new Map<string, Activation>();
  readonly archived = new Map<string, Activation>();
  readonly batches = new Map<string, Batch>();
  readonly #options: WatchOptions;
  /** Who took the latest lease, by flow log. */
  readonly #holders = new Map<string, Caller>();
  /** When the latest request in a direction ended, by flow log and direction. */
  readonly #endedAt = new Map<string, number>();
  readonly #calls = new Map<string, Call[]>();
  readonly #lifetimes = new Map<string, Lifetime>();
  onLease: (leased: Activation) => void = () => {};
  onPending: (pending: Activation) => void = () => {};
  onFailed: (failed: Activation) => void = () => {};
  onArchived: (copy: Activation) => void = () => {};
  /** There is something new to be told. */
  onOutbox: (activationId: string, entry: OutboxEntry) => void = () => {};
  /** Of whatever item. */
  onWrite: (by: WrittenBy) => void = () => {};

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  wrote(item: Item, by: WrittenBy): void {
    this.onWrite(by);
    const after = this.#read(item, by);
    if (after === undefined) return;
    if ('flowLogs' in after) {
      this.#wroteBatch(after);
      return;
    }
    this.#checkWhole(after, by);
    if (after.archived) this.#archivedAs(after, by);
    else this.#becameCurrent(after, by);
  }

  /** By every version that may meet it. */
  #read(item: Item, { kind, name }: WrittenBy): Activation | Batch | undefined {
    const { readers, violate } = this.#options;
    let read: Activation | Batch | undefined;
    for (const { version, readItem } of readers) {
      try {
        read = readItem(item);
      } catch (error) {
        violate('each version reads what another writes', `${version}: ${kind} by ${name}: ${String(error)}`);
      }
    }
    return read;
  }

  /** For a call that arrives at Volcengine: its sender holds the lease. */
  called(flowLogId: string, { name }: Caller, action: ChangeAction): void {
    const item = this.current.get(flowLogId);
    if (item && goalOf(item).action !== action) {
      this.#options.violate('called only as it was asked for', `${item.activationId}: ${action} by ${name}`);
    }
    if (item?.status === 'queued' && this.#liveLeaseOf(flowLogId)?.name === name) return;
    const lease = item?.leaseUntil === undefined ? 'no lease' : `a lease until ${item.leaseUntil}`;
    this.#options.violate('calls only under a lease', `${flowLogId} is ${item?.status}, ${lease}`);
  }

  /**
   * A call is on its way until it is answered; if its sender is killed, until it would have been given up. All that
   * time must be under the lease, and no other may be on its way.
   */
  calling<Answer>(flowLogId: string, { name, now }: Caller, answer: Promise<Answer>): Promise<Answer> {
    const { time, callTimeoutMs, violate } = this.#options;
    const others = this.#callsOf(flowLogId);
    if (others.length > 0) {
      violate('calls only under a lease', `${flowLogId} by ${name} beside ${others[0]?.name}`);
    }
    const { leaseUntil = 0, deadlineAt = 0 } = this.current.get(flowLogId) ?? {};
    if (now() > deadlineAt && !mayCallLate(name))
      violate('no call after the deadline', `${flowLogId} by ${name}`);
    if (now() + callTimeoutMs > leaseUntil) {
      violate('calls only under a lease', `${flowLogId}: its call may outlast the lease`);
    }
    const call = { name, until: time.now + callTimeoutMs };
    this.#calls.set(flowLogId, [...others, call]);
    return answer.then((answered) => {
      call.until = time.now;
      return answered;
    });
  }

  #callsOf(flowLogId: string): Call[] {
    return (this.#calls.get(flowLogId) ?? []).filter(({ until }) => until > this.#options.time.now);
  }

  /** Its holder, while it lives by the holder's own clock. */
  #liveLeaseOf(flowLogId: string): Caller | undefined {
    const holder = this.#holders.get(flowLogId);
    const { leaseUntil = 0 } = this.current.get(flowLogId) ?? {};
    return holder && leaseUntil > holder.now() ? holder : undefined;
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
    this.#options.refusals.wroteBatch(before, after);
    model.batches.asked(
      batchId,
      flowLogs.map(({ flowLogId }) => flowLogId),
      after.desired,
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

  #checkWhole(after: Activation, { now }: WrittenBy): void {
    const { violate, clocksOffMs } = this.#options;
    const { dueAt, deadlineAt, outbox, activationId } = after;
    // By the fastest clock of those that may have set it.
    const latest = now() + 2 * clocksOffMs;
    const hasWork = isOpen(after) || outbox.length > 0;
    if (hasWork !== (dueAt !== undefined)) {
      violate('due while work is left', `${activationId} is ${after.status}, [${outbox}], due ${dueAt}`);
    }
    if (isOpen(after) && dueAt !== undefined && dueAt > Math.max(deadlineAt, latest)) {
      violate('due while work is left', `${activationId} is due only after its deadline`);
    }
  }

  #archivedAs(after: Activation, by: WrittenBy): void {
    const before = this.archived.get(after.activationId);
    if (isOpen(after)) this.#options.violate('legal moves only', `${after.activationId} archived while open`);
    if (before && before.version > after.version) {
      const versions = `${after.version} over ${before.version}`;
      this.#options.violate('archived before it is replaced', `${after.activationId}: ${versions}`);
    }
    if (before) this.#checkForgotten(before, after);
    this.#options.refusals.wroteActivation([before, this.current.get(after.flowLogId)], after);
    this.archived.set(after.activationId, after);
    if (by.kind === 'archive') this.onArchived(after);
  }

  #becameCurrent(after: Activation, by: WrittenBy): void {
    const { model, violate } = this.#options;
    const { activationId, flowLogId, generation } = after;
    const before = this.current.get(flowLogId);
    const isSame = before?.activationId === activationId;
    if (before && after.version !== before.version + 1) {
      violate('legal moves only', `${activationId}: version`);
    }
    const holder = before && this.#liveLeaseOf(flowLogId);
    if (holder && by.kind !== 'join' && (by.kind !== 'record outcome' || by.name !== holder.name)) {
      violate('a live lease is respected', `${activationId}: ${by.kind} by ${by.name}`);
    }
    const [call] = this.#callsOf(flowLogId).filter(({ name }) => name !== by.name);
    if (call && by.kind !== 'join') {
      violate('a live lease is respected', `${activationId}: ${by.kind} during a call of ${call.name}`);
    }
    if (before && isSame) this.#moved(before, after, by);
    if (before && !isSame) this.#replaced(before, after);
    if (!before && generation !== 1) violate('legal moves only', `${activationId} begins at ${generation}`);

    if (!isSame || generation > before.generation) {
      if (generation > 1 && before) this.#redriven(before, after, by);
      model.opened(flowLogId, activationId, generation, after.desired);
      this.#lifetimes.set(flowLogId, {
        requestedAt: by.beganAt,
        openedAt: by.sentAt,
        pendingSince: undefined,
      });
    }
    model.joined(activationId, [after.batchId, ...after.joiners]);
    this.current.set(flowLogId, after);
    this.#options.onCurrent(isSame ? before : undefined, after);
    this.#options.refusals.wroteActivation([before], after);
    for (const entry of after.outbox) {
      if (!isSame || !before.outbox.includes(entry)) this.onOutbox(activationId, entry);
    }
    if (by.kind === 'take lease') this.#leased(after, by);
    this.#noteLifetime(after, by);
    const wasOpen = !isSame || generation > before.generation || isOpen(before);
    if (wasOpen && !isOpen(after)) this.#ended(after, by, isSame && generation > before.generation);
  }

  #noteLifetime(after: Activation, { sentAt }: WrittenBy): void {
    const { flowLogId, status } = after;
    const lifetime = this.#lifetimes.get(flowLogId);
    if (lifetime === undefined) return;
    if (status === 'queued') lifetime.pendingSince = undefined;
    if (status !== 'pending' || lifetime.pendingSince !== undefined) return;
    lifetime.pendingSince = sentAt;
    this.onPending(after);
  }

  #leased(leased: Activation, holder: Caller): void {
    const { time, violate } = this.#options;
    const sentAt = holder.now() - (time.now - holder.sentAt);
    if (sentAt > leased.deadlineAt && !mayCallLate(holder.name)) {
      violate('no call after the deadline', `${leased.activationId} by ${holder.name}`);
    }
    this.#holders.set(leased.flowLogId, holder);
    this.onLease(leased);
  }

  #moved(before: Activation, after: Activation, { name }: WrittenBy): void {
    const { violate } = this.#options;
    const { activationId } = after;
    this.#checkForgotten(before, after);
    if (before.generation === after.generation) watchDrift(this.#options.drift, before, after, name);
    if (before.requestedBy !== after.requestedBy) {
      violate(
        'legal moves only',
        `${activationId} was asked for by ${before.requestedBy}, ${after.requestedBy}`,
      );
    }
    if (before.desired !== after.desired) {
      violate('legal moves only', `${activationId}: now desired ${after.desired}`);
    }
    if (before.joiners.some((joiner, index) => after.joiners[index] !== joiner)) {
      violate('everyone who joined hears the end', `${activationId} lost one of its joiners`);
    }
    if (isSame(before, after)) {
      violate('polling that changes nothing writes nothing', `${activationId}: ${before.status}`);
    }
    if (before.generation !== after.generation) return;
    if (after.reason === 'cancelled' && before.status === 'pending') {
      violate('legal moves only', `${activationId}: cancelled while Volcengine has it`);
    }
    const isLegal = LEGAL[before.status].includes(after.status);
    const wentBack = before.status === 'pending' && after.status === 'queued' && before.accepted === true;
    if (!isLegal || wentBack) {
      violate('legal moves only', `${activationId}: ${before.status} to ${after.status}`);
    }
  }

  #redriven(before: Activation, after: Activation, by: WrittenBy): void {
    for (const batchId of batchIdsOf(after)) {
      if (this.batches.get(batchId)?.completed) this.#options.onBatchReopened(batchId);
    }
    const { violate, redrives } = this.#options;
    if (before.status !== 'failed' || after.generation !== before.generation + 1) {
      violate('legal moves only', `${after.activationId} redriven from ${before.status}`);
    }
    redrives.opened(before, by);
  }

  #replaced(before: Activation, after: Activation): void {
    const { model, violate } = this.#options;
    if (isOpen(before)) violate('one open activation for a flow log', `${before.activationId} was replaced`);
    const copy = this.archived.get(before.activationId);
    if (copy?.generation !== before.generation || copy.joiners.length !== before.joiners.length) {
      violate('archived before it is replaced', `${before.activationId} by ${after.activationId}`);
    }
    if (JSON.stringify(copy?.drift) !== JSON.stringify(before.drift)) {
      violate('archived before it is replaced', `${before.activationId} without its drift`);
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

  #ended(after: Activation, by: WrittenBy, isAdoptedByRedrive: boolean): void {
    const { name } = by;
    const { model, violate, time, lagMs, wasActiveSince, wasSince, faultOfEnd, onEnd } = this.#options;
    const { activationId, flowLogId, generation, status, reason, adopted } = after;
    const lifetime = this.#lifetimes.get(flowLogId) ?? NO_LIFETIME;
    if (status !== 'completed' && status !== 'failed') return;
    const end = { status, ...(reason && { reason }), ...(adopted !== undefined && { adopted }) };
    model.ended(flowLogId, activationId, generation, end);
    const openSince = isAdoptedByRedrive ? time.now - LOOK_MS : lifetime.openedAt;
    const isGoal = ({ status: seen, isLocked, isRestoring }: Sight) =>
      isReached(after, {
        flowLogId,
        status: seen,
        locked: isLocked,
        ...(isRestoring && { restoring: true }),
      });
    // What was before an earlier request of the other direction had ended is no proof, however late a replica shows it.
    const otherEndedAt = this.#endedAt.get(`${flowLogId} ${otherOf(after)}`);
    const goalSince = Math.max(openSince - lagMs, otherEndedAt ?? 0);
    const isOpposed = after.desired !== undefined || otherEndedAt !== undefined;
    if (status === 'completed' && isOpposed && !wasSince(flowLogId, goalSince, isGoal)) {
      const rule =
        after.desired === undefined
          ? 'completed only if Active while open'
          : 'deactivated only if Inactive while open';
      violate(rule, `${activationId} ${generation}`);
    }
    const { finishedAt = by.now() } = after;
    this.#endedAt.set(`${flowLogId} ${goalOf(after).status}`, time.now - (by.now() - finishedAt));
    if (status === 'completed' && after.desired === undefined && !wasActiveSince(flowLogId, openSince)) {
      violate('completed only if Active while open', `${activationId} ${generation}`);
    }
    const isUnjudged = isAdoptedByRedrive || mayEndSo(name, reason);
    const fault = isUnjudged ? undefined : faultOfEnd(after, lifetime);
    if (fault)
      violate('the end is the right one', `${activationId} ${generation}: ${reason ?? status}: ${fault}`);
    onEnd(after);
    if (status === 'failed') this.onFailed(after);
  }
}

const otherOf = ({ desired }: Activation) => (desired === undefined ? 'Inactive' : 'Active');

/** But for what every write changes. */
function isSame(before: Activation, after: Activation): boolean {
  const { version, updatedAt } = after;
  return JSON.stringify(after) === JSON.stringify({ ...before, version, updatedAt });
}

import type { Activation } from '../../lib/activation/model/activation.ts';
import { isReached } from '../../lib/activation/model/goal.ts';
import type { Policy } from '../../lib/activation/model/policy.ts';
import type { Habits, Sight } from '../support/virtual/simulated-flow-log.ts';
import type { SimulatedVolcengine, Telling } from '../support/virtual/simulated-volcengine.ts';
import type { VirtualTime } from '../support/virtual/virtual-time.ts';

/** True times of a generation, whatever its record says. */
export type Lifetime = { requestedAt: number; openedAt: number; pendingSince: number | undefined };

/** For so many times what a replica may lag, a deadline waits for an answer. */
const LAGS_WITHOUT_ANSWER = 5;

/** From an answer to what follows from it in the table. */
const WRITTEN_WITHIN_MS = 20_000;

type Options = {
  time: VirtualTime;
  policy: Policy;
  habits: Habits;
  volcengine: SimulatedVolcengine;
  cancelsAsked: ReadonlySet<string>;
  clocksOffMs: number;
};

/** Which ends are right for a generation, judged by what the flow log truly was and what was truly answered. */
export class RightEnds {
  readonly #options: Options;
  /** When a poller was last shown it, and last had an answer about it other than that the account is refused. */
  readonly #shownAt = new Map<string, number>();
  readonly #unheldAt = new Map<string, number>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** A poller has an answer about them, or none any more. */
  heard(flowLogIds: string[], telling: Telling): void {
    const { now } = this.#options.time;
    for (const id of flowLogIds) {
      if (typeof telling === 'object' && telling.has(id)) this.#shownAt.set(id, now);
      if (telling !== 'hold') this.#unheldAt.set(id, now);
    }
  }

  /** What a poller was shown just now may never reach the table. */
  pollerFailed(): void {
    const { now } = this.#options.time;
    for (const [id, at] of this.#shownAt) if (now - at < WRITTEN_WITHIN_MS) this.#shownAt.delete(id);
  }

  /** What is wrong with this end; undefined if it is right. */
  faultOf(ended: Activation, lifetime: Lifetime): string | undefined {
    const { openedAt, pendingSince } = lifetime;
    const { volcengine, cancelsAsked } = this.#options;
    const { flowLogId, activationId, status, reason, adopted, accepted, joiners } = ended;
    const wasSaid = (what: Parameters<typeof volcengine.lastSaid>[1]) =>
      volcengine.lastSaid(flowLogId, what) >= openedAt;
    const was = (fits: (sight: Sight) => boolean) =>
      this.#sights(flowLogId, openedAt - this.#options.habits.lagMs).some(fits);
    // What it was before the call that was accepted is no reason, though a replica may still show it.
    const hasBeen = (fits: (sight: Sight) => boolean) =>
      accepted === true && pendingSince !== undefined
        ? this.#sights(flowLogId, pendingSince).some(fits)
        : was(fits);
    const unless = (isRight: boolean, what: string) => (isRight ? undefined : what);

    if (status === 'completed') {
      return unless(adopted === true || wasSaid('accepted'), 'no call of this generation was accepted');
    }
    switch (reason) {
      case 'cancelled':
        if (joiners.length > 0) return 'other batches wait for it';
        return unless(cancelsAsked.has(activationId), 'nobody asked for it');
      case 'not-found':
        return unless(wasSaid(reason) || was(({ status }) => status === 'absent'), 'it exists');
      case 'frozen':
        return unless(wasSaid(reason) || hasBeen(({ isLocked }) => isLocked), 'it was not locked');
      case 'deleting':
        return unless(
          was(({ status }) => status === 'Deleting'),
          'it was not being deleted',
        );
      case 'activation-failed':
        return unless(
          hasBeen(({ status }) => status === 'Failed'),
          'it was not Failed',
        );
      case 'deadline-exceeded':
        return this.#faultOfDeadline(ended, lifetime);
      case 'unexpected':
        if (ended.desired !== undefined && hasBeen(({ status }) => status === 'Failed')) return undefined;
        return unless(wasSaid(reason), 'no call was answered so');
      default:
        return unless(reason !== undefined && wasSaid(reason), 'no call was answered so');
    }
  }

  #faultOfDeadline(ended: Activation, { requestedAt, pendingSince }: Lifetime): string | undefined {
    const { flowLogId, desired } = ended;
    const { policy, time, volcengine, clocksOffMs } = this.#options;
    const whole = requestedAt + policy.activationDeadlineMs;
    const deadlineAt = Math.min(
      whole,
      pendingSince === undefined ? whole : pendingSince + policy.pendingDeadlineMs,
    );
    // The clock that set it and the one that holds it.
    const earliest = deadlineAt - 2 * clocksOffMs;
    if (time.now < earliest) return `${earliest - time.now} ms before its deadline`;
    const flowLog = volcengine.flowLogs.get(flowLogId);
    const isGoal = ({ status, isLocked, isRestoring }: Sight) =>
      isReached(ended, { flowLogId, status, locked: isLocked, ...(isRestoring && { restoring: true }) });
    const goalSince = desired === undefined ? flowLog?.activeSince : flowLog?.heldSince(isGoal);
    const reachedAt = goalSince ?? Number.POSITIVE_INFINITY;
    const waitMs = LAGS_WITHOUT_ANSWER * policy.replicaLagMs - 2 * clocksOffMs;
    const lastAnswerAt = Math.max(deadlineAt, this.#shownAt.get(flowLogId) ?? 0);
    if (reachedAt < earliest && time.now < lastAnswerAt + waitMs)
      return 'it was as wanted before its deadline';
    if ((this.#unheldAt.get(flowLogId) ?? 0) >= earliest) return undefined;
    return 'since its deadline nobody had an answer about it';
  }

  /** What it may have been seen as since then. */
  #sights(flowLogId: string, since: number): Sight[] {
    const { volcengine } = this.#options;
    const none: Sight[] = [{ at: 0, status: 'absent', isLocked: false, isRestoring: false }];
    return volcengine.flowLogs.get(flowLogId)?.sightsSince(since) ?? none;
  }
}

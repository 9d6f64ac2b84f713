import type { SeededRandom } from '../fakes/seeded-random.ts';
import type { Faults } from './faults.ts';
import type { Fate, FlowLogStatus } from './flow-log-fates.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What a flow log was, from `at` on. */
export type Sight = { at: number; status: FlowLogStatus | 'absent'; isLocked: boolean };

/** A replica that lags behind has caught up by then, for whoever asks. */
const LEFT_OUT_AGAIN_AFTER_MS = 60_000;

/** Inactive → Pending → Active, and whatever else may befall a flow log. */
export class SimulatedFlowLog {
  readonly flowLogId: string;
  readonly fate: Fate;
  status: FlowLogStatus | 'absent';
  #isLocked: boolean;
  readonly #sights: Sight[] = [];
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #faults: Faults;
  readonly #tokens = new Set<string>();
  /** Infinite while it is not Active. */
  activeSince = Number.POSITIVE_INFINITY;
  #leftActiveAt = Number.NEGATIVE_INFINITY;
  #leftOutAt = Number.NEGATIVE_INFINITY;
  /** Grows with every change, so that what was to follow from an earlier state does not. */
  #changes = 0;

  constructor(flowLogId: string, fate: Fate, time: VirtualTime, random: SeededRandom, faults: Faults) {
    this.flowLogId = flowLogId;
    this.fate = fate;
    this.status = fate.initially;
    this.#isLocked = fate.locked === true;
    if (this.status === 'Active') this.activeSince = time.now;
    this.#time = time;
    this.#note();
    this.#random = random;
    this.#faults = faults;
    if (fate.createdWithinMs !== undefined) this.#becomeLater('Inactive', fate.createdWithinMs);
  }

  become(status: FlowLogStatus | 'absent'): void {
    if (this.status === 'Active') this.#leftActiveAt = this.#time.now;
    this.activeSince =
      status === 'Active' ? Math.min(this.activeSince, this.#time.now) : Number.POSITIVE_INFINITY;
    this.status = status;
    this.#changes += 1;
    this.#note();
  }

  get isLocked(): boolean {
    return this.#isLocked;
  }

  lock(isLocked: boolean): void {
    this.#isLocked = isLocked;
    this.#note();
  }

  #note(): void {
    this.#sights.push({ at: this.#time.now, status: this.status, isLocked: this.#isLocked });
  }

  /** All that it has been since then, the latest last. */
  sightsSince(since: number): Sight[] {
    const before = this.#sights.findLastIndex(({ at }) => at <= since);
    return this.#sights.slice(Math.max(0, before));
  }

  wasActiveSince(since: number): boolean {
    return this.status === 'Active' || this.#leftActiveAt >= since;
  }

  /** ActiveFlowLog, idempotent by its token for as long as that is remembered. */
  activate(clientToken: string): 'started' | 'known' | 'frozen' | 'not Inactive' | 'absent' {
    if (this.status === 'absent') return 'absent';
    if (this.#faults.strike('volcengine: ClientToken forgotten')) this.#tokens.clear();
    if (this.#tokens.has(clientToken)) return 'known';
    if (this.isLocked) return 'frozen';
    if (this.status !== 'Inactive') return 'not Inactive';
    this.#tokens.add(clientToken);
    this.become('Pending');
    const { becomes } = this.fate;
    if (becomes) this.#becomeLater(becomes.status, becomes.withinMs);
    return 'started';
  }

  /** Its row in DescribeFlowLogs. An existing one may be left out of one answer, but not of another soon after. */
  describe(): Record<string, unknown> | undefined {
    if (this.status === 'absent') return undefined;
    const { now } = this.#time;
    const mayBeLeftOut = now - this.#leftOutAt > LEFT_OUT_AGAIN_AFTER_MS;
    if (mayBeLeftOut && this.#faults.strike('volcengine: absent from one answer')) {
      this.#leftOutAt = now;
      return undefined;
    }
    return {
      FlowLogId: this.flowLogId,
      Status: this.status,
      BusinessStatus: this.isLocked ? 'FinancialLocked' : 'Normal',
      LockReason: this.isLocked ? 'financial' : '',
    };
  }

  #becomeLater(status: FlowLogStatus, withinMs: number): void {
    const changes = this.#changes;
    this.#time.after(this.#random.integer(100, withinMs), () => {
      if (this.#changes === changes) this.become(status);
    });
  }
}

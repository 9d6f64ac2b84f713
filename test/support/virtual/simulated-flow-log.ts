import type { SeededRandom } from '../fakes/seeded-random.ts';
import { type AbsenceFaults, Absences } from './absences.ts';
import type { Faults } from './faults.ts';
import type { VirtualTime } from './virtual-time.ts';

export type FlowLogStatus = 'Inactive' | 'Pending' | 'Active' | 'Creating' | 'Deleting' | 'Failed';

/** What is in store for a flow log once it is told to activate; `absent`: it does not exist. */
export type Scenario = {
  name?: string;
  initially: FlowLogStatus | 'absent';
  locked?: true;
  /** What Pending becomes, and at most and at least how much later; stays Pending without. */
  becomes?: { status: FlowLogStatus; withinMs: number; leastMs?: number };
  /** Becomes Inactive by itself. */
  createdWithinMs?: number;
};

/** What Volcengine's pages leave open. */
export type Habits = {
  /** What DescribeFlowLogs makes of an id that it does not know: leaves it out, or refuses the whole call. */
  unknownId: 'left out' | 'not found' | 'malformed';
  emptyList: 'list' | 'null' | 'absent';
  /** A replica that answers may be so far behind. */
  lagMs: number;
  /** For so long after its payment a flow log shows LockReason `unlock`, and cannot be activated. */
  restoringMs: number;
};

export type FlowLogFaults = AbsenceFaults & Faults<'volcengine: ClientToken forgotten'>;

const SOONEST_MS = 100;
/** How long a deactivation takes at most, and the share of those that never end. */
const DEACTIVATED_WITHIN_MS = 20_000;
const NEVER_DEACTIVATED = 0.1;

/** What a flow log was, from `at` on. */
export type Sight = {
  at: number;
  status: FlowLogStatus | 'absent';
  isLocked: boolean;
  /** No longer locked, but not yet itself again: LockReason `unlock`. */
  isRestoring: boolean;
};

/** Inactive → Pending → Active, and whatever else may befall a flow log. */
export class SimulatedFlowLog {
  readonly flowLogId: string;
  readonly scenario: Scenario;
  status: FlowLogStatus | 'absent';
  #isLocked: boolean;
  #isRestoring = false;
  readonly #habits: Habits;
  readonly #sights: Sight[] = [];
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #faults: FlowLogFaults;
  readonly #tokens = new Set<string>();
  /** Infinite while it is not Active. */
  activeSince = Number.POSITIVE_INFINITY;
  readonly #absences: Absences;
  onActive: (flowLogId: string) => void = () => {};
  #leftActiveAt = Number.NEGATIVE_INFINITY;
  /** Grows with every change, so that what was to follow from an earlier state does not. */
  #changes = 0;
  /** After how many changes another one follows of its own accord. */
  #changesAfter = -1;

  constructor(
    flowLogId: string,
    scenario: Scenario,
    habits: Habits,
    time: VirtualTime,
    random: SeededRandom,
    faults: FlowLogFaults,
  ) {
    this.#habits = habits;
    this.#absences = new Absences(habits, time, random, faults);
    this.flowLogId = flowLogId;
    this.scenario = scenario;
    this.status = scenario.initially;
    this.#isLocked = scenario.locked === true;
    if (this.status === 'Active') this.activeSince = time.now;
    this.#time = time;
    this.#note();
    this.#random = random;
    this.#faults = faults;
    const { initially, becomes, createdWithinMs } = scenario;
    if (createdWithinMs !== undefined) this.#becomeLater({ status: 'Inactive', withinMs: createdWithinMs });
    if (initially === 'Pending' && becomes) this.#becomeLater(becomes);
  }

  become(status: FlowLogStatus | 'absent'): void {
    if (this.status === 'Active') this.#leftActiveAt = this.#time.now;
    this.activeSince =
      status === 'Active' ? Math.min(this.activeSince, this.#time.now) : Number.POSITIVE_INFINITY;
    this.status = status;
    this.#changes += 1;
    this.#note();
    if (status === 'Active') this.onActive(this.flowLogId);
  }

  get isLocked(): boolean {
    return this.#isLocked;
  }

  lock(isLocked: boolean): void {
    const { restoringMs } = this.#habits;
    this.#isRestoring = this.#isLocked && !isLocked && restoringMs > 0;
    this.#isLocked = isLocked;
    this.#note();
    if (!this.#isRestoring) return;
    this.#time.after(this.#random.integer(1_000, restoringMs), () => {
      if (!this.#isRestoring) return;
      this.#isRestoring = false;
      this.#note();
    });
  }

  #note(): void {
    const { status } = this;
    const isRestoring = this.#isRestoring;
    this.#sights.push({ at: this.#time.now, status, isLocked: this.#isLocked, isRestoring });
  }

  /** All that it has been since then, the latest last. */
  sightsSince(since: number): Sight[] {
    const before = this.#sights.findLastIndex(({ at }) => at <= since);
    return this.#sights.slice(Math.max(0, before));
  }

  wasActiveSince(since: number): boolean {
    return this.status === 'Active' || this.#leftActiveAt >= since;
  }

  /** Whether it was so at any time since then. */
  wasSince(since: number, fits: (sight: Sight) => boolean): boolean {
    return this.sightsSince(since).some(fits);
  }

  /** Since when it has been so without a break. Infinite if it is not. */
  heldSince(fits: (sight: Sight) => boolean): number {
    const last = this.#sights.findLastIndex((sight) => !fits(sight));
    return this.#sights[last + 1]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** ActiveFlowLog, idempotent by its token for as long as that is remembered. */
  activate(clientToken: string): 'started' | 'known' | 'frozen' | 'not Inactive' | 'absent' {
    if (this.status === 'absent') return 'absent';
    if (this.#faults.strike('volcengine: ClientToken forgotten')) this.#tokens.clear();
    if (this.#tokens.has(clientToken)) return 'known';
    if (this.isLocked) return 'frozen';
    if (this.status !== 'Inactive' || this.#isRestoring) return 'not Inactive';
    this.#tokens.add(clientToken);
    this.become('Pending');
    const { becomes } = this.scenario;
    if (becomes) this.#becomeLater(becomes);
    return 'started';
  }

  /** DeactiveFlowLog, which has the same tokens. */
  deactivate(clientToken: string): 'started' | 'known' | 'frozen' | 'not Active' | 'absent' {
    if (this.status === 'absent') return 'absent';
    if (this.#faults.strike('volcengine: ClientToken forgotten')) this.#tokens.clear();
    if (this.#tokens.has(clientToken)) return 'known';
    if (this.isLocked) return 'frozen';
    if (this.status !== 'Active' || this.#isRestoring) return 'not Active';
    this.#tokens.add(clientToken);
    this.become('Pending');
    if (!this.#random.chance(NEVER_DEACTIVATED)) {
      this.#becomeLater({ status: 'Inactive', withinMs: DEACTIVATED_WITHIN_MS });
    }
    return 'started';
  }

  /** What a replica knows of it that is so far behind; undefined where it is absent, or left out. */
  seen(lagMs: number): Sight | undefined {
    const [sight] = this.sightsSince(this.#time.now - lagMs);
    return sight === undefined || sight.status === 'absent' || this.#absences.isLeftOut() ? undefined : sight;
  }

  /** Its row as it is now. */
  describe(): Record<string, unknown> | undefined {
    const sight = this.seen(0);
    return sight && this.rowOf(sight);
  }

  shownToPoller(): void {
    this.#absences.shownToPoller();
  }

  /** Whether an answer may deny it now, as a lie that counts as having been left out. */
  mayBeDenied(): boolean {
    return this.status === 'absent' || this.#absences.begin();
  }

  /** Its row in DescribeFlowLogs. */
  rowOf({ status, isLocked, isRestoring }: Sight): Record<string, unknown> {
    return {
      FlowLogId: this.flowLogId,
      Status: status,
      BusinessStatus: isLocked ? 'FinancialLocked' : 'Normal',
      LockReason: isLocked ? 'financial' : isRestoring ? 'unlock' : '',
    };
  }

  /** Whether it is still to change of its own accord. */
  get isChanging(): boolean {
    return this.#changesAfter === this.#changes;
  }

  #becomeLater({ status, withinMs, leastMs = SOONEST_MS }: NonNullable<Scenario['becomes']>): void {
    const changes = this.#changes;
    this.#changesAfter = changes;
    this.#time.after(this.#random.integer(leastMs, withinMs), () => {
      if (this.#changes === changes) this.become(status);
    });
  }
}

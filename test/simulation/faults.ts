import { ERROR_TABLE, type ErrorRow } from '../../lib/volcengine/error-table.ts';
import type { SeededRandom } from '../support/fakes/seeded-random.ts';
import { type Coverage, crashName, faultName, ioName, rowCount } from './coverage.ts';
import {
  CALM_THEME,
  COPIES_THEME,
  type CrashPoint,
  FAULT_RATES,
  type Fault,
  IO_KINDS,
  type IoKind,
  LAGGING_THEME,
  RARE_IO_KINDS,
  rowName,
  THEME_NAMES,
  THEMES,
  type Theme,
} from './fault-kinds.ts';

/** Half the kinds of fault stay out of a schedule, so that the other half meets an otherwise sane world. */
const SHARE_OF_KINDS = 0.5;
/** Now and then one kind is so frequent that it meets itself. */
const VIOLENCE = [0.5, 1, 1, 1, 1, 8] as const;
const SHARE_OF_THEMES = 0.5;
const THEMED_RATE = 0.3;
const HIGHEST_RATE = 0.5;
const CRASH_RATE = 0.01;
const SHARE_WITH_CRASHES = 0.8;
const CRASHES_IN_THE_MIDDLE = 0.8;
const COMMON_TARGETS = 4;
const RARE_TARGETS = 6;
/** A schedule's own error rows, and how often one of them is answered. */
const CHOSEN_ROWS = 3;
const CHOSEN_ROW_RATE = 0.12;

/**
 * Decides what goes wrong, and counts it. Each schedule draws its kinds of fault, a few places to crash at, and
 * error rows of its own, so that all are met in a run of some length.
 */
export class Faults {
  isOn = true;
  readonly #random: SeededRandom;
  readonly #coverage: Coverage;
  readonly #rates = new Map<string, number>();
  readonly #crashRate: number;
  /** After so many more times of the same input or output, by its crash's name. */
  readonly #crashesIn = new Map<string, number>();
  readonly #chosenRows: readonly ErrorRow[];
  /** Nothing goes wrong but what a replica leaves out. */
  readonly isCalm: boolean;
  readonly isLagging: boolean;
  readonly isCopying: boolean;
  onFault: (what: string) => void = () => {};

  constructor(random: SeededRandom, coverage: Coverage, theme?: Theme) {
    this.#random = random;
    this.#coverage = coverage;
    const violence = random.pick([0.3, 1, 1, 2]);
    const chosen = theme ?? (random.chance(SHARE_OF_THEMES) ? random.pick(THEME_NAMES) : undefined);
    const themed: readonly string[] = chosen ? THEMES[chosen] : [];
    this.isCalm = chosen === CALM_THEME;
    this.isLagging = chosen === LAGGING_THEME;
    this.isCopying = chosen === COPIES_THEME;
    for (const [fault, rate] of Object.entries(FAULT_RATES)) {
      const isDrawn = random.chance(SHARE_OF_KINDS) && !this.isCalm;
      const times = isDrawn ? violence * random.pick(VIOLENCE) : 0;
      this.#rates.set(fault, themed.includes(fault) ? THEMED_RATE : Math.min(HIGHEST_RATE, rate * times));
    }
    this.#crashRate = random.chance(SHARE_OF_KINDS) && !this.isCalm ? CRASH_RATE * violence : 0;
    if (random.chance(SHARE_WITH_CRASHES) && !this.isCalm) {
      this.#aimAt(IO_KINDS, COMMON_TARGETS);
      this.#aimAt(RARE_IO_KINDS, RARE_TARGETS);
    }
    this.#chosenRows = this.isCalm ? [] : random.shuffled(ERROR_TABLE).slice(0, CHOSEN_ROWS);
  }

  /** Whether it may strike in this schedule. */
  has(fault: Fault): boolean {
    return (this.#rates.get(fault) ?? 0) > 0;
  }

  strike(fault: Fault): boolean {
    if (!this.isOn || !this.#random.chance(this.#rates.get(fault) ?? 0)) return false;
    this.#note(faultName(fault));
    return true;
  }

  /** One more crash, if this schedule has any drawn for it. A random of its own, as loads have. */
  aimAlsoAt(kinds: readonly [IoKind, ...IoKind[]], random: SeededRandom): void {
    const target = crashName(random.pick(kinds), random.pick(['before', 'after']));
    if (this.#crashesIn.size > 0 && !this.#crashesIn.has(target)) this.#crashesIn.set(target, 1);
  }

  #aimAt(kinds: readonly [IoKind, ...IoKind[]], targets: number): void {
    for (let left = targets; left > 0; left -= 1) {
      const target = crashName(this.#random.pick(kinds), this.#random.pick(['before', 'after']));
      this.#crashesIn.set(target, this.#random.pick([1, 1, 2]));
    }
  }

  sawIo(io: IoKind): void {
    this.#coverage.count(ioName(io));
  }

  crash(io: IoKind, point: CrashPoint): boolean {
    if (!this.isOn) return false;
    const name = crashName(io, point);
    const left = (this.#crashesIn.get(name) ?? 0) - 1;
    this.#crashesIn.set(name, left);
    const isInTheMiddle = this.isCopying && io === 'replace' && point === 'before';
    const crashes =
      left === 0 || this.#random.chance(isInTheMiddle ? CRASHES_IN_THE_MIDDLE : this.#crashRate);
    if (crashes) this.#note(name);
    return crashes;
  }

  /** A row of the error table to be answered instead of doing what was asked. */
  errorRow(): ErrorRow | undefined {
    if (!this.isOn) return undefined;
    const [first, ...others] = this.#chosenRows;
    let row =
      first && this.#random.chance(CHOSEN_ROW_RATE) ? this.#random.pick([first, ...others]) : undefined;
    if (this.strike('volcengine: error of the table')) row = this.#random.pick(ERROR_TABLE);
    if (row) this.#note(rowCount(rowName(row)));
    return row;
  }

  #note(what: string): void {
    this.#coverage.count(what);
    this.onFault(what);
  }
}

import type { Fault } from './fault.ts';
import { matchesIdPattern } from './id-pattern.ts';

export type FaultCandidate = { account: string; region: string; action: string; flowLogIds: string[] };

export type FaultReport = { faultId: number; fault: Fault; fits: number; strikes: number };

/** Every fault that fits a call counts it. The first fault that strikes decides. */
export class FaultPlan {
  #planned: PlannedFault[] = [];
  #lastId = 0;

  add(fault: Fault): FaultReport {
    this.#lastId += 1;
    const planned = new PlannedFault(this.#lastId, fault);
    this.#planned.push(planned);
    return planned.report();
  }

  clear(): void {
    this.#planned = [];
  }

  list(): FaultReport[] {
    return this.#planned.map((planned) => planned.report());
  }

  pick(call: FaultCandidate): Fault | undefined {
    let struck: PlannedFault | undefined;
    for (const planned of this.#planned) {
      if (planned.meets(call) && struck === undefined) struck = planned;
    }
    struck?.strike(call);
    return struck?.fault;
  }
}

class PlannedFault {
  readonly fault: Fault;
  readonly #faultId: number;
  readonly #random: () => number;
  readonly #fits = new Map<string, number>();
  readonly #strikes = new Map<string, number>();

  constructor(faultId: number, fault: Fault) {
    this.#faultId = faultId;
    this.fault = fault;
    this.#random = seededRandom(fault.seed);
  }

  /** Counts the call if it fits; true if the fault strikes it. */
  meets(call: FaultCandidate): boolean {
    const { fault } = this;
    if (!fits(fault, call)) return false;
    const counter = counterOf(fault, call);
    const nth = (this.#fits.get(counter) ?? 0) + 1;
    this.#fits.set(counter, nth);
    if (fault.nth !== undefined && !fault.nth.includes(nth)) return false;
    if (fault.times !== undefined && (this.#strikes.get(counter) ?? 0) >= fault.times) return false;
    return fault.probability >= 1 || this.#random() < fault.probability;
  }

  strike(call: FaultCandidate): void {
    const counter = counterOf(this.fault, call);
    this.#strikes.set(counter, (this.#strikes.get(counter) ?? 0) + 1);
  }

  report(): FaultReport {
    return {
      faultId: this.#faultId,
      fault: this.fault,
      fits: sum(this.#fits),
      strikes: sum(this.#strikes),
    };
  }
}

function fits(fault: Fault, { account, region, action, flowLogIds }: FaultCandidate): boolean {
  const { flowLogId } = fault;
  return (
    (fault.account ?? account) === account &&
    (fault.region ?? region) === region &&
    (fault.action ?? action) === action &&
    (flowLogId === undefined || flowLogIds.some((id) => matchesIdPattern(flowLogId, id)))
  );
}

function counterOf(fault: Fault, { flowLogIds }: FaultCandidate): string {
  return fault.perFlowLog ? flowLogIds.join(' ') : '';
}

function sum(counts: Map<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}

/** mulberry32: small, and the same on every machine. */
function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

import * as v from 'valibot';
import type { Violate } from './rules.ts';

const eventSchema = v.object({
  id: v.string(),
  data: v.object({ activationId: v.string(), ordinal: v.number(), kind: v.string() }),
});

/** Every drift that was put on record is told of by one event. */
export class DriftModel {
  /** The kinds of an activation's drifts, in order. */
  readonly #drifts = new Map<string, string[]>();
  readonly #events = new Map<string, string>();
  readonly #violate: Violate;
  readonly #common: (body: string) => string;

  /** `common`: see ReferenceModel. */
  constructor(violate: Violate, common: (body: string) => string) {
    this.#violate = violate;
    this.#common = common;
  }

  began(activationId: string, ordinal: number, kind: string): void {
    const kinds = this.#drifts.get(activationId) ?? [];
    this.#drifts.set(activationId, kinds);
    if (ordinal !== kinds.length + 1) {
      this.#violate('one event for a drift', `${activationId}: ${ordinal} after ${kinds.length}`);
    }
    kinds[ordinal - 1] = kind;
  }

  published(detail: string): void {
    const { id, data } = v.parse(v.pipe(v.string(), v.parseJson(), eventSchema), detail);
    const { activationId, ordinal, kind } = data;
    if (this.#drifts.get(activationId)?.[ordinal - 1] !== kind) {
      this.#violate('nothing is told before it is true', `${id}: ${kind} is not on record`);
    }
    if (id !== driftId(activationId, ordinal)) this.#violate('one event for a drift', id);
    if (this.#common(this.#events.get(id) ?? detail) !== this.#common(detail)) {
      this.#violate('the same bytes for the same id', `${this.#events.get(id)} then ${detail}`);
    }
    this.#events.set(id, detail);
  }

  isTold(activationId: string, ordinal: number): boolean {
    return this.#events.has(driftId(activationId, ordinal));
  }

  /** Once everything has come to rest. */
  atRest(): void {
    for (const [activationId, kinds] of this.#drifts) {
      for (const index of kinds.keys()) {
        if (!this.isTold(activationId, index + 1)) {
          this.#violate('one event for a drift', `${driftId(activationId, index + 1)} was not told`);
        }
      }
    }
  }
}

const driftId = (activationId: string, ordinal: number) => `${activationId}.${ordinal}.drifted`;

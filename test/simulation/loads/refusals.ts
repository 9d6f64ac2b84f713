import type { Activation } from '../../../lib/activation/model/activation.ts';
import type { Batch } from '../../../lib/activation/model/batch.ts';
import { batchCompletedIdOf, outboxEventIdOf } from '../../../lib/activation/model/ids.ts';
import type { Item } from '../../support/virtual/dynamodb-expressions.ts';
import type { VirtualTime } from '../../support/virtual/virtual-time.ts';
import type { Violate } from '../rules.ts';

/** As one entry of a call that is otherwise taken, or by the whole call. */
export type Refusal = 'entry' | 'call';

type Noted = { times: number; at: number; retryAt: number };
/** A copy of an activation, left beside it, is tried at times of its own. */
type Place = 'current' | 'copy';
type Chosen = {
  refusal: Refusal;
  bytes: string;
  noted: Map<Place, Noted>;
  notes: number;
  /** When it was to be tried again, by every note that the current item has had. */
  retryAts: Set<number>;
  isOver: boolean;
};

/** Two clocks, and a write that is slow to come. */
const SLACK_MS = 40_000;
/** Whoever read the record before that was on it has sent by then. */
const IN_FLIGHT_MS = 60_000;
const HOUR_MS = 3_600_000;

type Options = { time: VirtualTime; violate: Violate; tickMs: number; isSane: () => boolean };

/** Facts that the bus or the dead-letter queue refuses for what they are, time after time, until that is over. */
export class Refusals {
  readonly #options: Options;
  readonly #chosen = new Map<string, Chosen>();
  /** What was taken once, perhaps as one of two copies in a call, is not refused later. */
  readonly #offered = new Set<string>();
  /** Whether a fact that is offered for the first time is to be refused from now on. */
  choose: (id: string) => Refusal | undefined = () => undefined;
  onRefused: (id: string, times: number) => void = () => {};
  /** Refused while nothing else was wrong, and counted since. */
  #uncounted = 0;
  #counted = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  /** How the fact is refused now, if it is. */
  offered(id: string, bytes: string): Refusal | undefined {
    const { violate, time } = this.#options;
    const known = this.#chosen.get(id) ?? this.#choose(id, bytes);
    if (known === undefined) return undefined;
    if (known.bytes !== bytes)
      violate('the same bytes for the same id', `${known.bytes} refused, then ${bytes}`);
    if (known.isOver) return undefined;
    const { noted, refusal } = known;
    const tooEarly = [...noted.values()].filter(
      ({ at, retryAt }) => time.now > at + IN_FLIGHT_MS && time.now < retryAt - SLACK_MS,
    );
    if (noted.size > 0 && tooEarly.length === noted.size) {
      const retryAts = tooEarly.map(({ retryAt }) => retryAt - time.now);
      violate('what is refused is tried ever more rarely', `${id} ${retryAts} ms too early`);
    }
    if (this.#options.isSane()) this.#mustBeNoted(id, known);
    return refusal;
  }

  counted(times: number): void {
    this.#counted += times;
  }

  #choose(id: string, bytes: string): Chosen | undefined {
    const refusal = this.choose(id);
    const isTaken = this.#offered.has(id);
    this.#offered.add(id);
    if (refusal === undefined || isTaken) return undefined;
    const chosen: Chosen = { refusal, bytes, noted: new Map(), notes: 0, retryAts: new Set(), isOver: false };
    this.#chosen.set(id, chosen);
    return chosen;
  }

  #mustBeNoted(id: string, chosen: Chosen): void {
    const { time, violate } = this.#options;
    const { notes, noted } = chosen;
    this.#uncounted += 1;
    // Of two pollers that were refused at once, only the first can write its note.
    const isNotedByAnother = [...noted.values()].some(
      ({ at, retryAt }) => time.now <= at + IN_FLIGHT_MS && time.now < retryAt,
    );
    if (isNotedByAnother) return;
    time.after(IN_FLIGHT_MS, () => {
      if (chosen.notes === notes && !chosen.isOver) {
        violate('what is refused is tried ever more rarely', `${id}: its refusal is not on record`);
      }
    });
  }

  /** `before`: what it may be a copy of. */
  wroteActivation(before: (Activation | undefined)[], after: Activation): void {
    const { activationId, refused, archived } = after;
    if (refused === undefined) return;
    const place = archived ? 'copy' : 'current';
    const isKnown = before.some(
      (one) => one?.activationId === activationId && one.refused?.retryAt === refused.retryAt,
    );
    for (const entry of refused.entries) {
      const id = outboxEventIdOf(activationId, entry);
      // A copy is of what was read, and the current item may have moved on.
      const isCopied = archived && this.#chosen.get(id)?.retryAts.has(refused.retryAt) === true;
      if (isKnown || isCopied) this.#keep(id, place, refused);
      else this.#note(id, place, refused);
    }
  }

  #keep(id: string, place: Place, { times, retryAt }: { times: number; retryAt: number }): void {
    const noted = this.#chosen.get(id)?.noted;
    if (noted && noted.get(place)?.retryAt !== retryAt)
      noted.set(place, { times, retryAt, at: this.#options.time.now });
  }

  wroteBatch(before: Batch | undefined, { batchId, refusals, dueAt = 0 }: Batch): void {
    if (refusals === undefined || refusals === before?.refusals) return;
    this.#note(batchCompletedIdOf(batchId), 'current', { times: refusals, retryAt: dueAt });
  }

  #note(id: string, place: Place, { times, retryAt }: { times: number; retryAt: number }): void {
    const { time, violate, tickMs } = this.#options;
    const chosen = this.#chosen.get(id);
    if (chosen === undefined) {
      violate('what is refused is tried ever more rarely', `${id} is noted, and was never refused`);
      return;
    }
    const delayMs = retryAt - time.now;
    const longestMs = Math.min(HOUR_MS, tickMs * 2 ** times);
    if (delayMs > longestMs + SLACK_MS || delayMs < longestMs / 2 - SLACK_MS) {
      violate('what is refused is tried ever more rarely', `${id}: in ${delayMs} ms after ${times} times`);
    }
    chosen.noted.set(place, { times, retryAt, at: time.now });
    chosen.notes += 1;
    if (place === 'current') chosen.retryAts.add(retryAt);
    this.onRefused(id, times);
  }

  isAny(): boolean {
    return [...this.#chosen.values()].some(({ isOver }) => !isOver);
  }

  end(): void {
    this.choose = () => undefined;
    for (const chosen of this.#chosen.values()) chosen.isOver = true;
  }

  isRefused(id: string): boolean {
    return this.#chosen.get(id)?.isOver === false;
  }

  /** It may still wait, also when it is refused no longer. */
  wasRefused(id: string): boolean {
    return this.#chosen.has(id);
  }

  /** All that is left of the item is refused; or the message wants a redrive, which waits for what is. */
  isHeldUp(item: Item | string): boolean {
    const refused = [...this.#chosen].filter(([, { isOver }]) => !isOver).map(([id]) => id);
    if (refused.length === 0) return false;
    if (typeof item === 'string') {
      const [, activationId] = /"activationId":"([^"]*)"/.exec(item) ?? [];
      const isRedrive = item.includes('"redrive":true') || item.includes('"reason":');
      return isRedrive && refused.some((id) => id.startsWith(`${activationId}.`));
    }
    const pk = item.pk?.S ?? '';
    if (pk.startsWith('B#'))
      return item.completed !== undefined && this.isRefused(batchCompletedIdOf(pk.slice(2)));
    const isFinal = item.status?.S === 'completed' || item.status?.S === 'failed';
    const left = (item.outbox?.L ?? []).map(({ S = '' }) =>
      [item.activationId?.S, ...S.split('#').reverse()].join('.'),
    );
    return isFinal && left.every((id) => this.isRefused(id));
  }

  atRest(): void {
    if (this.#uncounted > 0 && this.#counted === 0) {
      this.#options.violate('what is refused is tried ever more rarely', 'and nobody has counted it');
    }
  }
}

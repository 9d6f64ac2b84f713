import type { Activation } from '../../lib/activation/model/activation.ts';
import type { Caller } from '../support/virtual/container.ts';
import type { Sight } from '../support/virtual/simulated-flow-log.ts';
import type { VirtualTime } from '../support/virtual/virtual-time.ts';
import { mayReopenCancelled } from './known-faults.ts';
import type { Violate } from './rules.ts';

/** `expected`: the generation that the caller says has failed. */
export type RedriveAsked = { activationId: string; expected: number | undefined };
export type BulkAsked = { reason: string | undefined };

/** After its caller has heard, or given up, what it has sent may still arrive. */
const ARRIVES_WITHIN_MS = 20_000;
/** Between the look before a redrive and its write. */
const LOOK_MS = 60_000;

type Options = {
  time: VirtualTime;
  violate: Violate;
  sightsSince: (flowLogId: string, since: number) => Sight[];
};

/** Who asked for which redrive: nothing else may open a generation. */
export class Redrives {
  readonly #options: Options;
  readonly #asked = new Set<RedriveAsked | BulkAsked>();
  readonly #deadLettersMovedBack = new Set<string>();
  /** By invocation. */
  readonly #openedBy = new Map<string, string>();

  constructor(options: Options) {
    this.#options = options;
  }

  deadLetterMovedBack(activationId: string, generation: number): void {
    this.#deadLettersMovedBack.add(`${activationId} ${generation}`);
  }

  /** Call it when the request is over. */
  asked(request: RedriveAsked | BulkAsked): () => void {
    this.#asked.add(request);
    return () => this.#options.time.after(ARRIVES_WITHIN_MS, () => this.#asked.delete(request));
  }

  /** Whether this invocation has opened a generation of it. */
  hasOpened(invocation: string, activationId: string): boolean {
    return this.#openedBy.get(invocation) === activationId;
  }

  opened(failed: Activation, { name }: Caller): void {
    const { violate } = this.#options;
    const { activationId, generation } = failed;
    const isByDeadLetter = name.startsWith('worker');
    const isAsked = isByDeadLetter
      ? this.#deadLettersMovedBack.has(`${activationId} ${generation}`)
      : [...this.#asked].some((request) => isFor(request, failed, name));
    if (!isAsked) {
      violate('redriven only as it was asked for', `${activationId} after ${generation} by ${name}`);
    }
    this.#openedBy.set(name, activationId);
    if (!isByDeadLetter) this.#checkNotInVain(failed);
  }

  /** What is still frozen, being deleted or absent is refused. */
  #checkNotInVain({ activationId, flowLogId, desired }: Activation): void {
    const { time, sightsSince, violate } = this.#options;
    const sights = sightsSince(flowLogId, time.now - LOOK_MS);
    const couldHelp = sights.some(
      ({ status, isLocked }) =>
        (desired === undefined && status === 'Active') ||
        !(isLocked || status === 'Deleting' || status === 'absent'),
    );
    if (!couldHelp) violate('a redrive is not in vain', `${activationId}: ${JSON.stringify(sights)}`);
  }
}

function isFor(request: RedriveAsked | BulkAsked, failed: Activation, name: string): boolean {
  if ('activationId' in request) {
    const { activationId, expected } = request;
    return activationId === failed.activationId && (expected ?? failed.generation) === failed.generation;
  }
  if (failed.desired !== undefined) return false;
  // Without a reason it never reopens what a person has cancelled.
  if (request.reason !== undefined) return request.reason === failed.reason;
  return failed.reason !== 'cancelled' || mayReopenCancelled(name);
}

import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Activation, HistoryEntry } from '../../lib/activation/model/activation.ts';
import type { Operation } from '../../lib/activation/model/operation.ts';
import { fromOperationItem } from '../../lib/aws/operation-item.ts';
import type { Item } from '../support/virtual/dynamodb-expressions.ts';
import type { Violate } from './rules.ts';

type Options = {
  violate: Violate;
  /** Gets the activations that an operation may cancel from now on. */
  cancelsAsked: Set<string>;
  onEnd: (operation: Operation) => void;
};

/** `taken`: each activation that it ever had in hand, with its generation. `written`: those that it has changed. */
type Known = { stored: Operation; taken: Map<string, number>; written: Set<string> };

/** Sees every write to an operation, and every write in the name of one, which has a principal of its own. */
export class OperationWatch {
  readonly #options: Options;
  readonly #known = new Map<string, Known>();

  constructor(options: Options) {
    this.#options = options;
  }

  all(): Known[] {
    return [...this.#known.values()];
  }

  wroteItem(item: Item): void {
    if (!item.pk?.S?.startsWith('O#') || item.sk?.S !== '0') return;
    const { violate, cancelsAsked, onEnd } = this.#options;
    const next = fromOperationItem(unmarshall(item));
    const { operationId } = next;
    const known = this.#known.get(operationId);
    const { stored, taken, written } = known ?? { taken: new Map<string, number>(), written: new Set() };
    if (stored && next.version !== stored.version + 1) violate('legal moves only', `${operationId}: version`);
    if (stored?.finishedAt !== undefined)
      violate('what an operation ends is ended', `${operationId} written after`);
    for (const { activationId, generation } of next.hand) {
      if (stored?.hand.some((one) => one.activationId === activationId)) continue;
      if (stored?.status === 'aborted')
        violate('what an operation ends is ended', `${operationId} takes ${activationId}`);
      if (taken.has(activationId))
        violate('an operation decides each activation once', `${operationId} takes ${activationId} again`);
      taken.set(activationId, generation);
      if (next.action === 'cancel') cancelsAsked.add(activationId);
    }
    this.#known.set(operationId, { stored: next, taken, written: written as Set<string> });
    if (next.finishedAt !== undefined) onEnd(next);
  }

  wroteActivation(before: Activation | undefined, after: Activation): void {
    const isOld = ({ at, event, generation, by }: HistoryEntry) =>
      before?.history.some(
        (one) => one.at === at && one.event === event && one.generation === generation && one.by === by,
      );
    for (const entry of after.history) {
      // One that sends its request twice without a key has two operations.
      const ofCaller = this.all().filter(({ stored }) => stored.requestedBy === entry.by);
      const isInHand = ({ stored: { hand } }: Known) =>
        hand.some(({ activationId }) => activationId === after.activationId);
      const known = ofCaller.find(isInHand) ?? ofCaller[0];
      if (known && !isOld(entry)) this.#changed(known, after.activationId, entry);
    }
  }

  #changed({ stored, taken, written }: Known, activationId: string, entry: HistoryEntry): void {
    const { violate } = this.#options;
    const { operationId, hand, finishedAt } = stored;
    const about = `${operationId}: ${entry.event} ${activationId} ${entry.generation}`;
    const decided = entry.event === 'redriven' ? entry.generation - 1 : entry.generation;
    if (taken.get(activationId) !== decided)
      violate('an operation decides each activation once', `${about}, not in hand`);
    if (finishedAt !== undefined || !hand.some((one) => one.activationId === activationId))
      violate('what an operation ends is ended', about);
    if (written.has(activationId)) violate('an operation decides each activation once', `${about} again`);
    written.add(activationId);
  }
}

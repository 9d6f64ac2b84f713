import type { SeenActivation, SeenDeadLetter, SeenEvent } from './observe.ts';
import type { Scenario } from './scenarios.ts';

/** Everything that was seen of one flow log. */
export type Sight = {
  activation?: SeenActivation;
  /** All its events, in the order of arrival. */
  events: SeenEvent[];
  deadLetters: SeenDeadLetter[];
  effectiveActivations?: number;
  /** When it became Active at Volcengine during the run, in ms since the epoch. */
  activeAt?: number;
};

const FINAL_TYPES = {
  completed: 'flow-log-activation.completed.v1',
  failed: 'flow-log-activation.failed.v1',
};
const SUBMITTED = 'flow-log-activation.submitted.v1';

export function finalEventOf(sight: Sight): SeenEvent | undefined {
  return sight.events.find(({ type }) => type !== SUBMITTED);
}

export function isOver(sight: Sight): boolean {
  const { status } = sight.activation ?? {};
  if (status === 'failed') return finalEventOf(sight) !== undefined && sight.deadLetters.length > 0;
  return status === 'completed' && finalEventOf(sight) !== undefined;
}

/** Returns every difference between what was seen and what was planned. */
export function differences({ end }: Scenario, sight: Sight): string[] {
  const { activation, deadLetters } = sight;
  const final = finalEventOf(sight);
  const finalIds = new Set(sight.events.filter(({ type }) => type !== SUBMITTED).map(({ id }) => id));
  const checks: [string, unknown, unknown][] = [
    ['status', activation?.status, end.status],
    ['reason', activation?.reason, end.reason],
    ['adopted', activation?.adopted, end.adopted],
    ['attempts', activation?.attempts, end.attempts],
    ['final event', final?.type, FINAL_TYPES[end.status]],
    ['final event ids', finalIds.size, 1],
    ['batches named', final?.batchIds.length, end.batches ?? 1],
    [
      'dead letters',
      deadLetters.map(({ reason }) => reason).join(),
      end.status === 'failed' ? end.reason : '',
    ],
    ['times started at Volcengine', sight.effectiveActivations ?? 0, end.effectiveActivations ?? 0],
  ];
  return checks
    .filter(([, seen, planned]) => seen !== planned)
    .map(([what, seen, planned]) => `${what}: ${String(seen)} instead of ${String(planned)}`);
}

/** Returns the times from Active to the completed event on the bus, for the flow logs that this run activated. */
export function delaysToEvent(sights: Iterable<Sight>): number[] {
  const delays: number[] = [];
  for (const sight of sights) {
    const final = finalEventOf(sight);
    if (sight.activeAt !== undefined && final?.adopted === false) delays.push(final.at - sight.activeAt);
  }
  return delays.sort((a, b) => a - b);
}

export function median(sorted: number[]): number | undefined {
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? undefined : (upper + lower) / 2;
}

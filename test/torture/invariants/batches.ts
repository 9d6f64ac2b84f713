import type { Evidence } from '../ledger.ts';
import { duplicate, lost, type Violation, wrong } from '../violation.ts';
import { isExcused, unequal } from './messages.ts';

/** Exactly one event for the end of each batch, delivered at least once, counting as the API does. */
export function batchEventViolations(evidence: Evidence): Violation[] {
  const { batchEvents, otherEvents, requests, batches } = evidence;
  const byBatch = Map.groupBy(batchEvents, ({ batchId }) => batchId);
  const found = requests.flatMap(({ idempotencyKey, flowLogIds, answer }, index): Violation[] => {
    const deliveries = byBatch.get(answer.batchId) ?? [];
    const ids = new Set(deliveries.map(({ id }) => id));
    if (ids.size > 1) return [duplicate(`${idempotencyKey}: ended by ${[...ids].join(', ')}`)];
    const [first] = deliveries;
    if (first === undefined) {
      const endedAt = lastEndOf(answer.batchId, evidence);
      return isExcused({ endedAt }, evidence) ? [] : [lost(`${idempotencyKey}: no event of its end`)];
    }
    const { total, counts } = first;
    const seen = batches[index]?.counts;
    const isAsSeen = counts.completed === seen?.completed && counts.failed === seen.failed;
    return total === flowLogIds.length && isAsSeen ? [] : [wrong(`${idempotencyKey}: told of ${first.body}`)];
  });
  const known = new Set(requests.map(({ answer }) => answer.batchId));
  const strangers = batchEvents.filter(({ batchId }) => !known.has(batchId));
  return [
    ...found,
    ...strangers.map(({ id }) => wrong(`${id}: the end of no accepted batch`)),
    ...otherEvents.map(({ id, type }) => wrong(`${id}: nothing that could tell of ${type} has happened`)),
    ...unequal(batchEvents, ({ id }) => id),
  ];
}

function lastEndOf(batchId: string, { activations }: Evidence): number | undefined {
  const own = activations.filter(({ batchIds }) => batchIds.includes(batchId));
  return own.every(({ finishedAt }) => finishedAt !== undefined)
    ? Math.max(...own.map(({ finishedAt = 0 }) => finishedAt))
    : undefined;
}

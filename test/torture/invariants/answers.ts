import type { Evidence } from '../ledger.ts';
import type { AcceptedRequest, SeenActivation } from '../observations.ts';
import { lost, type Violation, wrong } from '../violation.ts';

function isFinal({ status }: Pick<SeenActivation, 'status'>): boolean {
  return status === 'completed' || status === 'failed';
}

/** What was accepted is readable, final and listed, and a replay answers what the first answer did. */
export function answersViolations({ requests, activations, batches, lists }: Evidence): Violation[] {
  const byId = new Map(activations.map((activation) => [activation.activationId, activation]));
  return requests.flatMap(({ idempotencyKey, flowLogIds, answer, replays }, index) => {
    const found: Violation[] = [];
    const ids = answer.activations.map(({ activationId }) => activationId);
    const asked = new Set(flowLogIds).symmetricDifference(
      new Set(answer.activations.map(({ flowLogId }) => flowLogId)),
    );
    if (asked.size > 0) found.push(wrong(`${idempotencyKey}: asked and answered differ: ${[...asked]}`));
    for (const id of ids) {
      const activation = byId.get(id);
      if (activation === undefined) found.push(lost(`${id}: accepted, and unknown to the API`));
      else if (!isFinal(activation)) found.push(lost(`${id}: still ${activation.status}`));
    }
    for (const replay of replays) {
      if (identityOf(replay) === identityOf(answer)) continue;
      found.push(wrong(`${idempotencyKey}: a replay was answered with other ids`));
    }
    const batch = batches[index];
    if (!batch?.done || batch.total !== flowLogIds.length) {
      found.push(lost(`${idempotencyKey}: its batch is not done: ${JSON.stringify(batch)}`));
    }
    const listed = new Set(lists[index]).symmetricDifference(new Set(ids));
    if (listed.size > 0) found.push(lost(`${idempotencyKey}: accepted and listed differ: ${[...listed]}`));
    return found;
  });
}

function identityOf({ batchId, activations }: AcceptedRequest): string {
  const ids = activations.map(({ activationId, joined }) => `${activationId} ${joined}`);
  return [batchId, ...ids.sort()].join('\n');
}

/** Once all is final and told, nothing waits in the table but batches for the poller's next look. */
export function tableViolations({ leftovers }: Evidence): Violation[] {
  const { due, untold, overdueBatches, misindexed } = leftovers;
  return [
    ...due.map((key) => wrong(`${key}: still due`)),
    ...untold.map((key) => lost(`${key}: its outbox is not empty`)),
    ...overdueBatches.map((key) => wrong(`${key}: nobody has looked at it`)),
    ...misindexed.map((key) => wrong(`${key}: in the table or in its index, not in both`)),
  ];
}

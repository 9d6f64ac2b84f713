import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { localSqsClient, readDeadLetters, readEvents, requestActivations } from '../local/demo/observe.ts';
import type { LocalWorld } from '../local/world.ts';

const READERS = 4;
const PAUSE_MS = 50;

/** Returns the batch id. Throws unless it is accepted. */
export function activateFlowLogs({ apiUrl }: LocalWorld, flowLogIds: string[]): Promise<string> {
  return requestActivations(apiUrl, flowLogIds);
}

const Summary = v.object({ total: v.number(), counts: v.object({ completed: v.number() }) });

export async function batchCounts({ apiUrl }: LocalWorld, batchIds: string[]) {
  const sum = { total: 0, completed: 0 };
  for (const batchId of batchIds) {
    const response = await fetch(`${apiUrl}/batches/${batchId}`);
    const { total, counts } = v.parse(Summary, await response.json());
    sum.total += total;
    sum.completed += counts.completed;
  }
  return sum;
}

/** Drains the events as a subscriber would, so that the queue in memory does not grow, and keeps the ids of the completed. */
export function countCompletions({ description }: LocalWorld) {
  const { events, deadLetter } = description.queues;
  const sqs = localSqsClient(description.sqs);
  const ids = new Set<string>();
  let stopped = false;
  const readers = Array.from({ length: READERS }, async () => {
    while (!stopped) {
      const seen = await readEvents(sqs, events);
      for (const { id, type } of seen) if (type.includes('.completed.')) ids.add(id);
      if (seen.length > 0) continue;
      const deadLetters = deadLetter === undefined ? [] : await readDeadLetters(sqs, deadLetter);
      for (const deadLetter of deadLetters) throw new Error(`a dead letter: ${JSON.stringify(deadLetter)}`);
      await sleep(PAUSE_MS);
    }
  });
  const ended = Promise.all(readers);
  ended.catch(() => {});
  return {
    ids,
    /** Throws when anything failed. */
    async stop() {
      stopped = true;
      await ended.finally(() => sqs.destroy());
    },
  };
}

/** By another hand than ours. */
export async function turnActive({ description }: LocalWorld, flowLogIds: string[]): Promise<void> {
  const response = await fetch(`${description.volcengine}/_fake/flow-logs`, {
    method: 'PUT',
    body: JSON.stringify(
      flowLogIds.map((flowLogId) => ({ region: 'cn-beijing', flowLogId, status: 'Active' })),
    ),
  });
  if (!response.ok) throw new Error(`the fake Volcengine refused: ${await response.text()}`);
}

import { setTimeout as sleep } from 'node:timers/promises';
import { type Activation, type Api, given, isFinal, listActivations, take } from './api.ts';

export type FollowOptions = {
  /** The default is to wait until all are final. */
  timeoutMs?: number;
  /** Ends the wait. The activations go on. */
  signal?: AbortSignal;
  /** Called for each activation when it is first seen, and each time it has changed. */
  onChange?: (activation: Activation) => void;
  /** The shortest time between two looks. The default is 1,000; a long wait looks every 5 s. */
  pollMs?: number;
};

export type BatchEnd = {
  batchId: string;
  /** `timed-out`: some are still open; otherwise `failed` if any failed. */
  outcome: 'completed' | 'failed' | 'timed-out';
  /** In the order of the request. */
  activations: Activation[];
};

const LONGEST_POLL_MS = 5_000;
/** The wait between two looks is this part of the time since the start. */
const PATIENCE = 1 / 20;

/** Polls the service. Throws the reason of `signal`, and every error of the client. */
export async function followBatch(
  api: Api,
  batchId: string,
  { timeoutMs = Number.POSITIVE_INFINITY, signal, onChange, pollMs = 1_000 }: FollowOptions = {},
): Promise<BatchEnd> {
  const startedAt = Date.now();
  const seen = new Map<string, string>();
  for (;;) {
    signal?.throwIfAborted();
    const activations = await take(listActivations(api, { batchId, limit: 200 }));
    for (const activation of activations) {
      const state = `${activation.updatedAt} ${activation.generation} ${activation.status}`;
      if (seen.get(activation.activationId) === state) continue;
      seen.set(activation.activationId, state);
      onChange?.(activation);
    }
    if (activations.every(isFinal) && (await isDone(api, batchId))) {
      const hasFailed = activations.some(({ status }) => status === 'failed');
      return { batchId, outcome: hasFailed ? 'failed' : 'completed', activations };
    }
    const elapsedMs = Date.now() - startedAt;
    if (elapsedMs >= timeoutMs) return { batchId, outcome: 'timed-out', activations };
    const waitMs = Math.min(Math.max(elapsedMs * PATIENCE, pollMs), LONGEST_POLL_MS);
    await sleep(Math.min(waitMs, timeoutMs - elapsedMs), undefined, { signal }).catch(() => undefined);
  }
}

/** The list lags a moment, and leaves out records of another version; the batch knows all that it has. */
async function isDone(api: Api, batchId: string): Promise<boolean> {
  const { data } = await api.GET('/batches/{batchId}', { params: { path: { batchId } } });
  return given(data).done;
}

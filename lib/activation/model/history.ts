import { type Activation, HISTORY_LIMIT, type HistoryEntry } from './activation.ts';
import type { CallError } from './outcome.ts';

type NewEntry = Pick<HistoryEntry, 'event' | 'code' | 'httpStatus' | 'asyncTaskId' | 'by'>;

/** Tried every few minutes, perhaps for days. Of a run of them only the first and the latest are kept. */
const HOLD = 'hold';

/**
 * Returns the history with one more entry. Beyond the limit it drops the oldest entry without a principal; entries with
 * a principal go only if there is no other (Invariant 16).
 */
export function appendHistory(activation: Activation, at: number, entry: NewEntry): HistoryEntry[] {
  const { generation, attempts: attempt } = activation;
  const [first, second] = activation.history.slice(-2);
  const isRun = [first, second, entry].every((one) => one?.event === HOLD);
  const history = isRun ? activation.history.slice(0, -1) : activation.history;
  const longer = [...history, { at, generation, attempt, ...entry }];
  if (longer.length <= HISTORY_LIMIT) return longer;
  const oldest = history.findIndex(({ by }) => by === undefined);
  return longer.toSpliced(Math.max(0, oldest), 1);
}

/** The parts of an error that a history entry keeps. */
export function errorSummary(error: CallError): Pick<HistoryEntry, 'code' | 'httpStatus'> {
  return { code: error.code, ...(error.httpStatus !== undefined && { httpStatus: error.httpStatus }) };
}

/** Since when (ms since the epoch) and why a queued activation waits for credentials, permissions or the endpoint. */
export type Held = { since: number; code: string };

/** Undefined if it is not on hold: the reply to its latest call was another one. */
export function heldOf({ status, history }: Pick<Activation, 'status' | 'history'>): Held | undefined {
  const latest = history.at(-1);
  if (status !== 'queued' || latest?.event !== HOLD) return undefined;
  const first = history[history.findLastIndex(({ event }) => event !== HOLD) + 1] ?? latest;
  return { since: first.at, code: latest.code ?? 'unknown' };
}

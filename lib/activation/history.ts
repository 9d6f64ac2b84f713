import { type Activation, HISTORY_LIMIT, type HistoryEntry } from './activation.ts';
import type { CallError } from './outcome.ts';

type Happening = Pick<HistoryEntry, 'event' | 'code' | 'httpStatus' | 'asyncTaskId'>;

/** The history with one more entry, the oldest beyond the limit gone. */
export function appendHistory(activation: Activation, at: number, entry: Happening): HistoryEntry[] {
  const { generation, attempts: attempt } = activation;
  return [...activation.history, { at, generation, attempt, ...entry }].slice(-HISTORY_LIMIT);
}

/** What of an error is worth a line of history. */
export function evidence(error: CallError): Pick<HistoryEntry, 'code' | 'httpStatus'> {
  return { code: error.code, ...(error.httpStatus !== undefined && { httpStatus: error.httpStatus }) };
}

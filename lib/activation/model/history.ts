import { type Activation, HISTORY_LIMIT, type HistoryEntry } from './activation.ts';
import type { CallError } from './outcome.ts';

type NewEntry = Pick<HistoryEntry, 'event' | 'code' | 'httpStatus' | 'asyncTaskId' | 'by'>;

/**
 * Returns the history with one more entry. Beyond the limit it drops the oldest entry without a principal; entries with
 * a principal go only if there is no other (Invariant 16).
 */
export function appendHistory(activation: Activation, at: number, entry: NewEntry): HistoryEntry[] {
  const { generation, attempts: attempt } = activation;
  const { history } = activation;
  const longer = [...history, { at, generation, attempt, ...entry }];
  if (longer.length <= HISTORY_LIMIT) return longer;
  const oldest = history.findIndex(({ by }) => by === undefined);
  return longer.toSpliced(Math.max(0, oldest), 1);
}

/** The parts of an error that a history entry keeps. */
export function errorSummary(error: CallError): Pick<HistoryEntry, 'code' | 'httpStatus'> {
  return { code: error.code, ...(error.httpStatus !== undefined && { httpStatus: error.httpStatus }) };
}

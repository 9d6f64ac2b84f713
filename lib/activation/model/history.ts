import { type Activation, HISTORY_LIMIT, type HistoryEntry } from './activation.ts';
import type { CallError } from './outcome.ts';

type NewEntry = Pick<HistoryEntry, 'event' | 'code' | 'httpStatus' | 'asyncTaskId' | 'by'>;

/** The history with one more entry. Beyond the limit the oldest goes, and what a person did goes last (Invariant 16). */
export function appendHistory(activation: Activation, at: number, entry: NewEntry): HistoryEntry[] {
  const { generation, attempts: attempt } = activation;
  const { history } = activation;
  const longer = [...history, { at, generation, attempt, ...entry }];
  if (longer.length <= HISTORY_LIMIT) return longer;
  const oldest = history.findIndex(({ by }) => by === undefined);
  return longer.toSpliced(Math.max(0, oldest), 1);
}

/** What of an error is worth a line of history. */
export function errorSummary(error: CallError): Pick<HistoryEntry, 'code' | 'httpStatus'> {
  return { code: error.code, ...(error.httpStatus !== undefined && { httpStatus: error.httpStatus }) };
}

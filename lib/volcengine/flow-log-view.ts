import type { FlowLogView } from '../activation/outcome.ts';
import { isRecord, type JsonRecord, textOf } from './json-value.ts';

const STATUS_LIMIT = 64;
const LOCK_REASON_LIMIT = 500;

type FlowLogsPage = {
  flowLogs: FlowLogView[];
  nextToken: string | undefined;
  /** False when a row or the token for the next page could not be read: what is not shown may exist all the same. */
  whole: boolean;
};

/** One page of a DescribeFlowLogs result; undefined when it has no list, which says nothing of absence. */
export function readFlowLogsPage(result: JsonRecord): FlowLogsPage | undefined {
  if (!Array.isArray(result.FlowLogs)) return undefined;
  const rows: unknown[] = result.FlowLogs;
  const flowLogs = rows.map(readFlowLog).filter((view) => view !== undefined);
  const nextToken = result.NextToken ?? '';
  return {
    flowLogs,
    nextToken: textOf(nextToken),
    whole: flowLogs.length === rows.length && typeof nextToken === 'string',
  };
}

function readFlowLog(row: unknown): FlowLogView | undefined {
  if (!isRecord(row)) return undefined;
  const flowLogId = textOf(row.FlowLogId);
  if (flowLogId === undefined) return undefined;
  const status = textOf(row.Status)?.slice(0, STATUS_LIMIT).toWellFormed() ?? 'Unknown';
  const lockReason = textOf(row.LockReason) ?? abnormal(textOf(row.BusinessStatus));
  if (lockReason === undefined) return { flowLogId, status, locked: false };
  return {
    flowLogId,
    status,
    locked: true,
    lockReason: lockReason.slice(0, LOCK_REASON_LIMIT).toWellFormed(),
  };
}

/** Which values a BusinessStatus can have is documented nowhere; that `Normal` is the good one is. */
function abnormal(businessStatus: string | undefined): string | undefined {
  return businessStatus === 'Normal' ? undefined : businessStatus;
}

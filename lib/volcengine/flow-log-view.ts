import { FLOW_LOG_ID } from '../activation/ids.ts';
import type { FlowLogView } from '../activation/outcome.ts';
import type { FlowLogDetail } from '../activation/selector.ts';
import { isRecord, type JsonRecord, textOf } from './json-value.ts';

const STATUS_LIMIT = 64;
const LOCK_REASON_LIMIT = 500;

type FlowLogsPage<View> = {
  flowLogs: View[];
  nextToken: string | undefined;
  /** False when a row or the token for the next page could not be read: what is not shown may exist all the same. */
  whole: boolean;
};

/** One page of a DescribeFlowLogs result; undefined when it has no list, which says nothing of absence. */
export function readFlowLogsPage(result: JsonRecord): FlowLogsPage<FlowLogView> | undefined {
  return readPage(result, readFlowLog);
}

/** The same with all that selectors ask for. An id that activations cannot have makes a page not whole. */
export function readFlowLogDetailsPage(result: JsonRecord): FlowLogsPage<FlowLogDetail> | undefined {
  return readPage(result, readFlowLogDetail);
}

function readPage<View>(
  result: JsonRecord,
  readRow: (row: unknown) => View | undefined,
): FlowLogsPage<View> | undefined {
  if (!Array.isArray(result.FlowLogs)) return undefined;
  const rows: unknown[] = result.FlowLogs;
  const flowLogs = rows.map(readRow).filter((view) => view !== undefined);
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

function readFlowLogDetail(row: unknown): FlowLogDetail | undefined {
  const view = readFlowLog(row);
  if (!isRecord(row) || view === undefined || !FLOW_LOG_ID.test(view.flowLogId)) return undefined;
  const tags = readTags(row.Tags ?? []);
  return (
    tags && {
      ...view,
      name: textOf(row.FlowLogName) ?? '',
      resourceType: textOf(row.ResourceType) ?? '',
      resourceId: textOf(row.ResourceId) ?? '',
      vpcId: textOf(row.VpcId) ?? '',
      project: textOf(row.ProjectName) ?? '',
      tags,
    }
  );
}

function readTags(tags: unknown): FlowLogDetail['tags'] | undefined {
  if (!Array.isArray(tags)) return undefined;
  const rows: unknown[] = tags;
  const read = rows.map((tag) => {
    const key = isRecord(tag) ? textOf(tag.Key) : undefined;
    const value = isRecord(tag) ? (tag.Value ?? '') : undefined;
    return key !== undefined && typeof value === 'string' ? { key, value } : undefined;
  });
  const whole = read.filter((tag) => tag !== undefined);
  return whole.length === read.length ? whole : undefined;
}

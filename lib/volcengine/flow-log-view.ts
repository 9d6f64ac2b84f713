import type { FlowLogDetail } from '../activation/batches/selector.ts';
import { FLOW_LOG_ID } from '../activation/model/ids.ts';
import type { FlowLogView } from '../activation/model/outcome.ts';
import { idOf, isRecord, textOf } from './json-value.ts';
import type { ActionResult } from './read-reply.ts';

const STATUS_LIMIT = 64;
const LOCK_REASON_LIMIT = 500;

type FlowLogsPage<View> = {
  flowLogs: View[];
  nextToken: string | undefined;
  /**
   * False if a row or the token of the next page is unreadable, or the reply has no RequestId. Then a flow log that is
   * not shown may still exist.
   */
  whole: boolean;
};

/** Reads a page of a DescribeFlowLogs result. Undefined if its list is unreadable, which does not prove absence. */
export function readFlowLogsPage(result: ActionResult): FlowLogsPage<FlowLogView> | undefined {
  return readPage(result, readFlowLog);
}

/** The same with all fields that selectors use. A flow log id of unknown form makes the page not whole. */
export function readFlowLogDetailsPage(result: ActionResult): FlowLogsPage<FlowLogDetail> | undefined {
  return readPage(result, readFlowLogDetail);
}

function readPage<View>(
  { requestId, result }: ActionResult,
  readRow: (row: unknown) => View | undefined,
): FlowLogsPage<View> | undefined {
  // According to the reference, an empty list may be null or absent. Then Result may be absent, too.
  const rows: unknown = result && (result.FlowLogs ?? []);
  if (!Array.isArray(rows)) return undefined;
  const flowLogs = rows.map(readRow).filter((view) => view !== undefined);
  const given = result?.NextToken ?? '';
  const nextToken = idOf(given);
  return {
    flowLogs,
    nextToken,
    whole:
      requestId !== undefined && flowLogs.length === rows.length && (given === '' || nextToken !== undefined),
  };
}

function readFlowLog(row: unknown): FlowLogView | undefined {
  if (!isRecord(row)) return undefined;
  const flowLogId = textOf(row.FlowLogId);
  if (flowLogId === undefined) return undefined;
  const status = textOf(row.Status)?.slice(0, STATUS_LIMIT).toWellFormed() ?? 'Unknown';
  return { flowLogId, status, ...readLock(textOf(row.BusinessStatus), textOf(row.LockReason)) };
}

/**
 * BusinessStatus is `Normal` or `FinancialLocked`. LockReason is empty, `financial`, or `unlock` (restored after payment).
 * An unknown value counts as a lock. Source: the resource's schema in the Terraform provider volcenginecc.
 */
function readLock(
  businessStatus = 'Normal',
  lockReason: string | undefined,
): Pick<FlowLogView, 'locked' | 'lockReason' | 'restoring'> {
  const isKnown = businessStatus === 'Normal' || businessStatus === 'FinancialLocked';
  if (lockReason === 'unlock' && isKnown) return { locked: false, restoring: true };
  if (lockReason === undefined && businessStatus === 'Normal') return { locked: false };
  const reason = lockReason === undefined || lockReason === 'unlock' ? businessStatus : lockReason;
  return { locked: true, lockReason: reason.slice(0, LOCK_REASON_LIMIT).toWellFormed() };
}

function readFlowLogDetail(row: unknown): FlowLogDetail | undefined {
  const view = readFlowLog(row);
  if (!isRecord(row) || view === undefined || !FLOW_LOG_ID.test(view.flowLogId)) return undefined;
  const tags = readTags(row.Tags ?? []);
  return (
    tags && {
      ...view,
      name: idOf(row.FlowLogName) ?? '',
      resourceType: textOf(row.ResourceType) ?? '',
      resourceId: idOf(row.ResourceId) ?? '',
      vpcId: idOf(row.VpcId) ?? '',
      project: idOf(row.ProjectName) ?? '',
      tags,
    }
  );
}

function readTags(tags: unknown): FlowLogDetail['tags'] | undefined {
  if (!Array.isArray(tags)) return undefined;
  const rows: unknown[] = tags;
  const read = rows.map((tag) => {
    const key = isRecord(tag) ? idOf(tag.Key) : undefined;
    const given = isRecord(tag) ? (tag.Value ?? '') : undefined;
    const value = given === '' ? '' : idOf(given);
    return key !== undefined && value !== undefined ? { key, value } : undefined;
  });
  const whole = read.filter((tag) => tag !== undefined);
  return whole.length === read.length ? whole : undefined;
}

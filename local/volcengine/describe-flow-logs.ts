import type { ActionCall, ActionResult } from './action.ts';
import { ApiError } from './api-error.ts';
import type { CloudState } from './cloud-state.ts';
import type { DescribeSettings } from './describe-settings.ts';
import type { FakeCloud } from './fake-cloud.ts';
import type { FlowLog } from './flow-log.ts';
import { flowLogFilter } from './flow-log-filter.ts';
import { matchesIdPattern } from './id-pattern.ts';
import { pageFingerprint, parseNextToken, writeNextToken } from './next-token.ts';
import { invalidValue, numberedValues, type Parameters, refuseUnknown } from './parameters.ts';

const KNOWN =
  /^(?:FlowLogIds\.\d+|TagFilters\.\d+\.(?:Key|Values\.\d+)|FlowLogName|Description|ResourceType|ResourceId|TrafficType|LogProjectId|LogTopicId|AggregationInterval|Status|VpcId|ProjectName|MaxResults|NextToken)$/;
const IDS_LIMIT = 100;
const DEFAULT_MAX_RESULTS = 10;
const MAX_RESULTS_LIMIT = 100;

/**
 * Pages are sorted by id and resume after the last id shown, so changes in between neither skip nor repeat a flow log.
 */
export function describeFlowLogs(call: ActionCall, { state, describe }: FakeCloud): ActionResult {
  const { caller, parameters } = call;
  refuseUnknown(parameters, KNOWN);
  const flowLogIds = numberedValues(parameters, 'FlowLogIds');
  if (flowLogIds.length > IDS_LIMIT) throw invalidValue('FlowLogIds', `has more than ${IDS_LIMIT} ids`);
  const maxResults = readMaxResults(parameters);
  const accepts = flowLogFilter(parameters);
  const fingerprint = pageFingerprint(caller, parameters);
  const after = parseNextToken(parameters.get('NextToken'), fingerprint);

  const visible = candidates(call, state, flowLogIds);
  refuseIds(flowLogIds, visible, describe);
  const rest = visible
    .filter((flowLog) => accepts(flowLog) && (after === undefined || flowLog.flowLogId > after))
    .sort((a, b) => (a.flowLogId < b.flowLogId ? -1 : 1));
  const page = rest.slice(0, maxResults);
  const last = page.at(-1);
  const more = last !== undefined && rest.length > page.length;
  const rows = page.map((flowLog) => show(flowLog, caller.accountId, describe));
  if (rows.length === 0 && describe.emptyList === 'no-result') return { effective: false };
  return {
    result: {
      RequestId: call.requestId,
      FlowLogs: listOf(rows, describe),
      NextToken: more ? writeNextToken(last.flowLogId, fingerprint) : '',
    },
    effective: false,
  };
}

/** Throws the ApiError that refuses the whole call for one id. */
function refuseIds(flowLogIds: string[], visible: FlowLog[], { refusedIds }: DescribeSettings): void {
  if (refusedIds === undefined) return;
  const { malformed, unknown } = refusedIds;
  if (malformed !== undefined && flowLogIds.some((id) => matchesIdPattern(malformed, id))) {
    throw new ApiError('InvalidFlowLogId.Malformed', 'The specified flow log id is malformed.');
  }
  const shown = new Set(visible.map(({ flowLogId }) => flowLogId));
  if (unknown && flowLogIds.some((id) => !shown.has(id))) {
    throw new ApiError('InvalidFlowLog.NotFound', 'The specified flow log does not exist.');
  }
}

/** Undefined is left out of the JSON. */
function listOf(rows: unknown[], { emptyList }: DescribeSettings): unknown[] | null | undefined {
  if (rows.length > 0 || emptyList === undefined || emptyList === '[]') return rows;
  return emptyList === 'null' ? null : undefined;
}

function readMaxResults(parameters: Parameters): number {
  const text = parameters.get('MaxResults');
  if (text === undefined) return DEFAULT_MAX_RESULTS;
  const maxResults = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (maxResults < 1 || maxResults > MAX_RESULTS_LIMIT) {
    throw invalidValue('MaxResults', `is not a number from 1 to ${MAX_RESULTS_LIMIT}`);
  }
  return maxResults;
}

function candidates({ caller }: ActionCall, state: CloudState, flowLogIds: string[]): FlowLog[] {
  if (flowLogIds.length === 0) return state.flowLogs.listVisible(caller);
  return [...new Set(flowLogIds)].flatMap((flowLogId) => {
    const found = state.flowLogs.findVisible(caller, flowLogId);
    if (found?.created) state.revision += 1;
    return found === undefined ? [] : [found.flowLog];
  });
}

function show(flowLog: FlowLog, accountId: string, describe: DescribeSettings): Record<string, unknown> {
  return {
    FlowLogId: flowLog.flowLogId,
    FlowLogName: flowLog.flowLogName,
    Description: flowLog.description,
    ResourceType: flowLog.resourceType,
    ResourceId: flowLog.resourceId,
    TrafficType: flowLog.trafficType,
    LogProjectId: flowLog.logProjectId,
    LogTopicId: flowLog.logTopicId,
    AggregationInterval: flowLog.aggregationInterval,
    Status: flowLog.status,
    BusinessStatus: flowLog.businessStatus,
    LockReason: flowLog.lockReason,
    VpcId: flowLog.vpcId,
    ProjectName: flowLog.projectName,
    Tags: listOf(
      flowLog.tags.map(({ key, value }) => ({ Key: key, Value: value })),
      describe,
    ),
    AccountId: accountId,
    CreatedAt: new Date(flowLog.createdAt).toISOString(),
    UpdatedAt: new Date(flowLog.updatedAt).toISOString(),
  };
}

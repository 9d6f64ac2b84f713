import type { CallFailure, DescribeOutcome, FlowLogView } from '../activation/model/outcome.ts';
import type { ActionCaller } from './call-action.ts';
import { readFlowLogsPage } from './flow-log-view.ts';
import { unusableResult } from './read-reply.ts';

/** The maximum number of ids in a call, and of rows in a page. */
const IDS_PER_CALL = 100;
/** 100 ids fit into one page. A server that returns more pages than this repeats itself. */
const MAX_PAGES = 20;

type Scope = { account: string; region: string };

/**
 * Describes the flow logs, 100 ids per call, one call after the other. A repeated id is sent once.
 * A flow log is missing from the result only if complete replies did not show it. An incomplete reply is a `retry`.
 */
export async function describeFlowLogs(
  callAction: ActionCaller,
  scope: Scope,
  flowLogIds: string[],
): Promise<DescribeOutcome> {
  const flowLogs = new Map<string, FlowLogView>();
  const ids = [...new Set(flowLogIds)];
  for (let start = 0; start < ids.length; start += IDS_PER_CALL) {
    const missing = new Set(ids.slice(start, start + IDS_PER_CALL));
    const failure = await describePages(callAction, scope, missing, flowLogs);
    if (failure !== undefined) return failure;
  }
  return { kind: 'described', flowLogs };
}

/** Moves flow logs that it finds from `missing` to `found`. Stops as soon as none is missing. */
async function describePages(
  callAction: ActionCaller,
  scope: Scope,
  missing: Set<string>,
  found: Map<string, FlowLogView>,
): Promise<CallFailure | undefined> {
  // The default of MaxResults is 10: then 90 of 100 flow logs would look absent.
  const parameters: Record<string, string> = { MaxResults: String(IDS_PER_CALL) };
  let position = 0;
  for (const flowLogId of missing) parameters[`FlowLogIds.${++position}`] = flowLogId;

  let whole = true;
  for (let pages = 1; ; pages++) {
    const outcome = await callAction({ ...scope, action: 'DescribeFlowLogs', parameters });
    if (outcome.kind === 'not-sent') throw new Error('a call without a time limit is always sent');
    if (outcome.kind !== 'result') return outcome;
    const page = readFlowLogsPage(outcome);
    if (page === undefined) return unusableResult(outcome, 'DescribeFlowLogs: Result.FlowLogs is not a list');
    for (const view of page.flowLogs) {
      if (missing.delete(view.flowLogId)) found.set(view.flowLogId, view);
    }
    if (missing.size === 0) return undefined;

    whole &&= page.whole;
    if (page.nextToken === undefined) {
      return whole
        ? undefined
        : unusableResult(outcome, 'DescribeFlowLogs: a row, NextToken or RequestId is unreadable');
    }
    if (pages === MAX_PAGES) return unusableResult(outcome, `DescribeFlowLogs: more than ${MAX_PAGES} pages`);
    parameters.NextToken = page.nextToken;
  }
}

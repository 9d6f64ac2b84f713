import type { CallFailure, DescribeOutcome, FlowLogView } from '../activation/model/outcome.ts';
import type { ActionCaller } from './call-action.ts';
import { readFlowLogsPage } from './flow-log-view.ts';
import { unusableResult } from './read-reply.ts';

/** As many ids as one call may name, and as many rows as one page may have. */
const IDS_PER_CALL = 100;
/** 100 ids fit one page; a server that goes on for longer than this is turning in a circle. */
const MAX_PAGES = 20;

type Scope = { account: string; region: string };

/**
 * Asks for each id once, 100 at a time, one call after the other.
 * A flow log is left out only when whole answers did not show it: an answer that leaves doubt is a `retry`.
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

/** Moves what it finds from `missing` to `found`; stops as soon as nothing is missing. */
async function describePages(
  callAction: ActionCaller,
  scope: Scope,
  missing: Set<string>,
  found: Map<string, FlowLogView>,
): Promise<CallFailure | undefined> {
  // Without MaxResults a page has 10 rows, and 90 of 100 flow logs would look absent.
  const parameters: Record<string, string> = { MaxResults: String(IDS_PER_CALL) };
  let position = 0;
  for (const flowLogId of missing) parameters[`FlowLogIds.${++position}`] = flowLogId;

  let whole = true;
  for (let pages = 1; ; pages++) {
    const answer = await callAction({ ...scope, action: 'DescribeFlowLogs', parameters });
    if (answer.kind === 'not-sent') throw new Error('a call without a time limit is always sent');
    if (answer.kind !== 'result') return answer;
    const page = readFlowLogsPage(answer);
    if (page === undefined) return unusableResult(answer, 'DescribeFlowLogs: Result.FlowLogs is not a list');
    for (const view of page.flowLogs) {
      if (missing.delete(view.flowLogId)) found.set(view.flowLogId, view);
    }
    if (missing.size === 0) return undefined;

    whole &&= page.whole;
    if (page.nextToken === undefined) {
      return whole
        ? undefined
        : unusableResult(answer, 'DescribeFlowLogs: a row, NextToken or RequestId is unreadable');
    }
    if (pages === MAX_PAGES) return unusableResult(answer, `DescribeFlowLogs: more than ${MAX_PAGES} pages`);
    parameters.NextToken = page.nextToken;
  }
}

import type { FlowLogFinder, FlowLogPage } from '../activation/batches/ports.ts';
import type { FlowLogFilter } from '../activation/batches/selector.ts';
import type { CallFailure } from '../activation/model/outcome.ts';
import { type ActionCaller, type ActionCallerOptions, createActionCaller, VPC } from './call-action.ts';
import { readFlowLogDetailsPage } from './flow-log-view.ts';
import { unusableResult } from './read-reply.ts';
import { canonicalQuery } from './sign.ts';

/** The maximum of DescribeFlowLogs. Its default is 10. */
const ROWS_PER_PAGE = 100;

/**
 * In bytes. Servers should accept request lines of at least this length (RFC 9110, 4.1); the limit of nginx and Apache
 * is about 8,190. The rest is for the NextToken of a later page, whose length is not documented.
 */
const REQUEST_LINE_LIMIT = 8_000;
const NEXT_TOKEN_BYTES = 1_000;

/** Returns by how many bytes the query of the filter is too long for some servers; 0 if it is not. */
export function bytesTooLong(filter: FlowLogFilter): number {
  const query = canonicalQuery({
    ...firstPageParameters(filter),
    Action: 'DescribeFlowLogs',
    Version: VPC.version,
  });
  return Math.max(0, `GET /?${query} HTTP/1.1`.length - (REQUEST_LINE_LIMIT - NEXT_TOKEN_BYTES));
}

/** Calls DescribeFlowLogs with filters. After an authentication failure the next call asks `credentials` to refresh. */
export function createFlowLogFinder(options: ActionCallerOptions): FlowLogFinder {
  const callAction = createActionCaller(options);
  return { page: (scope, filter, nextToken) => findPage(callAction, scope, filter, nextToken) };
}

async function findPage(
  callAction: ActionCaller,
  scope: { account: string; region: string },
  filter: FlowLogFilter,
  nextToken: string | undefined,
): Promise<FlowLogPage | CallFailure> {
  const parameters = {
    ...firstPageParameters(filter),
    ...(nextToken !== undefined && { NextToken: nextToken }),
  };
  const outcome = await callAction({ ...scope, action: 'DescribeFlowLogs', parameters });
  if (outcome.kind === 'not-sent') throw new Error('a call without a time limit is always sent');
  if (outcome.kind !== 'result') return outcome;
  const page = readFlowLogDetailsPage(outcome);
  if (page === undefined) return unusableResult(outcome, 'DescribeFlowLogs: Result.FlowLogs is not a list');
  if (!page.whole)
    return unusableResult(outcome, 'DescribeFlowLogs: a row, NextToken or RequestId is unreadable');
  const next = page.nextToken === undefined ? {} : { nextToken: page.nextToken };
  return { kind: 'page', flowLogs: page.flowLogs, ...next };
}

function firstPageParameters(filter: FlowLogFilter): Record<string, string> {
  return { ...filterParameters(filter), MaxResults: String(ROWS_PER_PAGE) };
}

/** A filter only makes the result smaller. The caller must check the rows again. */
function filterParameters({ project, vpcId, resourceType, resourceId, tags = {} }: FlowLogFilter) {
  const parameters: Record<string, string> = {
    ...(project !== undefined && { ProjectName: project }),
    ...(vpcId !== undefined && { VpcId: vpcId }),
    ...(resourceType !== undefined && { ResourceType: resourceType }),
    ...(resourceId !== undefined && { ResourceId: resourceId }),
  };
  for (const [position, [key, values]] of Object.entries(tags).entries()) {
    const name = `TagFilters.${position + 1}`;
    parameters[`${name}.Key`] = key;
    // A query cannot contain an empty value, so it contains only the key.
    if (values === true || values.includes('')) continue;
    for (const [index, value] of values.entries()) parameters[`${name}.Values.${index + 1}`] = value;
  }
  return parameters;
}

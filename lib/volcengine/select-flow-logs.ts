import type { FlowLogFinder, FlowLogPage } from '../activation/batches/ports.ts';
import type { FlowLogFilter } from '../activation/batches/selector.ts';
import type { CallFailure } from '../activation/model/outcome.ts';
import { type ActionCaller, type ActionCallerOptions, createActionCaller, VPC } from './call-action.ts';
import { readFlowLogDetailsPage } from './flow-log-view.ts';
import { unusableResult } from './read-reply.ts';
import { canonicalQuery } from './sign.ts';

/** DescribeFlowLogs shows 10 rows a page if not asked for more, and at most 100. */
const ROWS_PER_PAGE = 100;

/**
 * In bytes. What servers must take at least as a request line (RFC 9110, 4.1); nginx and Apache end at some 8,190. The
 * rest is for the NextToken of a later page, whose length nobody publishes.
 */
const REQUEST_LINE_LIMIT = 8_000;
const OF_IT_NEXT_TOKEN = 1_000;

/** By how many bytes the filter's question is longer than every server takes; 0 if it is not. */
export function bytesTooLong(filter: FlowLogFilter): number {
  const query = canonicalQuery({
    ...firstQuestion(filter),
    Action: 'DescribeFlowLogs',
    Version: VPC.version,
  });
  return Math.max(0, `GET /?${query} HTTP/1.1`.length - (REQUEST_LINE_LIMIT - OF_IT_NEXT_TOKEN));
}

/** DescribeFlowLogs by filters. After an authentication failure the next call asks `credentials` to refresh. */
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
    ...firstQuestion(filter),
    ...(nextToken !== undefined && { NextToken: nextToken }),
  };
  const answer = await callAction({ ...scope, action: 'DescribeFlowLogs', parameters });
  if (answer.kind === 'not-sent') throw new Error('a call without a time limit is always sent');
  if (answer.kind !== 'result') return answer;
  const page = readFlowLogDetailsPage(answer);
  if (page === undefined) return unusableResult(answer, 'DescribeFlowLogs: Result.FlowLogs is not a list');
  if (!page.whole)
    return unusableResult(answer, 'DescribeFlowLogs: a row, NextToken or RequestId is unreadable');
  const next = page.nextToken === undefined ? {} : { nextToken: page.nextToken };
  return { kind: 'page', flowLogs: page.flowLogs, ...next };
}

function firstQuestion(filter: FlowLogFilter): Record<string, string> {
  return { ...filterParameters(filter), MaxResults: String(ROWS_PER_PAGE) };
}

/** Every filter only makes the answer smaller: whoever asks must check the rows again. */
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
    // An empty value cannot be asked for: then the key alone is.
    if (values === true || values.includes('')) continue;
    for (const [index, value] of values.entries()) parameters[`${name}.Values.${index + 1}`] = value;
  }
  return parameters;
}

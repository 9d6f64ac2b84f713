import type { ActivateOutcome } from '../activation/model/outcome.ts';
import type { FlowLogApi } from '../activation/model/ports.ts';
import { type ActionCaller, type ActionCallerOptions, createActionCaller } from './call-action.ts';
import { describeFlowLogs } from './describe-flow-logs.ts';
import { idOf } from './json-value.ts';
import { unusableResult } from './read-reply.ts';

const ID_LIMIT = 128;

/**
 * The flow-log actions of Volcengine VPC. No method rejects. After an authentication failure the next call for
 * that account asks `credentials` to refresh; after InvalidTimestamp it is signed by Volcengine's clock.
 */
export function createFlowLogApi(options: ActionCallerOptions): FlowLogApi {
  const callAction = createActionCaller(options);
  return {
    activeFlowLog: (request) => activeFlowLog(callAction, request),
    describeFlowLogs: (scope, flowLogIds) => describeFlowLogs(callAction, scope, flowLogIds),
  };
}

async function activeFlowLog(
  callAction: ActionCaller,
  { flowLog, clientToken, notAfter }: Parameters<FlowLogApi['activeFlowLog']>[0],
): Promise<ActivateOutcome> {
  const { account, region, flowLogId } = flowLog;
  const answer = await callAction({
    account,
    region,
    action: 'ActiveFlowLog',
    parameters: { FlowLogId: flowLogId, ClientToken: clientToken },
    ...(notAfter !== undefined && { notAfter }),
  });
  if (answer.kind !== 'result') return answer;
  const { requestId, result } = answer;
  // A success always has an id; without one, something else may have answered.
  if (requestId === undefined) return unusableResult(answer, 'ActiveFlowLog: no RequestId');
  // Sent since December 2025.
  const asyncTaskId = idOf(result?.AsyncTaskId)?.slice(0, ID_LIMIT).toWellFormed();
  return { kind: 'accepted', requestId, ...(asyncTaskId !== undefined && { asyncTaskId }) };
}

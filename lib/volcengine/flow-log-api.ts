import type { ActivateOutcome } from '../activation/model/outcome.ts';
import type { ChangeRequest, FlowLogApi } from '../activation/model/ports.ts';
import { type ActionCaller, type ActionCallerOptions, createActionCaller } from './call-action.ts';
import { describeFlowLogs } from './describe-flow-logs.ts';
import { idOf } from './json-value.ts';
import { unusableResult } from './read-reply.ts';

const ID_LIMIT = 128;

/**
 * The flow-log actions of Volcengine VPC. No method rejects. After an authentication failure the next call for this
 * account asks `credentials` to refresh. After InvalidTimestamp the next call is signed with Volcengine's time.
 */
export function createFlowLogApi(options: ActionCallerOptions): FlowLogApi {
  const callAction = createActionCaller(options);
  return {
    activeFlowLog: (request) => changeFlowLog(callAction, 'ActiveFlowLog', request),
    deactiveFlowLog: (request) => changeFlowLog(callAction, 'DeactiveFlowLog', request),
    describeFlowLogs: (scope, flowLogIds) => describeFlowLogs(callAction, scope, flowLogIds),
  };
}

/** Both actions have the same parameters and the same reply. */
async function changeFlowLog(
  callAction: ActionCaller,
  action: 'ActiveFlowLog' | 'DeactiveFlowLog',
  { flowLog, clientToken, notAfter }: ChangeRequest,
): Promise<ActivateOutcome> {
  const { account, region, flowLogId } = flowLog;
  const outcome = await callAction({
    account,
    region,
    action,
    parameters: { FlowLogId: flowLogId, ClientToken: clientToken },
    ...(notAfter !== undefined && { notAfter }),
  });
  if (outcome.kind !== 'result') return outcome;
  const { requestId, result } = outcome;
  // A success always has an id. A reply without one may come from another server.
  if (requestId === undefined) return unusableResult(outcome, `${action}: no RequestId`);
  // Volcengine sends it since December 2025.
  const asyncTaskId = idOf(result?.AsyncTaskId)?.slice(0, ID_LIMIT).toWellFormed();
  return { kind: 'accepted', requestId, ...(asyncTaskId !== undefined && { asyncTaskId }) };
}

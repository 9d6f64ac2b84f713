import type { FlowLogRef } from '../activation/activation.ts';
import type { ActivateOutcome } from '../activation/outcome.ts';
import type { FlowLogApi } from '../activation/ports.ts';
import { type ActionCallerOptions, createActionCaller } from './call-action.ts';
import { describeFlowLogs } from './describe-flow-logs.ts';
import { unusableResult } from './read-answer.ts';

type SwitchRequest = { flowLog: FlowLogRef; clientToken: string; notAfter?: number };

export type VolcengineFlowLogApi = FlowLogApi & {
  /** The counterpart of activeFlowLog, with the same guarantees: `accepted` means started, not Inactive. */
  deactiveFlowLog(request: SwitchRequest): Promise<ActivateOutcome>;
};

/**
 * The flow-log actions of Volcengine VPC. No method rejects. After an authentication failure the next call for
 * that account asks `credentials` to refresh; after InvalidTimestamp it is signed by Volcengine's clock.
 */
export function createFlowLogApi(options: ActionCallerOptions): VolcengineFlowLogApi {
  const callAction = createActionCaller(options);

  async function switchFlowLog(action: string, request: SwitchRequest): Promise<ActivateOutcome> {
    const { account, region, flowLogId } = request.flowLog;
    const parameters = { FlowLogId: flowLogId, ClientToken: request.clientToken };
    const { notAfter } = request;
    const answer = await callAction({
      account,
      region,
      action,
      parameters,
      ...(notAfter !== undefined && { notAfter }),
    });
    if (answer.kind !== 'result') return answer;
    // A success always has an id; without one, something else may have answered.
    if (answer.requestId === undefined) return unusableResult(answer, `${action}: no RequestId`);
    return { kind: 'accepted', requestId: answer.requestId };
  }

  return {
    activeFlowLog: (request) => switchFlowLog('ActiveFlowLog', request),
    deactiveFlowLog: (request) => switchFlowLog('DeactiveFlowLog', request),
    describeFlowLogs: (scope, flowLogIds) => describeFlowLogs(callAction, scope, flowLogIds),
  };
}

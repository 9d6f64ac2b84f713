import type { ActionCall, ActionResult } from './action.ts';
import { ApiError } from './api-error.ts';
import type { TokenScope } from './client-tokens.ts';
import type { CloudState } from './cloud-state.ts';
import type { FlowLog, FlowLogStatus } from './flow-log.ts';
import { becomeStatus, isFrozen, isLocked } from './flow-log-lifecycle.ts';
import { type Parameters, refuseUnknown, requiredValue } from './parameters.ts';

/** Both actions make the flow log Pending, and later give it its new status. */
const CHANGES: Record<StatusAction, { from: FlowLogStatus; pendingTo?: 'Inactive' }> = {
  ActiveFlowLog: { from: 'Inactive' },
  DeactiveFlowLog: { from: 'Active', pendingTo: 'Inactive' },
};

/** These three are documented, word for word. */
const WRONG_STATUS = 'The specified flow log is not in the correct status for the request.';
const FROZEN = `${WRONG_STATUS} The specified flow log is in freeze.`;
const OTHER_PARAMETERS =
  'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).';

type StatusAction = 'ActiveFlowLog' | 'DeactiveFlowLog';

/**
 * Checks the ClientToken first: a call that succeeded gets the same reply again, in any later state of the flow log.
 * Throws an ApiError.
 */
export async function changeFlowLogStatus(
  action: StatusAction,
  call: ActionCall,
  state: CloudState,
): Promise<ActionResult> {
  refuseUnknown(call.parameters, /^(?:FlowLogId|ClientToken)$/);
  const flowLogId = requiredValue(call.parameters, 'FlowLogId');
  const clientToken = readClientToken(call.parameters);
  const token = clientToken === undefined ? undefined : { ...scopeOf(call), clientToken };
  const fingerprint = `${action} ${flowLogId}`;

  const flowLog = lookUp(call, state, flowLogId);
  if (flowLog !== undefined && action === 'ActiveFlowLog') flowLog.activeCalls += 1;
  const replayed = token && replay(state, token, fingerprint);
  if (replayed !== undefined) return { result: resultOf(replayed), effective: false };

  const ready = requireReady(action, flowLog, flowLogId, state);
  if (ready.processingMs > 0) await holdWhileProcessing(ready, token, fingerprint, call, state);
  const processed = requireReady(action, lookUp(call, state, flowLogId), flowLogId, state);

  becomeStatus(processed, 'Pending', state.now(), CHANGES[action].pendingTo);
  if (token !== undefined) state.tokens.remember({ ...token, fingerprint, requestId: call.requestId });
  const effective = action === 'ActiveFlowLog';
  if (effective) processed.effectiveActivations += 1;
  state.revision += 1;
  return { result: resultOf(call.requestId), effective };
}

/** Each call starts one task. A replay returns the ids of both again. */
function resultOf(requestId: string): Record<string, unknown> {
  return { RequestId: requestId, AsyncTaskId: `task-${requestId.toLowerCase()}` };
}

function readClientToken(parameters: Parameters): string | undefined {
  const clientToken = parameters.get('ClientToken');
  if (clientToken !== undefined && !/^[\x20-\x7e]{1,64}$/.test(clientToken)) {
    throw new ApiError(
      'InvalidParameter.ClientTokenMalformed',
      'The parameter ClientToken is not 1 to 64 ASCII characters.',
    );
  }
  return clientToken;
}

function replay(state: CloudState, token: TokenScope, fingerprint: string): string | undefined {
  const done = state.tokens.find(token);
  const known = done?.fingerprint ?? state.tokens.inProcess(token);
  if (known !== undefined && known !== fingerprint) {
    throw new ApiError('IdempotentParameterMismatch', OTHER_PARAMETERS);
  }
  if (known !== undefined && done === undefined) {
    throw new ApiError(
      'IdempotentProcessing',
      'The first call with this ClientToken is still being processed.',
    );
  }
  return done?.requestId;
}

function requireReady(
  action: StatusAction,
  flowLog: FlowLog | undefined,
  flowLogId: string,
  state: CloudState,
): FlowLog {
  if (flowLog === undefined) {
    throw new ApiError('InvalidFlowLog.NotFound', `The flow log ${flowLogId} does not exist.`);
  }
  if (state.busy.has(flowLog)) {
    throw new ApiError('InvalidOperation.Conflict', `Another operation holds the flow log ${flowLogId}.`);
  }
  if (isFrozen(flowLog)) {
    throw new ApiError('InvalidFlowLog.InvalidStatus', FROZEN);
  }
  if (isLocked(flowLog) || flowLog.status !== CHANGES[action].from) {
    throw new ApiError('InvalidFlowLog.InvalidStatus', WRONG_STATUS);
  }
  return flowLog;
}

async function holdWhileProcessing(
  flowLog: FlowLog,
  token: TokenScope | undefined,
  fingerprint: string,
  call: ActionCall,
  state: CloudState,
): Promise<void> {
  const { busy, tokens } = state;
  busy.add(flowLog);
  if (token !== undefined) tokens.begin(token, fingerprint);
  try {
    await call.sleep(flowLog.processingMs);
  } finally {
    busy.delete(flowLog);
    if (token !== undefined) tokens.end(token);
  }
}

function lookUp(call: ActionCall, state: CloudState, flowLogId: string): FlowLog | undefined {
  const found = state.flowLogs.findVisible(scopeOf(call), flowLogId);
  if (found?.created) state.revision += 1;
  return found?.flowLog;
}

function scopeOf({ caller }: ActionCall): { account: string; region: string } {
  return { account: caller.account, region: caller.region };
}

import type { Action } from './action.ts';
import { ApiError } from './api-error.ts';
import { changeFlowLogStatus } from './change-flow-log-status.ts';
import { describeFlowLogs } from './describe-flow-logs.ts';

const API_VERSION = '2020-04-01';

const ACTIONS = new Map<string, Action>([
  ['ActiveFlowLog', (call, state) => changeFlowLogStatus('ActiveFlowLog', call, state)],
  ['DeactiveFlowLog', (call, state) => changeFlowLogStatus('DeactiveFlowLog', call, state)],
  ['DescribeFlowLogs', describeFlowLogs],
]);

/** Throws an ApiError unless this fake has the action. */
export function findAction(action: string | undefined, version: string | undefined): Action {
  if (!action) throw new ApiError('MissingParameter', 'The parameter Action is required.');
  if (!version) throw new ApiError('MissingParameter', 'The parameter Version is required.');
  const found = version === API_VERSION ? ACTIONS.get(action) : undefined;
  if (found === undefined) {
    throw new ApiError('InvalidActionOrVersion', `There is no action ${action} of version ${version}.`);
  }
  return found;
}

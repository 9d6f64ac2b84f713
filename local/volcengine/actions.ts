import type { Action } from './action.ts';
import { ApiError } from './api-error.ts';
import { assumeRole } from './assume-role.ts';
import { assumeRoleWithOidc } from './assume-role-with-oidc.ts';
import { changeFlowLogStatus } from './change-flow-log-status.ts';
import { describeFlowLogs } from './describe-flow-logs.ts';

/** By service, version and name. */
const ACTIONS = new Map<string, Action>([
  ['vpc 2020-04-01 ActiveFlowLog', (call, { state }) => changeFlowLogStatus('ActiveFlowLog', call, state)],
  [
    'vpc 2020-04-01 DeactiveFlowLog',
    (call, { state }) => changeFlowLogStatus('DeactiveFlowLog', call, state),
  ],
  ['vpc 2020-04-01 DescribeFlowLogs', describeFlowLogs],
  ['sts 2018-01-01 AssumeRole', assumeRole],
  ['sts 2018-01-01 AssumeRoleWithOIDC', assumeRoleWithOidc],
]);

/** `service`: the one that the call was signed for. Throws an ApiError unless this fake has the action. */
export function findAction(service: string, action: string | undefined, version: string | undefined): Action {
  if (!action) throw new ApiError('MissingParameter', 'The parameter Action is required.');
  if (!version) throw new ApiError('MissingParameter', 'The parameter Version is required.');
  const found = ACTIONS.get(`${service} ${version} ${action}`);
  if (found === undefined) {
    throw new ApiError('InvalidActionOrVersion', `${service} has no action ${action} of version ${version}.`);
  }
  return found;
}

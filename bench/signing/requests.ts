import { clientTokenOf } from '../../lib/activation/model/ids.ts';

export const SIGNERS = ['ours', 'sdk-core', 'openapi'] as const;

export const ACTIONS = ['ActiveFlowLog', 'DescribeFlowLogs'] as const;
export type Action = (typeof ACTIONS)[number];

export const REGION = 'cn-beijing';
export const KEYS = {
  accessKeyId: 'AKLTbench0001',
  secretAccessKey: 'bench-secret-access-key-of-usual-length==',
};

/** As long as Volcengine's own. */
export function flowLogIdOf(index: number): string {
  return `fl-${index.toString(36).padStart(6, '0')}9xk4q8zy85oxruvg1`;
}

const VARIANTS = 256;
const IDS_A_DESCRIBE = 100;

/** A few hundred different requests of an action, made before anything is measured. */
export function queriesOf(action: Action): Record<string, string>[] {
  return Array.from({ length: VARIANTS }, (_, index) => {
    const common = { Action: action, Version: '2020-04-01' };
    if (action === 'ActiveFlowLog') {
      const flowLogId = flowLogIdOf(index);
      return { ...common, FlowLogId: flowLogId, ClientToken: clientTokenOf(flowLogId, 1) };
    }
    const ids = Array.from({ length: IDS_A_DESCRIBE }, (_, position) => [
      `FlowLogIds.${position + 1}`,
      flowLogIdOf(index * IDS_A_DESCRIBE + position),
    ]);
    return { ...common, MaxResults: '100', ...Object.fromEntries(ids) };
  });
}

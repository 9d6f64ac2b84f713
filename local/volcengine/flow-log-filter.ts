import { FLOW_LOG_STATUSES, type FlowLog } from './flow-log.ts';
import { numberedSuffixes, numberedValues, oneOf, type Parameters, requiredValue } from './parameters.ts';

const EXACT_TEXT = {
  FlowLogName: 'flowLogName',
  Description: 'description',
  ResourceId: 'resourceId',
  LogProjectId: 'logProjectId',
  LogTopicId: 'logTopicId',
  VpcId: 'vpcId',
  ProjectName: 'projectName',
} as const satisfies Record<string, keyof FlowLog>;

const CLOSED_LIST = {
  Status: { property: 'status', allowed: FLOW_LOG_STATUSES },
  ResourceType: { property: 'resourceType', allowed: ['vpc', 'subnet', 'eni'] },
  TrafficType: { property: 'trafficType', allowed: ['All', 'Allow', 'Drop'] },
  AggregationInterval: { property: 'aggregationInterval', allowed: ['1', '5', '10'] },
} as const satisfies Record<string, { property: keyof FlowLog; allowed: readonly string[] }>;

/** True for a flow log that every filter accepts. Throws an ApiError for a filter that makes no sense. */
export function flowLogFilter(parameters: Parameters): (flowLog: FlowLog) => boolean {
  const wanted: { property: keyof FlowLog; value: string }[] = [];
  for (const [name, property] of Object.entries(EXACT_TEXT)) {
    if (parameters.has(name)) wanted.push({ property, value: requiredValue(parameters, name) });
  }
  for (const [name, { property, allowed }] of Object.entries(CLOSED_LIST)) {
    const value = oneOf<string>(parameters, name, allowed);
    if (value !== undefined) wanted.push({ property, value });
  }
  const tagFilters = readTagFilters(parameters);
  return (flowLog) =>
    wanted.every(({ property, value }) => String(flowLog[property]) === value) &&
    tagFilters.every((accepts) => accepts(flowLog));
}

/** Any value of a filter matches. A filter without values matches every tag with its key. */
function readTagFilters(parameters: Parameters): ((flowLog: FlowLog) => boolean)[] {
  return numberedSuffixes(parameters, 'TagFilters').map((suffix) => {
    const key = requiredValue(parameters, `TagFilters.${suffix}.Key`);
    const values = numberedValues(parameters, `TagFilters.${suffix}.Values`);
    return (flowLog) =>
      flowLog.tags.some((tag) => tag.key === key && (values.length === 0 || values.includes(tag.value)));
  });
}

import * as v from 'valibot';
import type { FlowLogView } from '../model/outcome.ts';
import { sortedEntries } from '../model/sorted-entries.ts';

/** The statuses that an activation can change. Flow logs that are Active or Deleting are only reported. */
export const SELECTABLE_STATUSES = ['Inactive', 'Pending', 'Creating', 'Failed'] as const;
export const RESOURCE_TYPES = ['vpc', 'subnet', 'eni'] as const;

/** Selects the flow logs of one account and region that satisfy all given conditions. */
export const selectorSchema = v.object({
  account: v.string(),
  region: v.string(),
  project: v.optional(v.string()),
  vpcId: v.optional(v.string()),
  resourceType: v.optional(v.picklist(RESOURCE_TYPES)),
  resourceId: v.optional(v.string()),
  /** A glob for the whole name, see matchesGlob. */
  name: v.optional(v.string()),
  /** A flow log matches if it has every key with one of the key's values. `true` matches any value. */
  tags: v.optional(v.record(v.string(), v.union([v.literal(true), v.array(v.string())]))),
  /** The statuses to activate. The plan only reports flow logs with other statuses. */
  status: v.array(v.picklist(SELECTABLE_STATUSES)),
});
export type Selector = v.InferOutput<typeof selectorSchema>;

/** The filters of DescribeFlowLogs. */
export type FlowLogFilter = Pick<Selector, 'project' | 'vpcId' | 'resourceType' | 'resourceId' | 'tags'>;

/** A flow log with the attributes that a selector can test. An attribute that Volcengine does not show is empty. */
export type FlowLogDetail = FlowLogView & {
  name: string;
  resourceType: string;
  resourceId: string;
  vpcId: string;
  project: string;
  tags: { key: string; value: string }[];
};

/** Tests all conditions except the status. It also tests Volcengine's own filters, in case Volcengine ignored one. */
export function matchesSelector(
  selector: Omit<Selector, 'account' | 'region' | 'status'>,
  flowLog: FlowLogDetail,
): boolean {
  const { project, vpcId, resourceType, resourceId, name, tags = {} } = selector;
  return (
    (project ?? flowLog.project) === flowLog.project &&
    (vpcId ?? flowLog.vpcId) === flowLog.vpcId &&
    (resourceType ?? flowLog.resourceType) === flowLog.resourceType &&
    (resourceId ?? flowLog.resourceId) === flowLog.resourceId &&
    (name === undefined || matchesGlob(name, flowLog.name)) &&
    Object.entries(tags).every(([key, values]) =>
      flowLog.tags.some((tag) => tag.key === key && (values === true || values.includes(tag.value))),
    )
  );
}

/**
 * `*` matches any number of characters, `?` exactly one, and every other character itself. Case-sensitive.
 * The time is at most proportional to the product of both lengths: it backtracks only to the last `*`.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  const wanted = [...pattern];
  const given = [...text];
  let at = 0;
  let from = 0;
  /** The position of the latest `*`, and the end of the text that it covers. */
  let star = -1;
  let covered = 0;
  while (from < given.length) {
    if (wanted[at] === '*') {
      star = at;
      covered = from;
      at += 1;
    } else if (wanted[at] === '?' || wanted[at] === given[from]) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      covered += 1;
      from = covered;
      at = star + 1;
    } else {
      return false;
    }
  }
  return wanted.slice(at).every((character) => character === '*');
}

/** The same selector with a fixed order of keys, so that its JSON has the same bytes before and after it was stored. */
export function inFixedOrder(selector: Selector): Selector {
  const { account, region, project, vpcId, resourceType, resourceId, name, tags, status } = selector;
  const sorted = tags && Object.fromEntries(sortedEntries(tags));
  return { account, region, project, vpcId, resourceType, resourceId, name, tags: sorted, status };
}

/** The same text for the same selector, whatever the order of its tags, tag values and statuses. */
export function canonicalSelector(selector: Selector): string {
  const { tags = {}, status, ...rest } = selector;
  const sorted = sortedEntries(tags).map(([key, values]) => [key, values === true || values.toSorted()]);
  const given = sortedEntries(rest).filter(([, value]) => value !== undefined);
  return JSON.stringify([given, sorted, status.toSorted()]);
}

import type { FlowLogView } from '../model/outcome.ts';

/** From these an activation has something to do; what is Active or Deleting is told of, and left alone. */
export const SELECTABLE_STATUSES = ['Inactive', 'Pending', 'Creating', 'Failed'] as const;
export const RESOURCE_TYPES = ['vpc', 'subnet', 'eni'] as const;

/** What DescribeFlowLogs can filter by. */
export type FlowLogFilter = {
  project?: string;
  vpcId?: string;
  resourceType?: (typeof RESOURCE_TYPES)[number];
  resourceId?: string;
  /** A flow log needs every key, with any of its values; `true` stands for whatever value. */
  tags?: Record<string, string[] | true>;
};

/** Which flow logs are meant: those of one account and region that satisfy all that is given. */
export type Selector = FlowLogFilter & {
  account: string;
  region: string;
  /** A glob over the whole name, see matchesGlob. */
  name?: string;
  /** Those that are to be activated; the plan tells of the others. */
  status: (typeof SELECTABLE_STATUSES)[number][];
};

/** A flow log with what a selector asks for; what Volcengine does not show is empty. */
export type FlowLogDetail = FlowLogView & {
  name: string;
  resourceType: string;
  resourceId: string;
  vpcId: string;
  project: string;
  tags: { key: string; value: string }[];
};

/** All of the selector but the status. What Volcengine has filtered is checked again: it may have overlooked a filter. */
export function matchesSelector(selector: Selector, flowLog: FlowLogDetail): boolean {
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
 * `*` stands for any characters or none, `?` for exactly one, everything else for itself; the case counts.
 * Its time grows with the product of both lengths at most, whatever the pattern: no backtracking beyond the last `*`.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  const wanted = [...pattern];
  const given = [...text];
  let at = 0;
  let from = 0;
  /** Where the latest `*` stands, and how far what it covers reaches. */
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

/** The same selector, so that its JSON is the same bytes whether it was just asked for or read from the table. */
export function inOneOrder(selector: Selector): Selector {
  const { account, region, project, vpcId, resourceType, resourceId, name, tags, status } = selector;
  const sorted = tags && Object.fromEntries(sortedTags(tags));
  return { account, region, project, vpcId, resourceType, resourceId, name, tags: sorted, status };
}

function sortedTags(tags: NonNullable<Selector['tags']>) {
  return Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The same text for the same selector, in whatever order its tags, their values and its statuses are given. */
export function canonicalSelector(selector: Selector): string {
  const { tags = {}, status, ...rest } = selector;
  const sorted = Object.entries(tags).map(([key, values]) => [key, values === true || values.toSorted()]);
  return JSON.stringify([sortedEntries(rest), sortedEntries(Object.fromEntries(sorted)), status.toSorted()]);
}

function sortedEntries(record: Record<string, unknown>): [string, unknown][] {
  return Object.entries(record)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

import type { FlowLogFinder, FlowLogPage } from '../../../lib/activation/batches/ports.ts';
import type { FlowLogDetail, FlowLogFilter, Selector } from '../../../lib/activation/batches/selector.ts';
import type { CallFailure } from '../../../lib/activation/model/outcome.ts';

export const aSelector = (change: Partial<Selector> = {}): Selector => ({
  account: 'default',
  region: 'cn-beijing',
  status: ['Inactive'],
  ...change,
});

export const aFlowLog = (flowLogId: string, change: Partial<FlowLogDetail> = {}): FlowLogDetail => ({
  flowLogId,
  status: 'Inactive',
  locked: false,
  name: `name of ${flowLogId}`,
  resourceType: 'vpc',
  resourceId: 'vpc-1',
  vpcId: 'vpc-1',
  project: 'default',
  tags: [],
  ...change,
});

export const flowLogIds = (count: number) =>
  Array.from({ length: count }, (_, index) => `fl-${String(index).padStart(5, '0')}`);

/** Shows its flow logs a page at a time, whatever the filter: that it is checked again is what tests want to see. */
export class InMemoryFlowLogFinder implements FlowLogFinder {
  flowLogs: FlowLogDetail[];
  readonly calls: {
    scope: { account: string; region: string };
    filter: FlowLogFilter;
    nextToken?: string;
  }[] = [];
  /** What the next calls answer instead, in order. */
  readonly failures: CallFailure[] = [];
  pageSize = 100;

  constructor(flowLogs: FlowLogDetail[] = []) {
    this.flowLogs = flowLogs;
  }

  async page(
    scope: { account: string; region: string },
    filter: FlowLogFilter,
    nextToken?: string,
  ): Promise<FlowLogPage | CallFailure> {
    this.calls.push({ scope, filter, ...(nextToken !== undefined && { nextToken }) });
    const failure = this.failures.shift();
    if (failure) return failure;
    const start = Number(nextToken ?? 0);
    const end = start + this.pageSize;
    const more = end < this.flowLogs.length;
    return {
      kind: 'page',
      flowLogs: structuredClone(this.flowLogs.slice(start, end)),
      ...(more && { nextToken: String(end) }),
    };
  }
}

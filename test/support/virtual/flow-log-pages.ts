import type { SeededRandom } from '../fakes/seeded-random.ts';
import type { SimulatedFlowLog } from './simulated-flow-log.ts';

const PAGE_SIZES = [1, 1, 2, 100] as const;
/** Of a list without rows. */
const EMPTY = [{ FlowLogs: [] }, { FlowLogs: null }, {}] as const;

/** What selectors can ask for of `fl-<number>`. */
export function attributesOf(flowLogId: string) {
  const number = Number(flowLogId.slice('fl-'.length));
  return {
    FlowLogName: `name-${number}`,
    ProjectName: number % 2 === 1 ? 'odd' : 'even',
    ResourceType: 'vpc',
    Tags: [{ Key: 'number', Value: String(number) }],
  };
}

/** DescribeFlowLogs by filters: pages end anywhere, and the next one begins behind the last id of the one before. */
export class FlowLogPages {
  readonly #random: SeededRandom;
  /** How often one that exists was left out. */
  readonly leftOut = new Map<string, number>();
  /** Those of the account and region that are asked for. */
  shown: ReadonlySet<string> = new Set();

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  page(flowLogs: Iterable<SimulatedFlowLog>, query: URLSearchParams): Record<string, unknown> {
    const after = query.get('NextToken') ?? '';
    const rest = [...flowLogs]
      .sort((a, b) => (a.flowLogId < b.flowLogId ? -1 : 1))
      .filter(({ flowLogId }) => flowLogId > after && this.shown.has(flowLogId));
    const shown = rest.slice(0, this.#random.pick(PAGE_SIZES));
    const rows = shown.flatMap((flowLog) => this.#row(flowLog, query.get('ProjectName')));
    const list = rows.length > 0 ? { FlowLogs: rows } : this.#random.pick(EMPTY);
    const NextToken =
      shown.length < rest.length ? shown.at(-1)?.flowLogId : this.#random.pick(['', undefined]);
    return { ...list, ...(NextToken !== undefined && { NextToken }) };
  }

  #row(flowLog: SimulatedFlowLog, project: string | null): Record<string, unknown>[] {
    const row = flowLog.describe();
    const { flowLogId, status } = flowLog;
    if (row === undefined && status !== 'absent') {
      this.leftOut.set(flowLogId, (this.leftOut.get(flowLogId) ?? 0) + 1);
    }
    const attributes = attributesOf(flowLogId);
    return row && (project ?? attributes.ProjectName) === attributes.ProjectName
      ? [{ ...row, ...attributes }]
      : [];
  }
}

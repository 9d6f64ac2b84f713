import type { PlannedFlowLogs } from '../../../lib/activation/batches/plan.ts';
import { eachCategory, type PlanCategory } from '../../../lib/activation/batches/plan.ts';
import { isOpen } from '../../../lib/activation/model/activation.ts';
import { attributesOf } from '../../support/virtual/flow-log-pages.ts';
import type { Environment } from '../environment.ts';

export type Selection = {
  selector: Record<string, unknown>;
  matches: (flowLogId: string) => boolean;
};

/** Everything, half of it, or some; by what Volcengine filters and by what we do. */
export function drawSelection({ random, accounts }: Environment): Selection {
  const numberOf = (flowLogId: string) => Number(flowLogId.slice('fl-'.length));
  const drawn = random.pick([
    { selector: {}, matches: () => true },
    { selector: {}, matches: () => true },
    { selector: { project: 'odd' }, matches: (id: string) => attributesOf(id).ProjectName === 'odd' },
    { selector: { name: 'name-?' }, matches: (id: string) => numberOf(id) < 10 },
    { selector: { tags: { number: ['1', '2', '3'] } }, matches: (id: string) => numberOf(id) <= 3 },
  ] as const);
  const status = random.pick([undefined, undefined, ['Inactive', 'Creating'], ['Pending']]);
  // Who selects waits for an answer, which a refused account cannot give.
  const own = accounts.scopes().filter(({ account }) => account === 'default');
  const scope = random.pick(own) ?? accounts.scopeOf('');
  return {
    selector: { ...drawn.selector, ...scope, ...(status && { status }) },
    matches: (flowLogId) => drawn.matches(flowLogId) && accounts.idsOf(scope).includes(flowLogId),
  };
}

type State = { category: PlanCategory | undefined; changes: number };

/** What each flow log is at this moment, and how often it has changed so far. */
export class Standing {
  readonly #states: ReadonlyMap<string, State>;

  constructor(environment: Environment, { selector, matches }: Selection) {
    const { volcengine, watch } = environment;
    const statuses: readonly unknown[] = Array.isArray(selector.status) ? selector.status : ['Inactive'];
    this.#states = new Map(
      [...volcengine.flowLogs.values()]
        .filter(({ flowLogId }) => matches(flowLogId))
        .map((flowLog) => {
          const { flowLogId, status, isLocked } = flowLog;
          const current = watch.current.get(flowLogId);
          const category = categoryOf(status, isLocked, current !== undefined && isOpen(current), statuses);
          const leftOut = volcengine.pages.leftOut.get(flowLogId) ?? 0;
          const changes = flowLog.sightsSince(0).length + (current?.version ?? 0) + leftOut;
          return [flowLogId, { category, changes }];
        }),
    );
  }

  /** Whether nothing at all has happened to any of them since. */
  isSameAs(other: Standing): boolean {
    return JSON.stringify([...this.#states]) === JSON.stringify([...other.#states]);
  }

  /** Those that have stood still since then, each with the category in which it must be. */
  stoodStillSince(before: Standing): [flowLogId: string, category: PlanCategory | undefined][] {
    return [...this.#states]
      .filter(([flowLogId, { changes }]) => before.#states.get(flowLogId)?.changes === changes)
      .map(([flowLogId, { category }]) => [flowLogId, category]);
  }
}

function categoryOf(
  status: string,
  isLocked: boolean,
  open: boolean,
  wanted: readonly unknown[],
): PlanCategory | undefined {
  if (status === 'absent') return undefined;
  if (open) return 'alreadyOpen';
  if (status === 'Active') return 'alreadyActive';
  if (status === 'Deleting') return 'deleting';
  if (isLocked) return 'frozen';
  return wanted.includes(status) ? 'wouldActivate' : 'otherStatus';
}

/** Holds a plan that was made between the two to what the selector means. */
export function checkPlan(
  { violate }: Environment,
  { matches }: Selection,
  planned: PlannedFlowLogs,
  before: Standing,
  now: Standing,
): void {
  const categories = new Map<string, PlanCategory>();
  eachCategory((category) => {
    for (const flowLogId of planned[category]) {
      if (categories.has(flowLogId) || !matches(flowLogId)) {
        violate('a plan is all that matches', `${flowLogId} twice, or for nothing`);
      }
      categories.set(flowLogId, category);
    }
  });
  for (const [flowLogId, category] of now.stoodStillSince(before)) {
    if (categories.get(flowLogId) !== category) {
      violate('a plan is all that matches', `${flowLogId} is ${category}, not ${categories.get(flowLogId)}`);
    }
  }
}

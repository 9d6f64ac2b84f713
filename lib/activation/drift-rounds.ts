import type { Activation } from './activation.ts';
import { mapConcurrently } from './concurrency.ts';
import { decideDrift } from './drift.ts';
import { type DriftLookDeps, lookForDrift } from './drift-look.ts';
import type { FlowLogView } from './outcome.ts';
import type { ActivationStore, Log } from './ports.ts';

/** DescribeFlowLogs takes at most 100 ids a call. */
const DESCRIBE_LIMIT = 100;
/** Of one account and region; more wait for their second look before others have their first. */
const ABSENT_LIMIT = 500;
const WRITE_CONCURRENCY = 16;

export type DriftDeps = DriftLookDeps & {
  store: Pick<ActivationStore, 'transition'>;
  log: Log;
  /** Between two looks at one that is absent, in milliseconds: a replica may lag behind. */
  absentAgainAfterMs: number;
};

/** `unchecked`: those that no answer came for. */
export type DriftSummary = { checked: number; drifted: number; recovered: number; unchecked: number };

type Absent = { activation: Activation; since: number };
/** What is gathered of one account and region. */
type Scope = { account: string; region: string; waiting: Activation[]; absent: Absent[] };

export type DriftRounds = {
  summary: DriftSummary;
  /** Asks about all that fills whole hundreds of an account and region, and keeps the rest for the next time. */
  add(completed: Activation[]): Promise<void>;
  /** Asks about the rest. */
  finish(): Promise<void>;
};

/**
 * Asks about completed activations in hundreds of one account and region, and writes what has changed. Accounts go
 * at the same time, each at its own pace; one that is refused, or gives no answer again and again, is left out until
 * the next check. No call is begun after `askUntil`. Throws the store's errors.
 */
export function createDriftRounds(deps: DriftDeps, askUntil: number): DriftRounds {
  const scopes = new Map<string, Scope>();
  const givenUp = new Set<string>();
  const summary: DriftSummary = { checked: 0, drifted: 0, recovered: 0, unchecked: 0 };

  const settle = async (completed: Activation, view: FlowLogView | undefined) => {
    const next = decideDrift(completed, view, deps.now());
    if (next === completed || !(await deps.store.transition(completed, next))) return;
    const { activationId, drift } = next;
    const isOver = drift?.endedAt !== undefined;
    summary[isOver ? 'recovered' : 'drifted'] += 1;
    deps.log.info(isOver ? 'drift ended' : 'drifted', { activationId, kind: drift?.kind });
  };

  /** One look: first at those that were absent long enough ago, then at as many as fit of those that wait. */
  const ask = async (scope: Scope) => {
    const isAgain = ({ since }: Absent) => deps.now() - since >= deps.absentAgainAfterMs;
    const again = scope.absent.filter(isAgain).slice(0, DESCRIBE_LIMIT);
    scope.absent = scope.absent.filter((absent) => !again.includes(absent));
    const fresh = scope.waiting.splice(0, DESCRIBE_LIMIT - again.length);
    const confirming = new Set(again.map(({ activation }) => activation));
    const group = [...confirming, ...fresh];
    const ids = group.map(({ flowLogId }) => flowLogId);
    const since = deps.now();
    const { asked, views, refusal } = await lookForDrift(deps, scope, ids, askUntil);
    if (refusal !== undefined) {
      givenUp.add(scope.account);
      deps.log.warn('an account is left out of the check', { account: scope.account, cause: refusal });
    }
    const answered = group.filter(({ flowLogId }) => asked.has(flowLogId));
    summary.checked += answered.length;
    summary.unchecked += group.length - answered.length;
    const isDoubtful = (one: Activation) => !views.has(one.flowLogId) && !confirming.has(one);
    scope.absent.push(...answered.filter(isDoubtful).map((activation) => ({ activation, since })));
    const certain = answered.filter((one) => !isDoubtful(one));
    await mapConcurrently(certain, WRITE_CONCURRENCY, (one) => settle(one, views.get(one.flowLogId)));
  };

  const waitForAbsent = async ({ absent }: Scope) => {
    const nextUp = absent.slice(0, DESCRIBE_LIMIT);
    const readyAt = Math.max(...nextUp.map(({ since }) => since + deps.absentAgainAfterMs));
    if (readyAt > deps.now()) await deps.sleep(readyAt - deps.now());
  };

  const askWhile = async (scope: Scope, isWorthIt: (scope: Scope) => boolean) => {
    while (isWorthIt(scope) && !givenUp.has(scope.account)) {
      if (scope.waiting.length === 0 || scope.absent.length >= ABSENT_LIMIT) await waitForAbsent(scope);
      await ask(scope);
    }
    if (!givenUp.has(scope.account)) return;
    summary.unchecked += scope.waiting.length + scope.absent.length;
    scope.waiting = [];
    scope.absent = [];
  };

  const everywhere = async (isWorthIt: (scope: Scope) => boolean) => {
    const accounts = [...Map.groupBy(scopes.values(), ({ account }) => account).values()];
    await mapConcurrently(accounts, accounts.length, async (ofAccount) => {
      for (const scope of ofAccount) await askWhile(scope, isWorthIt);
    });
  };

  return {
    summary,
    async add(completed) {
      for (const activation of completed) {
        const { account, region } = activation;
        const key = `${account}#${region}`;
        const scope = scopes.get(key) ?? { account, region, waiting: [], absent: [] };
        scopes.set(key, scope);
        scope.waiting.push(activation);
      }
      await everywhere(
        ({ waiting, absent }) => waiting.length >= DESCRIBE_LIMIT || absent.length >= ABSENT_LIMIT,
      );
    },
    async finish() {
      await everywhere(({ waiting, absent }) => waiting.length + absent.length > 0);
    },
  };
}

import { mapConcurrently } from '../../runtime/concurrency.ts';
import type { Activation } from '../model/activation.ts';
import type { FlowLogView } from '../model/outcome.ts';
import type { ActivationStore, Log } from '../model/ports.ts';
import { type DescribeForDriftDeps, describeForDrift } from './describe-for-drift.ts';
import { decideDrift } from './drift.ts';

/** DescribeFlowLogs takes at most 100 ids a call. */
const DESCRIBE_LIMIT = 100;
/** Of one account and region; more are asked about again before others are asked about at all. */
const ABSENT_LIMIT = 500;
/** Nobody asks in between, as the poller does, and nobody is in a hurry. */
const ABSENCES_UNTIL_GONE = 3;
const WRITE_CONCURRENCY = 16;

export type DriftDeps = DescribeForDriftDeps & {
  store: Pick<ActivationStore, 'transition'>;
  log: Log;
  /** Between two looks at one that is absent; see Policy. */
  replicaLagMs: number;
};

/** `unchecked`: those that no answer came for. */
export type DriftSummary = { checked: number; drifted: number; recovered: number; unchecked: number };

/** `times`: how often in a row it has been absent; the last time that was answered at `since`. */
type Absent = { activation: Activation; since: number; times: number; isAlone: boolean };
/** What is gathered of one account and region. */
type Scope = { account: string; region: string; waiting: Activation[]; absent: Absent[] };

export type DriftScan = {
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
export function createDriftScan(deps: DriftDeps, askUntil: number): DriftScan {
  const scopes = new Map<string, Scope>();
  const givenUp = new Set<string>();
  const summary: DriftSummary = { checked: 0, drifted: 0, recovered: 0, unchecked: 0 };

  const settle = async (completed: Activation, view: FlowLogView | undefined, askedAt: number) => {
    // A replica may still show what was before that.
    if (askedAt - knownSince(completed) < deps.replicaLagMs) return;
    const next = decideDrift(completed, view, deps.now());
    if (next === completed || !(await deps.store.transition(completed, next))) return;
    const { activationId, drift } = next;
    const isOver = drift?.endedAt !== undefined;
    summary[isOver ? 'recovered' : 'drifted'] += 1;
    deps.log.info(isOver ? 'drift ended' : 'drifted', { activationId, kind: drift?.kind });
  };

  /** Those that were absent long enough ago, and as many as fit of those that wait; one that spoils calls by itself. */
  const nextGroup = (scope: Scope): { group: Activation[]; absences: Map<Activation, number> } => {
    const isDue = ({ since }: Absent) => deps.now() - since >= deps.replicaLagMs;
    const due = scope.absent.filter(isDue);
    const alone = due.find(({ isAlone }) => isAlone);
    const again = alone ? [alone] : due.slice(0, DESCRIBE_LIMIT);
    scope.absent = scope.absent.filter((absent) => !again.includes(absent));
    const absences = new Map(again.map(({ activation, times }) => [activation, times]));
    const fresh = alone ? [] : scope.waiting.splice(0, DESCRIBE_LIMIT - again.length);
    return { group: [...absences.keys(), ...fresh], absences };
  };

  const ask = async (scope: Scope) => {
    const { group, absences } = nextGroup(scope);
    const ids = group.map(({ flowLogId }) => flowLogId);
    const { observations, refusedAlone, refusal } = await describeForDrift(deps, scope, ids, askUntil);
    if (refusal !== undefined) {
      givenUp.add(scope.account);
      deps.log.warn('an account is left out of the check', { account: scope.account, cause: refusal });
    }
    await mapConcurrently(group, WRITE_CONCURRENCY, async (activation) => {
      const timed = observations.get(activation.flowLogId);
      if (timed === undefined || timed.observation.kind === 'unanswered') {
        summary.unchecked += 1;
        return;
      }
      const { observation, askedAt, answeredAt } = timed;
      const times = (absences.get(activation) ?? 0) + 1;
      if (observation.kind === 'absent' && times < ABSENCES_UNTIL_GONE && !isKnownAsGone(activation)) {
        const isAlone = refusedAlone.has(activation.flowLogId);
        scope.absent.push({ activation, since: answeredAt, times, isAlone });
        return;
      }
      summary.checked += 1;
      await settle(activation, observation.kind === 'shown' ? observation.view : undefined, askedAt);
    });
  };

  /** Gives up if it would take too long. */
  const waitForAbsent = async ({ account, absent }: Scope) => {
    const nextUp = absent.slice(0, DESCRIBE_LIMIT);
    const readyAt = Math.max(...nextUp.map(({ since }) => since + deps.replicaLagMs));
    if (readyAt >= askUntil) givenUp.add(account);
    else if (readyAt > deps.now()) await deps.sleep(readyAt - deps.now());
  };

  const askWhile = async (scope: Scope, isWorthIt: (scope: Scope) => boolean) => {
    while (isWorthIt(scope) && !givenUp.has(scope.account)) {
      if (scope.waiting.length === 0 || scope.absent.length >= ABSENT_LIMIT) await waitForAbsent(scope);
      if (!givenUp.has(scope.account)) await ask(scope);
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

/** When it was last seen to change: to complete, or to drift, or to be in order again. */
function knownSince({ drift, finishedAt, updatedAt }: Activation): number {
  return drift?.endedAt ?? drift?.detectedAt ?? finishedAt ?? updatedAt;
}

/** Another absence tells nothing new. */
function isKnownAsGone({ drift }: Activation): boolean {
  return drift !== undefined && drift.endedAt === undefined;
}

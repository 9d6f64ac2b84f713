import { mapConcurrently } from '../../runtime/concurrency.ts';
import { DESCRIBE_LIMIT } from '../describe/describe-isolated.ts';
import { type Activation, hasDrifted } from '../model/activation.ts';
import { type DescribeForDriftDeps, describeForDrift } from './describe-for-drift.ts';
import { type RecordDriftDeps, recordDrift } from './record-drift.ts';

/** Limit of waiting absent ones per account and region. Above it they are described again before new ones. */
const ABSENT_LIMIT = 500;
/**
 * Absences in a row that count as gone. More than for the poller: there are no calls in between, and nothing is urgent.
 */
const ABSENCES_UNTIL_GONE = 3;
const WRITE_CONCURRENCY = 16;

/** `replicaLagMs` is the time between two calls for an absent one, too. */
export type DriftDeps = DescribeForDriftDeps & RecordDriftDeps;

/** `paused`: activations of accounts that a person has paused. `unchecked`: the others without a usable reply. */
export type DriftSummary = Record<'checked' | 'drifted' | 'recovered' | 'paused' | 'unchecked', number>;

/** `times`: absences in a row; the last reply came at `since`. `failedAlone`: describe it alone. */
type Absent = { activation: Activation; since: number; times: number; failedAlone: boolean };
/** The activations of one account and region that are not checked yet. */
type Scope = { account: string; region: string; waiting: Activation[]; absent: Absent[] };

export type DriftScan = {
  summary: DriftSummary;
  /** Describes full groups of 100 of one account and region. Keeps the rest for the next call. */
  add(completed: Activation[]): Promise<void>;
  /** Describes the rest. */
  finish(): Promise<void>;
};

/**
 * Describes completed activations, but no deactivations, in groups of 100 of one account and region, and writes the
 * changes. Accounts run in parallel, each at its own rate. An account that is refused or has no usable reply is skipped
 * until the next check. Starts no call after `describeUntil` (ms since the epoch). Throws the store's errors.
 */
export function createDriftScan(deps: DriftDeps, describeUntil: number): DriftScan {
  const scopes = new Map<string, Scope>();
  const skippedAccounts = new Map<string, 'paused' | 'unchecked'>();
  const summary: DriftSummary = { checked: 0, drifted: 0, recovered: 0, paused: 0, unchecked: 0 };

  /**
   * The absent ones that are due again, filled up to 100 with new ones. An id whose call failed alone is alone again.
   */
  const nextGroup = (scope: Scope): { group: Activation[]; absences: Map<Activation, number> } => {
    const isDue = ({ since }: Absent) => deps.now() - since >= deps.replicaLagMs;
    const due = scope.absent.filter(isDue);
    const alone = due.find(({ failedAlone }) => failedAlone);
    const again = alone ? [alone] : due.slice(0, DESCRIBE_LIMIT);
    scope.absent = scope.absent.filter((absent) => !again.includes(absent));
    const absences = new Map(again.map(({ activation, times }) => [activation, times]));
    const fresh = alone ? [] : scope.waiting.splice(0, DESCRIBE_LIMIT - again.length);
    return { group: [...absences.keys(), ...fresh], absences };
  };

  const describeNext = async (scope: Scope) => {
    const { group, absences } = nextGroup(scope);
    const ids = group.map(({ flowLogId }) => flowLogId);
    const described = await describeForDrift(deps, scope, ids, describeUntil);
    const { observations, failedAlone, accountFailure, isPaused } = described;
    const countAs = isPaused ? 'paused' : 'unchecked';
    if (accountFailure !== undefined) {
      skippedAccounts.set(scope.account, countAs);
      deps.log.warn('the check skips an account', { account: scope.account, cause: accountFailure });
    }
    await mapConcurrently(group, WRITE_CONCURRENCY, async (activation) => {
      const timed = observations.get(activation.flowLogId);
      if (timed === undefined || timed.observation.kind === 'unanswered') {
        summary[countAs] += 1;
        return;
      }
      const { observation, calledAt, repliedAt } = timed;
      const times = (absences.get(activation) ?? 0) + 1;
      // Another absence changes nothing for a drift that lasts.
      if (observation.kind === 'absent' && times < ABSENCES_UNTIL_GONE && !hasDrifted(activation)) {
        scope.absent.push({
          activation,
          since: repliedAt,
          times,
          failedAlone: failedAlone.has(activation.flowLogId),
        });
        return;
      }
      summary.checked += 1;
      const view = observation.kind === 'shown' ? observation.view : undefined;
      const change = await recordDrift(deps, activation, view, calledAt);
      if (change !== undefined) summary[change] += 1;
    });
  };

  /** Waits until the absent ones are due again. Skips the account if that is after `describeUntil`. */
  const waitForAbsent = async ({ account, absent }: Scope) => {
    const next = absent.slice(0, DESCRIBE_LIMIT);
    const dueAt = Math.max(...next.map(({ since }) => since + deps.replicaLagMs));
    if (dueAt >= describeUntil) skippedAccounts.set(account, 'unchecked');
    else if (dueAt > deps.now()) await deps.sleep(dueAt - deps.now());
  };

  const describeWhile = async (scope: Scope, hasWork: (scope: Scope) => boolean) => {
    while (hasWork(scope) && !skippedAccounts.has(scope.account)) {
      if (scope.waiting.length === 0 || scope.absent.length >= ABSENT_LIMIT) await waitForAbsent(scope);
      if (!skippedAccounts.has(scope.account)) await describeNext(scope);
    }
    const countAs = skippedAccounts.get(scope.account);
    if (countAs === undefined) return;
    summary[countAs] += scope.waiting.length + scope.absent.length;
    scope.waiting = [];
    scope.absent = [];
  };

  const describeAccounts = async (hasWork: (scope: Scope) => boolean) => {
    const accounts = [...Map.groupBy(scopes.values(), ({ account }) => account).values()];
    await mapConcurrently(accounts, accounts.length, async (ofAccount) => {
      for (const scope of ofAccount) await describeWhile(scope, hasWork);
    });
  };

  return {
    summary,
    async add(completed) {
      for (const activation of completed.filter(({ desired }) => desired === undefined)) {
        const { account, region } = activation;
        const key = `${account}#${region}`;
        const scope = scopes.get(key) ?? { account, region, waiting: [], absent: [] };
        scopes.set(key, scope);
        scope.waiting.push(activation);
      }
      await describeAccounts(
        ({ waiting, absent }) => waiting.length >= DESCRIBE_LIMIT || absent.length >= ABSENT_LIMIT,
      );
    },
    async finish() {
      await describeAccounts(({ waiting, absent }) => waiting.length + absent.length > 0);
    },
  };
}

import { describeIsolated, type Observation } from '../describe/describe-isolated.ts';
import {
  type DescribeDeps,
  type Described,
  describeOnce,
  type NotCalled,
} from '../describe/describe-once.ts';
import { type CallFailure, type DescribeOutcome, retryAfterMsOf } from '../model/outcome.ts';
import { PAUSED, type Random } from '../model/ports.ts';

export type DescribeForDriftDeps = DescribeDeps & { random: Random; sleep: (ms: number) => Promise<unknown> };

type Scope = { account: string; region: string };

/** Times in ms since the epoch. */
type TimedObservation = { observation: Observation; calledAt: number; repliedAt: number };

/**
 * `failedAlone`: ids whose call failed although it named only this id. `accountFailure`: why this check makes no more
 * calls to the account; `isPaused`: because a person has paused it. An id without an observation was not described.
 */
export type DriftDescription = {
  observations: Map<string, TimedObservation>;
  failedAlone: Set<string>;
  accountFailure?: string;
  isPaused?: true;
};

/** Calls per kind of outcome. After `hold`, the next call reads the credentials again. */
const CALLS: Partial<Record<DescribeOutcome['kind'], number>> = { throttled: 3, retry: 3, hold: 2 };
const PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 30_000;
const LONGEST_TOKEN_WAIT_MS = 30_000;

/**
 * Describes up to 100 ids at the rate limit, with retries. Starts no call after `describeUntil` (ms since the epoch).
 */
export async function describeForDrift(
  deps: DescribeForDriftDeps,
  scope: Scope,
  flowLogIds: string[],
  describeUntil: number,
): Promise<DriftDescription> {
  const described: DriftDescription = { observations: new Map(), failedAlone: new Set() };
  let notCalled: NotCalled | undefined;
  const call = async (ids: string[]) => {
    const result = await describeWithRetries(deps, scope, ids, describeUntil);
    notCalled = 'outcome' in result ? undefined : result;
    return result;
  };
  for await (const part of describeIsolated(call, flowLogIds, deps.random)) {
    const { observations, failedAlone, stoppedBy, calledAt, repliedAt } = part;
    for (const [id, observation] of observations) {
      described.observations.set(id, { observation, calledAt, repliedAt });
      if (failedAlone) described.failedAlone.add(id);
    }
    if (stoppedBy) described.accountFailure = stoppedBy.error.code;
  }
  if (notCalled?.waitMs === PAUSED) return { ...described, accountFailure: 'it is paused', isPaused: true };
  return notCalled ? { ...described, accountFailure: 'no token or no time left' } : described;
}

/** Returns the last outcome, or NotCalled if there was no token in time. */
async function describeWithRetries(
  deps: DescribeForDriftDeps,
  scope: Scope,
  flowLogIds: string[],
  describeUntil: number,
): Promise<Described | NotCalled> {
  for (let calls = 1; ; calls += 1) {
    const waitMs = Math.min(LONGEST_TOKEN_WAIT_MS, describeUntil - deps.now());
    if (waitMs <= 0) return { waitMs };
    const described = await describeOnce(deps, scope, flowLogIds, waitMs);
    if (!('outcome' in described) || described.outcome.kind === 'described') return described;
    if (calls >= (CALLS[described.outcome.kind] ?? 1)) return described;
    await deps.sleep(pauseMs(described.outcome));
  }
}

function pauseMs(failure: CallFailure): number {
  const retryAfterMs = retryAfterMsOf(failure) ?? 0;
  return Math.min(LONGEST_PAUSE_MS, Math.max(PAUSE_MS, retryAfterMs));
}

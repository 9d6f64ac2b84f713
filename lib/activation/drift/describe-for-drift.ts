import { describeIsolated, type Observation } from '../describe/describe-isolated.ts';
import { type DescribeDeps, type Described, describeOnce, type NoToken } from '../describe/describe-once.ts';
import type { CallFailure, DescribeOutcome } from '../model/outcome.ts';
import type { Random } from '../model/ports.ts';

export type DescribeForDriftDeps = DescribeDeps & { random: Random; sleep: (ms: number) => Promise<unknown> };

type Scope = { account: string; region: string };

/** In ms since the epoch. */
type Timed = { observation: Observation; askedAt: number; answeredAt: number };

/**
 * `refusedAlone`: ids that spoil each call that names them. `refusal`: why this account had better be left alone.
 * An id without an observation was not asked about.
 */
export type DriftDescription = {
  observations: Map<string, Timed>;
  refusedAlone: Set<string>;
  refusal?: string;
};

/** Where keys were refused, the next call reads them again. */
const TRIES: Partial<Record<DescribeOutcome['kind'], number>> = { throttled: 3, retry: 3, hold: 2 };
const PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 30_000;
const LONGEST_TOKEN_WAIT_MS = 30_000;

/** DescribeFlowLogs for up to 100 ids at the pace of the rate limit, tried again where that may help. */
export async function describeForDrift(
  deps: DescribeForDriftDeps,
  scope: Scope,
  flowLogIds: string[],
  askUntil: number,
): Promise<DriftDescription> {
  const described: DriftDescription = { observations: new Map(), refusedAlone: new Set() };
  let isOutOfTime = false;
  const call = async (ids: string[]) => {
    const described = await describeWithRetries(deps, scope, ids, askUntil);
    isOutOfTime = !('outcome' in described);
    return described;
  };
  for await (const part of describeIsolated(call, flowLogIds, deps.random)) {
    const { observations, isRefusedAlone, stoppedBy, askedAt, answeredAt } = part;
    for (const [id, observation] of observations) {
      described.observations.set(id, { observation, askedAt, answeredAt });
      if (isRefusedAlone) described.refusedAlone.add(id);
    }
    if (stoppedBy) described.refusal = stoppedBy.error.code;
  }
  return isOutOfTime ? { ...described, refusal: 'no token or no time left' } : described;
}

/** The last outcome, if there was a token in time. */
async function describeWithRetries(
  deps: DescribeForDriftDeps,
  scope: Scope,
  flowLogIds: string[],
  askUntil: number,
): Promise<Described | NoToken> {
  for (let tried = 1; ; tried += 1) {
    const waitMs = Math.min(LONGEST_TOKEN_WAIT_MS, askUntil - deps.now());
    if (waitMs <= 0) return { waitMs };
    const described = await describeOnce(deps, scope, flowLogIds, waitMs);
    if (!('outcome' in described) || described.outcome.kind === 'described') return described;
    if (tried >= (TRIES[described.outcome.kind] ?? 1)) return described;
    await deps.sleep(pauseMs(described.outcome));
  }
}

function pauseMs(failure: CallFailure): number {
  const retryAfterMs = 'retryAfterMs' in failure ? (failure.retryAfterMs ?? 0) : 0;
  return Math.min(LONGEST_PAUSE_MS, Math.max(PAUSE_MS, retryAfterMs));
}

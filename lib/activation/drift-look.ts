import type { CallFailure, DescribeOutcome, FlowLogView } from './outcome.ts';
import type { Clock, FlowLogApi, Metrics, RateLimiter } from './ports.ts';

export type DriftLookDeps = {
  api: Pick<FlowLogApi, 'describeFlowLogs'>;
  limiter: RateLimiter;
  metrics: Metrics;
  now: Clock;
  sleep: (ms: number) => Promise<unknown>;
};

type Scope = { account: string; region: string };

/** `asked`: what was answered for, refused ids left out. `refusal`: why this account had better be left alone. */
export type DriftLook = {
  asked: ReadonlySet<string>;
  views: ReadonlyMap<string, FlowLogView>;
  refusal?: string;
};

/** Where keys were refused, the next call reads them again. */
const TRIES: Partial<Record<DescribeOutcome['kind'], number>> = { throttled: 3, retry: 3, hold: 2 };
const PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 30_000;
const LONGEST_TOKEN_WAIT_MS = 30_000;
/** Enough to single out one refused id among a hundred. */
const CALLS_A_GROUP = 16;

/** DescribeFlowLogs for up to 100 ids at the pace of the rate limit, tried again where that may help. */
export async function lookForDrift(
  deps: DriftLookDeps,
  scope: Scope,
  flowLogIds: string[],
  askUntil: number,
  budget = { calls: CALLS_A_GROUP },
): Promise<DriftLook> {
  if (flowLogIds.length === 0 || budget.calls === 0) return { asked: new Set(), views: new Map() };
  budget.calls -= 1;
  const outcome = await describe(deps, scope, flowLogIds, askUntil);
  if (outcome?.kind === 'described') return { asked: new Set(flowLogIds), views: outcome.flowLogs };
  if (outcome?.kind !== 'dead-letter') {
    return { asked: new Set(), views: new Map(), refusal: outcome?.error.code ?? 'no token or no time left' };
  }
  if (flowLogIds.length === 1) {
    const isAbsent = outcome.reason === 'not-found';
    return { asked: new Set(isAbsent ? flowLogIds : []), views: new Map() };
  }
  // One id that Volcengine refuses must not hide the state of all others.
  const middle = Math.ceil(flowLogIds.length / 2);
  const first = await lookForDrift(deps, scope, flowLogIds.slice(0, middle), askUntil, budget);
  if (first.refusal !== undefined) return first;
  const second = await lookForDrift(deps, scope, flowLogIds.slice(middle), askUntil, budget);
  return {
    asked: first.asked.union(second.asked),
    views: new Map([...first.views, ...second.views]),
    ...(second.refusal !== undefined && { refusal: second.refusal }),
  };
}

/** Undefined without a token in time; else the last outcome. */
async function describe(
  deps: DriftLookDeps,
  scope: Scope,
  flowLogIds: string[],
  askUntil: number,
): Promise<DescribeOutcome | undefined> {
  const { limiter, metrics, now } = deps;
  for (let tried = 1; ; tried += 1) {
    const waitMs = Math.min(LONGEST_TOKEN_WAIT_MS, askUntil - now());
    if (waitMs <= 0 || (await limiter.take(scope.account, waitMs)) > 0) return undefined;
    const outcome = await deps.api.describeFlowLogs(scope, flowLogIds);
    if (outcome.kind === 'described') {
      limiter.succeeded(scope.account);
      return outcome;
    }
    if (outcome.kind === 'throttled') {
      limiter.throttled(scope.account);
      metrics.count('ThrottledCalls');
    }
    if (tried >= (TRIES[outcome.kind] ?? 1)) return outcome;
    await deps.sleep(pauseMs(outcome));
  }
}

function pauseMs(failure: CallFailure): number {
  const retryAfterMs = 'retryAfterMs' in failure ? (failure.retryAfterMs ?? 0) : 0;
  return Math.min(LONGEST_PAUSE_MS, Math.max(PAUSE_MS, retryAfterMs));
}

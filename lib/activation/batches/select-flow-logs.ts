import { AccountPaused, DescribeFailed } from '../model/errors.ts';
import { type CallFailure, failureFields, retryAfterMsOf } from '../model/outcome.ts';
import { backoffMs, type Policy } from '../model/policy.ts';
import { type Clock, type Log, type Metrics, PAUSED, type Random, type RateLimiter } from '../model/ports.ts';
import { SelectionTooLarge, SelectorRefused } from './errors.ts';
import type { FlowLogFinder, FlowLogPage } from './ports.ts';
import { type FlowLogDetail, matchesSelector, type Selector } from './selector.ts';

export type SelectDeps = {
  finder: FlowLogFinder;
  limiter: RateLimiter;
  metrics: Metrics;
  policy: Pick<Policy, 'retryBaseMs' | 'retryCapMs'>;
  now: Clock;
  random: Random;
  sleep: (ms: number) => Promise<unknown>;
  log: Log;
};

/** `flowLogs`: how many flow logs the selection may read. `endAt`: until when (ms since the epoch). */
export type SelectionLimit = { flowLogs: number; endAt: number };

/** Limit of calls for one page. A page that is never complete must not use up the whole time. */
const TRIES_PER_PAGE = 8;
/** A caller waits for the selection, so the delays are shorter than those of an activation. */
const RETRY_CAP_MS = 10_000;
/** Limits the number of pages. A page has up to 100 flow logs, but can have fewer. */
const SHORTEST_AVERAGE_PAGE = 10;

type Selection = {
  selector: Selector;
  limit: SelectionLimit;
  /** The latest failed call. It is the cause if the time is over. */
  failure?: CallFailure;
};

/**
 * Returns all flow logs that match, in ascending order of the id. Never returns an incomplete list.
 * Makes one call for each page, and one more for each retry of a page.
 * Throws SelectionTooLarge, SelectorRefused, AccountPaused, and DescribeFailed if Volcengine gave no usable reply.
 */
export async function selectFlowLogs(
  deps: SelectDeps,
  selector: Selector,
  limit: SelectionLimit,
): Promise<FlowLogDetail[]> {
  const selection: Selection = { selector, limit };
  const found = new Map<string, FlowLogDetail>();
  const tokens = new Set<string>();
  const pagesLimit = Math.ceil(limit.flowLogs / SHORTEST_AVERAGE_PAGE);
  let nextToken: string | undefined;
  do {
    const page = await readPage(deps, selection, nextToken);
    for (const flowLog of page.flowLogs) found.set(flowLog.flowLogId, flowLog);
    if (found.size > limit.flowLogs) throw new SelectionTooLarge(`more than ${limit.flowLogs} flow logs`);
    nextToken = page.nextToken;
    if (nextToken === undefined) break;
    if (tokens.has(nextToken)) throw new DescribeFailed('it returned the same NextToken twice');
    tokens.add(nextToken);
    if (tokens.size > pagesLimit) throw new DescribeFailed(`more than ${pagesLimit} pages`);
  } while (nextToken !== undefined);

  const matching = [...found.values()].filter((flowLog) => matchesSelector(selector, flowLog));
  const { account, region } = selector;
  deps.log.info('flow logs selected', { account, region, shown: found.size, matching: matching.length });
  return matching.sort((a, b) => (a.flowLogId < b.flowLogId ? -1 : 1));
}

async function readPage(
  deps: SelectDeps,
  selection: Selection,
  nextToken: string | undefined,
): Promise<FlowLogPage> {
  const { selector, limit } = selection;
  const { account, region } = selector;
  for (let tries = 1; ; tries += 1) {
    const leftMs = limit.endAt - deps.now();
    if (leftMs <= 0) throw outOfTime(selection);
    const waitMs = await deps.limiter.acquire(account, leftMs);
    if (waitMs > 0) throw waitMs === PAUSED ? new AccountPaused(account) : outOfTime(selection);
    const page = await deps.finder.page({ account, region }, selector, nextToken);
    if (page.kind === 'page') return page;
    selection.failure = page;
    await noteFailure(deps, selector, page);
    if (page.kind !== 'retry' && page.kind !== 'throttled') throw refusalOf(page, account, nextToken);
    const { retryBaseMs, retryCapMs } = deps.policy;
    const backoff = backoffMs(tries, retryBaseMs, Math.min(retryCapMs, RETRY_CAP_MS), deps.random);
    const delayMs = Math.max(backoff, page.retryAfterMs ?? 0);
    if (tries === TRIES_PER_PAGE || deps.now() + delayMs >= limit.endAt) throw outOfTime(selection);
    await deps.sleep(delayMs);
  }
}

/** Without a failed call the number of pages is the cause: a repetition would fail too. */
function outOfTime({ failure }: Selection): Error {
  if (failure === undefined) {
    return new SelectionTooLarge('more than can be read in time at our rate of calls');
  }
  return new DescribeFailed(failure.error.code, retryAfterMsOf(failure));
}

/** The error for a failure that a retry cannot solve. The selector is the cause only if the first page is refused. */
function refusalOf(failure: CallFailure, account: string, nextToken: string | undefined): Error {
  const { code, message } = failure.error;
  if (failure.kind === 'hold') {
    return new DescribeFailed(
      `Volcengine refuses the credentials or permissions of account ${account} (${code})`,
      60_000,
    );
  }
  const isSelector = failure.kind === 'dead-letter' && failure.reason === 'invalid-request';
  return isSelector && nextToken === undefined
    ? new SelectorRefused(code, message)
    : new DescribeFailed(code);
}

async function noteFailure(
  { limiter, metrics, log }: SelectDeps,
  { account, region }: Selector,
  failure: CallFailure,
): Promise<void> {
  if (failure.kind === 'throttled') {
    await limiter.throttled(account);
    metrics.count('ThrottledCalls');
  }
  if (failure.kind === 'hold') metrics.count('HeldActivations');
  log.warn('DescribeFlowLogs gave no page', { account, region, ...failureFields(failure) });
}

import { DescribeFailed } from '../model/errors.ts';
import type { CallFailure } from '../model/outcome.ts';
import { backoffMs, type Policy } from '../model/policy.ts';
import type { Clock, Log, Metrics, Random, RateLimiter } from '../model/ports.ts';
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

/** What one selection may look at, and until when (ms since the epoch). */
export type SelectionLimit = { flowLogs: number; endAt: number };

/** Of one page; without an end of its own, a page that is never whole would be asked for until the time is over. */
const TRIES_PER_PAGE = 8;
/** Somebody waits for the whole, so a try is not put off for as long as an activation's is. */
const RETRY_CAP_MS = 10_000;
/** Pages have up to 100 flow logs; shorter ones are borne with, but not without end. */
const SHORTEST_AVERAGE_PAGE = 10;

type Selection = {
  selector: Selector;
  limit: SelectionLimit;
  /** The latest call without a page; it decides whose fault it is that the time did not suffice. */
  failure?: CallFailure;
};

/**
 * All flow logs that match, in ascending order of the id, or an error: never a part of them.
 * A call for each page, and one more for each page that has to be asked for again.
 * Throws SelectionTooLarge, SelectorRefused, and DescribeFailed when Volcengine gave no answer to go by.
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
    if (tokens.has(nextToken)) throw new DescribeFailed('its pages go round in a circle');
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
    if (leftMs <= 0 || (await deps.limiter.acquire(account, leftMs)) > 0) throw outOfTime(selection);
    const page = await deps.finder.page({ account, region }, selector, nextToken);
    if (page.kind === 'page') {
      deps.limiter.succeeded(account);
      return page;
    }
    selection.failure = page;
    noteFailure(deps, selector, page);
    if (page.kind !== 'retry' && page.kind !== 'throttled') throw refusalOf(page, account, nextToken);
    const { retryBaseMs, retryCapMs } = deps.policy;
    const backoff = backoffMs(tries, retryBaseMs, Math.min(retryCapMs, RETRY_CAP_MS), deps.random);
    const delayMs = Math.max(backoff, page.retryAfterMs ?? 0);
    if (tries === TRIES_PER_PAGE || deps.now() + delayMs >= limit.endAt) throw outOfTime(selection);
    await deps.sleep(delayMs);
  }
}

/** Without a failure it is the number of pages that takes too long, and it would again. */
function outOfTime({ failure }: Selection): Error {
  if (failure === undefined) {
    return new SelectionTooLarge('more than can be looked at in the time, at our rate of calls');
  }
  return new DescribeFailed(failure.error.code, 'retryAfterMs' in failure ? failure.retryAfterMs : undefined);
}

/** What another try cannot mend. A selector is only to blame for the first page. */
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

function noteFailure(
  { limiter, metrics, log }: SelectDeps,
  { account, region }: Selector,
  failure: CallFailure,
): void {
  if (failure.kind === 'throttled') {
    limiter.throttled(account);
    metrics.count('ThrottledCalls');
  }
  if (failure.kind === 'hold') metrics.count('HeldActivations');
  const { code, httpStatus, requestId } = failure.error;
  log.warn('DescribeFlowLogs gave no page', {
    account,
    region,
    outcome: failure.kind,
    code,
    httpStatus,
    requestId,
  });
}

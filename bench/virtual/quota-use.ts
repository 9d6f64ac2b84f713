import type { Environment } from './environment.ts';

type Counted = { counts: Pick<Environment['counts'], 'calls' | 'quotaWrites'> };
type Told = { activeAt: Environment['activeAt']; events: Pick<Environment['events'], 'completedAt'> };

/** How the calls of the accounts were used, from the first request on. Times are in ms. */
export type QuotaUse = {
  calls: number;
  untilLastActivation: number;
  /** Of the calls that the accounts might make until then; its reciprocal is the time ÷ (calls ÷ rate). */
  share: number;
  untilLastEvent: number;
  /** Until the last event, of what the calls would take at the rate. */
  lastEventToLeast: number;
  throttled: number;
  quotaWritesEach: number;
};

type Run = { startedAt: number; lastAt: number; accounts: number; ratePerSecond: number };

export function quotaUseIn(
  { counts }: Counted,
  { startedAt, lastAt, accounts, ratePerSecond }: Run,
): QuotaUse {
  const { calls } = counts;
  const lastCallAt = calls.findLast(
    ({ action, isThrottled }) => action === 'ActiveFlowLog' && !isThrottled,
  )?.at;
  const untilLastActivation = (lastCallAt ?? Number.NaN) - startedAt;
  const untilThen = calls.filter(({ at }) => lastCallAt !== undefined && at <= lastCallAt).length;
  const callsAMs = (accounts * ratePerSecond) / 1_000;
  const untilLastEvent = lastAt - startedAt;
  return {
    calls: calls.length,
    untilLastActivation,
    share: untilThen / (untilLastActivation * callsAMs),
    untilLastEvent,
    lastEventToLeast: (untilLastEvent * callsAMs) / calls.length,
    throttled: calls.filter(({ isThrottled }) => isThrottled).length / calls.length,
    quotaWritesEach: counts.quotaWrites / calls.length,
  };
}

/** From Active at Volcengine to the completed event, in seconds. Throws if there is none. */
export function waitsIn({ activeAt, events }: Told): number[] {
  return [...activeAt].map(([flowLogId, at]) => {
    const toldAt = events.completedAt.get(flowLogId);
    if (toldAt === undefined) throw new Error(`nobody was told of ${flowLogId}`);
    return (toldAt - at) / 1_000;
  });
}

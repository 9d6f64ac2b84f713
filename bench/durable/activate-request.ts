import {
  CallAgain,
  callActiveFlowLog,
  type Durable,
  decideView,
  type Ending,
  retrySeconds,
  type Scope,
  type Services,
} from './function-parts.ts';

export type WholeRequest = Scope & { requestId: string; flowLogIds: string[] };

type Pending = { flowLogId: string; accepted: boolean };
/** What a round of calls came to; nothing of what it leaves as it was, so that checkpoints stay small. */
type Round = { pending: Pending[]; over: string[]; again: string[]; retryInSeconds: number };
type Polled = { pending: Pending[]; again: string[] };

/** At 4 calls a second a round takes 5 s, in which the invocation goes on: a wait would cost more. */
const CALLS_A_ROUND = 20;
const IDS_A_CALL = 100;
const POLL_SECONDS = 5;
/** Rounds in which all were refused, with more and more time between them: about two hours. */
const MOST_VAIN_ROUNDS = 20;

/**
 * One durable execution for a whole request. As long as something is to be called, a step is a round: it describes
 * what is pending, 100 ids a call, and spends the rest of its calls on ActiveFlowLog. Then it waits until all are
 * Active. A step that is repeated calls again with the same tokens, and publishes with the same event ids.
 */
export async function activateRequest(
  context: Durable,
  request: WholeRequest,
  services: Services,
): Promise<{ ended: number }> {
  let queued = request.flowLogIds;
  let pending: Pending[] = [];
  let vainRounds = 0;
  const mostPolls = Math.ceil(services.policy.pendingDeadlineMs / (POLL_SECONDS * 1_000));
  while (queued.length > 0 || pending.length > 0) {
    if (queued.length > 0 && vainRounds < MOST_VAIN_ROUNDS) {
      const before = { queued, pending, vainRounds };
      const round = await context.step('round', () => runRound(before, request, services));
      vainRounds = round.pending.length + round.over.length > 0 ? 0 : vainRounds + 1;
      const done = new Set([...round.over, ...round.again, ...round.pending.map((one) => one.flowLogId)]);
      queued = [...queued.filter((id) => !done.has(id)), ...round.again];
      pending = [...pending.filter((one) => !done.has(one.flowLogId)), ...round.pending];
      if (round.retryInSeconds > 0) await context.wait('before a retry', { seconds: round.retryInSeconds });
    } else {
      const polled = await context.waitForCondition<Polled>(
        'until Active',
        async (state) => {
          const { over, again } = await describe(state.pending, request, services);
          const done = new Set([...over, ...again]);
          return { pending: state.pending.filter((one) => !done.has(one.flowLogId)), again };
        },
        {
          initialState: { pending, again: [] },
          waitStrategy: (state, attempt) =>
            state.pending.length > 0 && state.again.length === 0 && attempt < mostPolls
              ? { shouldContinue: true, delay: { seconds: POLL_SECONDS } }
              : { shouldContinue: false },
        },
      );
      pending = polled.pending;
      const late = [...queued, ...(polled.again.length > 0 ? [] : pending.map((one) => one.flowLogId))];
      queued = polled.again;
      if (late.length === 0) continue;
      const endings = late.map((flowLogId) => ({ flowLogId, reason: 'deadline-exceeded' as const }));
      await context.step('publish', () => services.publish(endings));
      if (polled.again.length === 0) pending = [];
    }
  }
  return { ended: request.flowLogIds.length };
}

async function runRound(
  { queued, pending, vainRounds }: { queued: string[]; pending: Pending[]; vainRounds: number },
  request: WholeRequest,
  services: Services,
): Promise<Round> {
  const { over, again } = await describe(pending, request, services);
  const round: Round = { pending: [], over, again, retryInSeconds: 0 };
  const calls = Math.max(1, CALLS_A_ROUND - Math.ceil(pending.length / IDS_A_CALL));
  const refused: Ending[] = [];
  for (const flowLogId of queued.slice(0, calls)) {
    try {
      const started = await callActiveFlowLog(services, request, request.requestId, flowLogId);
      if ('reason' in started) refused.push({ flowLogId, reason: started.reason });
      else round.pending.push({ flowLogId, accepted: started.accepted });
    } catch (error) {
      if (!(error instanceof CallAgain)) throw error;
      round.again.push(flowLogId);
      round.retryInSeconds = Math.max(round.retryInSeconds, retrySeconds(error, vainRounds + 1, services));
    }
  }
  if (refused.length > 0) await services.publish(refused);
  // Others are still to be called: those that were refused wait for them.
  if (queued.length > round.again.length) round.retryInSeconds = 0;
  return { ...round, over: [...over, ...refused.map(({ flowLogId }) => flowLogId)] };
}

/** Publishes what is over. What cannot be described stays pending. */
async function describe(
  pending: Pending[],
  { account, region }: WholeRequest,
  { api, limiter, publish }: Services,
): Promise<{ over: string[]; again: string[] }> {
  const endings: Ending[] = [];
  const again: string[] = [];
  for (let start = 0; start < pending.length; start += IDS_A_CALL) {
    const chunk = pending.slice(start, start + IDS_A_CALL);
    await limiter.acquire(account, Number.POSITIVE_INFINITY);
    const outcome = await api.describeFlowLogs(
      { account, region },
      chunk.map(({ flowLogId }) => flowLogId),
    );
    if (outcome.kind !== 'described') continue;
    for (const { flowLogId, accepted } of chunk) {
      const seen = decideView(outcome.flowLogs.get(flowLogId), accepted);
      if (seen === 'active') endings.push({ flowLogId });
      else if (seen === 'call-again') again.push(flowLogId);
      else if (seen !== 'pending') endings.push({ flowLogId, reason: seen });
    }
  }
  if (endings.length > 0) await publish(endings);
  return { over: endings.map(({ flowLogId }) => flowLogId), again };
}

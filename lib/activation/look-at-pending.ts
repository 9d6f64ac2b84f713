import type { Activation } from './activation.ts';
import { bellFor } from './bells.ts';
import { mapConcurrently } from './concurrency.ts';
import { decide, decideUnanswerable } from './decide.ts';
import type { OutboxRelay } from './outbox-relay.ts';
import type { CallFailure, DescribeOutcome } from './outcome.ts';
import type { PollerDeps, TickSummary } from './poller-deps.ts';

const WRITE_CONCURRENCY = 16;
/** Enough to single out one refused id among a hundred. */
const CALLS_A_GROUP = 16;

export type Look = PollerDeps & { relay: OutboxRelay; summary: TickSummary };

/**
 * One DescribeFlowLogs for up to 100 activations of one account and region, what follows from it, and what their
 * outboxes then hold told. Without a rate token or an answer nothing is decided; a later tick asks again.
 * Answers what the last call came to, or `no-token`.
 */
export async function lookAtPending(
  look: Look,
  group: Activation[],
  budget = { calls: CALLS_A_GROUP },
): Promise<DescribeOutcome['kind'] | 'no-token'> {
  const [first] = group;
  if (first === undefined || budget.calls === 0) return 'no-token';
  const { account, region } = first;
  if ((await look.limiter.take(account, look.policy.tickMs)) > 0) return 'no-token';
  budget.calls -= 1;

  const askedAt = look.now();
  const flowLogIds = group.map(({ flowLogId }) => flowLogId);
  const outcome = await look.api.describeFlowLogs({ account, region }, flowLogIds);
  if (outcome.kind === 'described') {
    look.limiter.succeeded(account);
    look.summary.described += group.length;
  } else {
    noteFailure(look, account, region, outcome, group.length);
    if (outcome.kind !== 'dead-letter') return outcome.kind;
  }
  if (outcome.kind === 'dead-letter' && outcome.reason === 'invalid-request' && group.length > 1) {
    // One id that Volcengine refuses must not hide the state of all others.
    const middle = Math.ceil(group.length / 2);
    await lookAtPending(look, group.slice(0, middle), budget);
    return lookAtPending(look, group.slice(middle), budget);
  }
  const sighting = { askedAt, answeredAt: look.now() };
  const settled = await mapConcurrently(group, WRITE_CONCURRENCY, (open) => {
    const next =
      outcome.kind === 'described'
        ? decide(open, outcome.flowLogs.get(open.flowLogId), sighting, look.policy, look.random)
        : decideUnanswerable(open, outcome.error, askedAt);
    return settle(look, open, next);
  });
  await look.relay.tell(settled.filter((activation) => activation !== undefined));
  return outcome.kind;
}

/** Writes the decision; answers the record as it now stands, or undefined if nothing changed or another wrote. */
async function settle(look: Look, open: Activation, decided: Activation): Promise<Activation | undefined> {
  const { relay, summary, log } = look;
  if (decided === open) return undefined;
  const next = relay.withoutTold(decided);
  if (!(await look.store.transition(open, next))) return undefined;
  relay.forget(open);
  const { activationId, generation, status, adopted, reason } = next;
  if (status !== open.status) {
    const details = status === 'completed' ? { adopted } : status === 'failed' ? { reason } : {};
    const what = status === 'queued' ? 'queued again' : status;
    log.info(`activation ${what}`, { activationId, generation, ...details });
  }
  if (status === 'completed') summary.completed += 1;
  if (status === 'failed') summary.failed += 1;
  if (status === 'queued' && open.status === 'pending') {
    summary.queuedAgain += 1;
    await look.queue.ring([bellFor(next, next.updatedAt, look.policy)]);
  }
  return { ...next, version: open.version + 1 };
}

function noteFailure(look: Look, account: string, region: string, failure: CallFailure, asked: number): void {
  if (failure.kind === 'throttled') {
    look.limiter.throttled(account);
    look.metrics.count('ThrottledCalls');
  }
  if (failure.kind === 'hold') look.metrics.count('HeldActivations', asked);
  const { code, httpStatus, requestId } = failure.error;
  const answer = { outcome: failure.kind, code, httpStatus, requestId };
  look.log.warn('DescribeFlowLogs gave no answer', { account, region, ...answer, flowLogs: asked });
}

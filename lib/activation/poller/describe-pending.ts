import { mapConcurrently } from '../../runtime/concurrency.ts';
import { type DescribedPart, describeIsolated } from '../describe/describe-isolated.ts';
import { describeOnce } from '../describe/describe-once.ts';
import type { Activation } from '../model/activation.ts';
import type { CallFailure } from '../model/outcome.ts';
import { writeTransition } from '../model/write-transition.ts';
import { jobFor } from '../request/activation-job.ts';
import { decide } from './decide-pending.ts';
import type { OutboxRelay } from './outbox-relay.ts';
import type { Isolated, PollerDeps, TickSummary } from './poller-deps.ts';

const WRITE_CONCURRENCY = 16;
/** More in a row are a storm; the next tick looks again. */
const JOINS_BETWEEN = 3;

/** The second call for a group tells whether what the first failed with concerns an id or the account. */
const SECOND_TOKEN_WAIT_MS = 15_000;

/** `stopAt`: see the poller's tick. */
export type DescribePendingDeps = PollerDeps & {
  relay: OutboxRelay;
  summary: TickSummary;
  isolated: Isolated;
  stopAt: number;
};

/**
 * Asks about up to 100 activations of one account and region. What a call settles is written, and published, before
 * the next call is made. Yields each part after that. Ends early without a rate token, and behind the second call once
 * `stopAt` is reached. `isKnownToSpoil`: calls for the group have been refused, and an id in it is at fault.
 */
export async function* describePending(
  deps: DescribePendingDeps,
  group: Activation[],
  isKnownToSpoil: boolean,
): AsyncGenerator<DescribedPart, void> {
  const [first] = group;
  if (first === undefined) return;
  const { account, region } = first;
  let calls = 0;
  const call = async (flowLogIds: string[]) => {
    calls += 1;
    const leftMs = deps.stopAt - deps.now();
    if (calls > 2 && leftMs <= 0) return { waitMs: 0 };
    const waitMs = Math.max(deps.policy.tickMs, calls === 2 ? Math.min(SECOND_TOKEN_WAIT_MS, leftMs) : 0);
    const described = await describeOnce(deps, { account, region }, flowLogIds, waitMs);
    if (!('outcome' in described)) return described;
    const { outcome } = described;
    if (outcome.kind === 'described') deps.summary.described += flowLogIds.length;
    else noteFailure(deps, account, region, outcome, flowLogIds.length);
    return described;
  };
  const byId = new Map(group.map((activation) => [activation.flowLogId, activation]));
  for await (const part of describeIsolated(call, [...byId.keys()], deps.random, isKnownToSpoil)) {
    const settled = await mapConcurrently(
      [...part.observations],
      WRITE_CONCURRENCY,
      async ([id, observed]) => {
        const open = byId.get(id);
        const next =
          open &&
          (await deps.isolated('writing what was seen', () =>
            settle(deps, open, (one) => decide(one, observed, part, deps.policy, deps.random)),
          ));
        if (next?.status === 'failed' && observed.kind === 'unanswered') noteUnanswered(deps, next);
        return next;
      },
    );
    await deps.relay.publish(
      settled.filter((activation) => activation !== undefined),
      deps.isolated,
    );
    yield part;
  }
}

/**
 * Writes the decision; answers the record as it now stands, or undefined if nothing changed or another moved it on.
 * What was seen is not lost to a join that came between: it is decided again, for the record as the join left it.
 */
async function settle(
  deps: DescribePendingDeps,
  open: Activation,
  decideFor: (open: Activation) => Activation,
  triesLeft = JOINS_BETWEEN,
): Promise<Activation | undefined> {
  const { relay, summary, log } = deps;
  const decided = decideFor(open);
  if (decided === open) return undefined;
  const next = relay.withoutPublished(decided);
  if (!(await writeTransition(deps.store, open, next))) {
    const current = triesLeft > 0 ? await deps.store.readActivation(open.activationId) : undefined;
    const isJoined =
      current?.joiners.length !== open.joiners.length &&
      current?.generation === open.generation &&
      current.status === open.status &&
      current.leaseId === open.leaseId;
    return isJoined ? settle(deps, current, decideFor, triesLeft - 1) : undefined;
  }
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
    await deps.queue.enqueue([jobFor(next, next.updatedAt, deps.policy)]);
  }
  return { ...next, version: open.version + 1 };
}

function noteFailure(
  deps: DescribePendingDeps,
  account: string,
  region: string,
  failure: CallFailure,
  asked: number,
): void {
  if (failure.kind === 'hold') deps.metrics.count('HeldActivations', asked);
  const { code, httpStatus, requestId } = failure.error;
  const answer = { outcome: failure.kind, code, httpStatus, requestId };
  deps.log.warn('DescribeFlowLogs gave no answer', { account, region, ...answer, flowLogs: asked });
}

/** The deadline has been held without a word of DescribeFlowLogs: the flow log may be Active all the same. */
function noteUnanswered(
  { metrics, log }: DescribePendingDeps,
  { activationId, generation, lastError }: Activation,
): void {
  metrics.count('UnansweredDeadlines');
  log.error('failed at its deadline without an answer of DescribeFlowLogs', {
    activationId,
    generation,
    code: lastError?.code,
  });
}

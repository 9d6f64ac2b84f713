import { mapConcurrently } from '../../runtime/concurrency.ts';
import { type DescribedPart, describeIsolated } from '../describe/describe-isolated.ts';
import { describeOnce } from '../describe/describe-once.ts';
import type { Activation } from '../model/activation.ts';
import { goalOf } from '../model/goal.ts';
import { type CallFailure, failureFields } from '../model/outcome.ts';
import { idsOf } from '../model/tracing.ts';
import { writeTransition } from '../model/write-transition.ts';
import { jobFor } from '../request/activation-job.ts';
import { decide } from './decide-pending.ts';
import type { OutboxRelay } from './outbox-relay.ts';
import type { Isolated, PollerDeps, TickSummary } from './poller-deps.ts';

const WRITE_CONCURRENCY = 16;
/** How often a decision is made again because a batch joined. After that the next tick decides. */
const JOIN_RETRIES = 3;

/** The second call for a group shows whether the failure of the first concerns an id or the account. */
const SECOND_TOKEN_WAIT_MS = 15_000;

/** `stopAt`: see the poller's tick. */
export type DescribePendingDeps = PollerDeps & {
  relay: OutboxRelay;
  summary: TickSummary;
  isolated: Isolated;
  stopAt: number;
};

/**
 * Describes up to 100 activations of one account and region. Writes and publishes the decisions of each call before it
 * makes the next call, then yields the result. Ends early if it gets no rate token, and, after the second call, if
 * `stopAt` is reached. `containsBadId`: calls for the group failed because of an id in it.
 */
export async function* describePending(
  deps: DescribePendingDeps,
  group: Activation[],
  containsBadId: boolean,
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
    else reportFailure(deps, account, region, outcome, flowLogIds.length);
    return described;
  };
  const byId = new Map(group.map((activation) => [activation.flowLogId, activation]));
  for await (const part of describeIsolated(call, [...byId.keys()], deps.random, containsBadId)) {
    const written = await mapConcurrently(
      [...part.observations],
      WRITE_CONCURRENCY,
      async ([id, observation]) => {
        const open = byId.get(id);
        const next =
          open &&
          (await deps.isolated('writing an observation', () =>
            writeDecision(deps, open, (one) => decide(one, observation, part, deps.policy, deps.random)),
          ));
        if (next?.status === 'failed' && observation.kind === 'unanswered') reportUnanswered(deps, next);
        return next;
      },
    );
    await deps.relay.publish(
      written.filter((activation) => activation !== undefined),
      deps.isolated,
    );
    yield part;
  }
}

/**
 * Writes the decision. Returns the new record, or undefined if nothing changed or another writer changed the activation.
 * If only a batch joined in between, it decides again for the new record, so that the observation is not lost.
 */
async function writeDecision(
  deps: DescribePendingDeps,
  open: Activation,
  decideFor: (open: Activation) => Activation,
  retriesLeft = JOIN_RETRIES,
): Promise<Activation | undefined> {
  const { relay, summary, log } = deps;
  const decided = decideFor(open);
  if (decided === open) return undefined;
  const next = relay.withoutPublished(decided);
  if (!(await writeTransition(deps.store, open, next))) {
    const current = retriesLeft > 0 ? await deps.store.readActivation(open.activationId) : undefined;
    const isJoined =
      current?.joiners.length !== open.joiners.length &&
      current?.generation === open.generation &&
      current.status === open.status &&
      current.leaseId === open.leaseId;
    return isJoined ? writeDecision(deps, current, decideFor, retriesLeft - 1) : undefined;
  }
  relay.forget(open);
  const { generation, status, adopted, reason } = next;
  if (status !== open.status) {
    const fields = { ...idsOf(next), generation };
    const { noun } = goalOf(next);
    if (status === 'queued') log.info(`${noun} queued again`, fields);
    // Any other has the line of its event.
    if (status === 'completed' && adopted) log.info(`${noun} completed`, { ...fields, adopted });
    if (status === 'failed') log.info(`${noun} failed`, { ...fields, reason });
  }
  if (status === 'completed') summary.completed += 1;
  if (status === 'failed') summary.failed += 1;
  if (status === 'queued' && open.status === 'pending') {
    summary.returnedToQueued += 1;
    await deps.queue.enqueue([jobFor(next, next.updatedAt, deps.policy)]);
  }
  return { ...next, version: open.version + 1 };
}

function reportFailure(
  deps: DescribePendingDeps,
  account: string,
  region: string,
  failure: CallFailure,
  flowLogs: number,
): void {
  if (failure.kind === 'hold') deps.metrics.count('HeldActivations', flowLogs);
  const fields = { account, region, ...failureFields(failure), flowLogs };
  deps.log.warn('DescribeFlowLogs gave no usable reply', fields);
}

/** The activation failed at its deadline without a usable reply of DescribeFlowLogs. The flow log can still be Active. */
function reportUnanswered({ metrics, log }: DescribePendingDeps, failed: Activation): void {
  metrics.count('UnansweredDeadlines');
  log.error('failed at its deadline without a usable reply of DescribeFlowLogs', {
    ...idsOf(failed),
    generation: failed.generation,
    code: failed.lastError?.code,
  });
}

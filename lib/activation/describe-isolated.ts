import { inChunks } from './concurrency.ts';
import type { Described, NoToken } from './describe-once.ts';
import type { CallFailure, DescribeOutcome, FlowLogView } from './outcome.ts';

/** What DescribeFlowLogs says of one flow log. It means the same for everyone who asks. */
export type Observation =
  | { kind: 'shown'; view: FlowLogView }
  /** A whole answer did not show it, or Volcengine knows no such flow log when asked about it alone. */
  | { kind: 'absent' }
  /** No answer covers it. This says nothing about the flow log. */
  | { kind: 'unanswered'; failure: CallFailure };

/** What one call, or a failure to make one, settles. Ids that are in no part were not asked about. */
export type DescribedPart = Omit<Described, 'outcome'> & {
  observations: Map<string, Observation>;
  /** The one id was refused though it was asked about alone: it spoils each call that names it. */
  isRefusedAlone: boolean;
  /** No more calls are made: this failure concerns the whole account. */
  stoppedBy?: CallFailure;
};

export type DescribeCall = (flowLogIds: string[]) => Promise<Described | NoToken>;

/** Enough to single out one id among a hundred. */
const CALLS_LIMIT = 16;

/**
 * Asks about up to 100 flow logs so that one of them cannot hide the others. A group that is refused is halved until
 * the refused ids stand alone. Another failure may concern the whole account: the group is halved only if an id of it
 * gets an answer alone, else no more calls are made. At most 16 calls, one after the other; what each one settles
 * comes at once. `isKnownToSpoil`: it is known of a single id that a failure concerns it, not the account.
 */
export async function* describeIsolated(
  call: DescribeCall,
  flowLogIds: string[],
  isKnownToSpoil = false,
): AsyncGenerator<DescribedPart, void> {
  let calls = 0;
  const ask = async (group: string[]) => {
    calls += 1;
    const described = calls > CALLS_LIMIT ? undefined : await call(group);
    return described && 'outcome' in described ? described : undefined;
  };
  const groups = flowLogIds.length > 0 ? [flowLogIds] : [];
  let isIsolating = isKnownToSpoil;
  for (let group = groups.pop(); group !== undefined; group = groups.pop()) {
    const described = await ask(group);
    if (described === undefined) return;
    const { outcome } = described;
    if (outcome.kind === 'described') {
      yield answered(described, group, outcome);
      continue;
    }
    let rest = group;
    if (!isIsolating && !isRefusal(outcome)) {
      const probe = group.slice(0, 1);
      rest = group.slice(1);
      const alone = isWholeAccount(outcome) || rest.length === 0 ? undefined : await ask(probe);
      if (alone?.outcome.kind !== 'described') return yield stopped(described, group, outcome);
      yield answered(alone, probe, alone.outcome);
    } else if (isWholeAccount(outcome)) {
      return yield stopped(described, group, outcome);
    }
    isIsolating = true;
    if (group.length === 1) yield refusedAlone(described, group, outcome);
    else groups.push(...inChunks(rest, Math.ceil(rest.length / 2)).reverse());
  }
}

function answered(
  { askedAt, answeredAt }: Described,
  group: string[],
  { flowLogs }: Extract<DescribeOutcome, { kind: 'described' }>,
): DescribedPart {
  const observations = new Map<string, Observation>();
  for (const id of group) {
    const view = flowLogs.get(id);
    observations.set(id, view ? { kind: 'shown', view } : { kind: 'absent' });
  }
  return { observations, isRefusedAlone: false, askedAt, answeredAt };
}

function stopped({ askedAt, answeredAt }: Described, group: string[], failure: CallFailure): DescribedPart {
  const observations = new Map(group.map((id) => [id, { kind: 'unanswered', failure } as const]));
  return { observations, isRefusedAlone: false, stoppedBy: failure, askedAt, answeredAt };
}

function refusedAlone(
  { askedAt, answeredAt }: Described,
  group: string[],
  failure: CallFailure,
): DescribedPart {
  const isUnknown = failure.kind === 'dead-letter' && failure.reason === 'not-found';
  const observation: Observation = isUnknown ? { kind: 'absent' } : { kind: 'unanswered', failure };
  const observations = new Map(group.map((id) => [id, observation]));
  return { observations, isRefusedAlone: true, askedAt, answeredAt };
}

/** The question was refused for what it asks: an id in it is at fault. */
function isRefusal(failure: CallFailure): boolean {
  return (
    failure.kind === 'dead-letter' && (failure.reason === 'not-found' || failure.reason === 'invalid-request')
  );
}

/** No answer came, or one that asks us to slow down. */
function isWholeAccount(failure: CallFailure): boolean {
  const isToPause = 'retryAfterMs' in failure && failure.retryAfterMs !== undefined;
  return failure.kind === 'throttled' || isToPause || failure.error.httpStatus === undefined;
}

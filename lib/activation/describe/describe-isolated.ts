import { inChunks } from '../../runtime/concurrency.ts';
import type { CallFailure, DescribeOutcome, FlowLogView } from '../model/outcome.ts';
import type { Random } from '../model/ports.ts';
import type { Described, NoToken } from './describe-once.ts';

/** What DescribeFlowLogs says of one flow log. It means the same for everyone who asks. */
export type Observation =
  | { kind: 'shown'; view: FlowLogView }
  /** A whole answer did not show it, or Volcengine knows no such flow log when asked about it alone. */
  | { kind: 'absent' }
  /** No answer covers it. This says nothing about the flow log. */
  | { kind: 'unanswered'; failure: CallFailure };

/** What one call has come to. */
export type DescribedPart = Omit<Described, 'outcome'> & {
  /** The ids that the call named. */
  asked: string[];
  /** What is settled. Ids that are in no part's observations were asked about in vain, or not at all. */
  observations: Map<string, Observation>;
  /** The one id was refused though it was asked about alone: it spoils each call that names it. */
  isRefusedAlone: boolean;
  /** Groups still to be asked about, of which one or more hold such an id. Whoever ends here can go on with them. */
  left: string[][];
  /** No more calls are made: this failure concerns the whole account. */
  stoppedBy?: CallFailure;
};

export type DescribeCall = (flowLogIds: string[]) => Promise<Described | NoToken>;

/** Enough to single out one id among a hundred. */
const CALLS_LIMIT = 18;

/**
 * Asks about up to 100 flow logs so that one of them cannot hide the others. A group that is refused is halved until
 * the refused ids stand alone. Another failure may concern the whole account, or have passed: an id of the group, drawn
 * anew each time, is asked about alone. Without an answer no more calls are made; with one the others are asked about
 * again, and halved if that fails, too. At most 18 calls, one after the other; what each one settles comes at once.
 * `isKnownToSpoil`: it is known of the group that a failure concerns an id in it, not the account.
 */
export async function* describeIsolated(
  call: DescribeCall,
  flowLogIds: string[],
  random: Random,
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
  const left = (...more: string[][]) => (isIsolating ? [...more, ...groups] : []);
  for (let group = groups.pop(); group !== undefined; group = groups.pop()) {
    const described = await ask(group);
    if (described === undefined) return;
    const { outcome } = described;
    if (outcome.kind === 'described') {
      yield partOf(described, group, answered(group, outcome), { left: left() });
      continue;
    }
    let rest = group;
    const isAlone = group.length === 1 && (isIsolating || isRefusal(outcome));
    if (!isAlone && (isIsolating ? hasNoWord(outcome) : !isRefusal(outcome))) {
      const drawn = Math.floor(random() * group.length);
      const probe = group.slice(drawn, drawn + 1);
      rest = group.toSpliced(drawn, 1);
      const alone = rest.length === 0 ? undefined : await ask(probe);
      if (alone?.outcome.kind !== 'described') {
        const unanswered = eachOf(group, { kind: 'unanswered', failure: outcome });
        return yield partOf(described, group, unanswered, { left: left(group), stoppedBy: outcome });
      }
      yield partOf(alone, probe, answered(probe, alone.outcome), { left: [rest, ...groups] });
      if (!isIsolating) {
        isIsolating = true;
        groups.push(rest);
        continue;
      }
    }
    isIsolating = true;
    if (isAlone) {
      const observations = eachOf(group, observationAlone(outcome));
      const stop = outcome.kind === 'throttled' ? { stoppedBy: outcome } : {};
      yield partOf(described, group, observations, { left: left(), isRefusedAlone: true, ...stop });
      if (outcome.kind === 'throttled') return;
    } else {
      groups.push(...inChunks(rest, Math.ceil(rest.length / 2)).reverse());
      yield partOf(described, group, new Map(), { left: left() });
    }
  }
}

function partOf(
  { askedAt, answeredAt }: Described,
  asked: string[],
  observations: Map<string, Observation>,
  rest: { left: string[][]; isRefusedAlone?: true; stoppedBy?: CallFailure },
): DescribedPart {
  return { asked, observations, isRefusedAlone: false, askedAt, answeredAt, ...rest };
}

function answered(
  group: string[],
  { flowLogs }: Extract<DescribeOutcome, { kind: 'described' }>,
): Map<string, Observation> {
  return new Map(
    group.map((id) => {
      const view = flowLogs.get(id);
      return [id, view ? { kind: 'shown', view } : { kind: 'absent' }];
    }),
  );
}

function eachOf(group: string[], observation: Observation): Map<string, Observation> {
  return new Map(group.map((id) => [id, observation]));
}

function observationAlone(failure: CallFailure): Observation {
  const isUnknown = failure.kind === 'dead-letter' && failure.reason === 'not-found';
  return isUnknown ? { kind: 'absent' } : { kind: 'unanswered', failure };
}

/** The question was refused for what it asks: an id in it is at fault. */
function isRefusal(failure: CallFailure): boolean {
  return (
    failure.kind === 'dead-letter' && (failure.reason === 'not-found' || failure.reason === 'invalid-request')
  );
}

/** No answer came, or one that asks us to slow down: it says nothing of the ids that were asked about. */
function hasNoWord(failure: CallFailure): boolean {
  const isToPause = 'retryAfterMs' in failure && failure.retryAfterMs !== undefined;
  return failure.kind === 'throttled' || isToPause || failure.error.httpStatus === undefined;
}

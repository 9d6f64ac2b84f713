import { inChunks } from '../../runtime/concurrency.ts';
import {
  type CallFailure,
  type DescribeOutcome,
  type FlowLogView,
  retryAfterMsOf,
} from '../model/outcome.ts';
import type { Random } from '../model/ports.ts';
import type { Described, NotCalled } from './describe-once.ts';

/** What DescribeFlowLogs says about one flow log. */
export type Observation =
  | { kind: 'shown'; view: FlowLogView }
  /** A complete reply did not show it, or a call for this id alone got "not found". */
  | { kind: 'absent' }
  /** No usable reply covers it. Nothing is known about the flow log. */
  | { kind: 'unanswered'; failure: CallFailure };

/** The result of one call. */
export type DescribedPart = Omit<Described, 'outcome'> & {
  /** The ids in the call. */
  requestedIds: string[];
  /** The observations of this call. An id without one in any part: nothing is known yet. */
  observations: Map<string, Observation>;
  /** The call for one id alone failed. The id counts as bad: other calls with it are expected to fail. */
  failedAlone: boolean;
  /** Groups without a usable reply yet; at least one contains a bad id. A later run can continue with them. */
  remaining: string[][];
  /** No more calls are made, because this failure concerns the whole account. */
  stoppedBy?: CallFailure;
};

export type DescribeCall = (flowLogIds: string[]) => Promise<Described | NotCalled>;

/** DescribeFlowLogs takes at most so many ids a call. */
export const DESCRIBE_LIMIT = 100;

/** Enough to isolate one bad id among 100. */
const CALLS_LIMIT = 18;

/**
 * Describes up to 100 flow logs, so that one bad id cannot hide the others. A refused group is halved until each bad id
 * is alone in its call. Another failure can concern the whole account: then one random id of the group is described
 * alone. If that fails too, no more calls are made. If it succeeds, the rest of the group is described again, and halved
 * if that fails. Makes at most 18 calls, one after the other, and yields the result of each call at once.
 * `containsBadId`: an earlier call has shown that an id of the group causes the failure, not the account.
 */
export async function* describeIsolated(
  call: DescribeCall,
  flowLogIds: string[],
  random: Random,
  containsBadId = false,
): AsyncGenerator<DescribedPart, void> {
  let calls = 0;
  const describe = async (group: string[]) => {
    calls += 1;
    const described = calls > CALLS_LIMIT ? undefined : await call(group);
    return described && 'outcome' in described ? described : undefined;
  };
  const groups = flowLogIds.length > 0 ? [flowLogIds] : [];
  let isIsolating = containsBadId;
  const remaining = (...more: string[][]) => (isIsolating ? [...more, ...groups] : []);
  for (let group = groups.pop(); group !== undefined; group = groups.pop()) {
    const described = await describe(group);
    if (described === undefined) return;
    const { outcome } = described;
    if (outcome.kind === 'described') {
      yield partOf(described, group, observationsFrom(group, outcome), { remaining: remaining() });
      continue;
    }
    const isAlone = group.length === 1;
    const showsBadId = isIsolating ? isAlone || !isInconclusive(outcome) : isRefusal(outcome);
    if (showsBadId && isAlone) {
      isIsolating = true;
      const stop = outcome.kind === 'throttled' ? { stoppedBy: outcome } : {};
      const observations = eachOf(group, observationAlone(outcome));
      yield partOf(described, group, observations, { remaining: remaining(), failedAlone: true, ...stop });
      if (outcome.kind === 'throttled') return;
      continue;
    }
    let suspects = group;
    if (!showsBadId) {
      const { drawn, rest } = drawOne(group, random);
      const alone = rest.length === 0 ? undefined : await describe(drawn);
      if (alone?.outcome.kind !== 'described') {
        const observations = eachOf(group, { kind: 'unanswered', failure: outcome });
        yield partOf(described, group, observations, { remaining: remaining(group), stoppedBy: outcome });
        return;
      }
      yield partOf(alone, drawn, observationsFrom(drawn, alone.outcome), { remaining: [rest, ...groups] });
      suspects = rest;
    }
    const mustHalve = showsBadId || isIsolating;
    isIsolating = true;
    if (mustHalve) {
      groups.push(...inChunks(suspects, Math.ceil(suspects.length / 2)).reverse());
      yield partOf(described, group, new Map(), { remaining: remaining() });
    } else {
      groups.push(suspects);
    }
  }
}

function drawOne(group: string[], random: Random): { drawn: string[]; rest: string[] } {
  const index = Math.floor(random() * group.length);
  return { drawn: group.slice(index, index + 1), rest: group.toSpliced(index, 1) };
}

function partOf(
  { calledAt, repliedAt }: Described,
  requestedIds: string[],
  observations: Map<string, Observation>,
  rest: { remaining: string[][]; failedAlone?: true; stoppedBy?: CallFailure },
): DescribedPart {
  return { requestedIds, observations, failedAlone: false, calledAt, repliedAt, ...rest };
}

function observationsFrom(
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

/** Volcengine refused the request for its content: an id in it is bad. */
function isRefusal(failure: CallFailure): boolean {
  return (
    failure.kind === 'dead-letter' && (failure.reason === 'not-found' || failure.reason === 'invalid-request')
  );
}

/** No reply came, or Volcengine asks us to slow down. This says nothing about the ids in the call. */
function isInconclusive(failure: CallFailure): boolean {
  const mustPause = retryAfterMsOf(failure) !== undefined;
  return failure.kind === 'throttled' || mustPause || failure.error.httpStatus === undefined;
}

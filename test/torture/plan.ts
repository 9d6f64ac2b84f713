import type { FlowLogSeed } from '../../local/volcengine/flow-log.ts';
import { SeededRandom } from '../support/fakes/seeded-random.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

const REGION = 'cn-beijing';

type PlannedFlowLog = { flowLogId: string; scenario: Scenario };

export type PlannedRequest = {
  idempotencyKey: string;
  /** Asked for here first. */
  own: PlannedFlowLog[];
  /** Its own, and some of the request before it, which it joins or activates again. */
  flowLogIds: string[];
};

/** A request that is sent once Volcengine has been called so often, and the kill, if any, that it meets. */
type Step = {
  afterCalls: number;
  request: PlannedRequest;
  /** SIGKILL so long after the request was sent: while it is answered, or soon after. */
  killAfterMs?: number;
};

export type Plan = { seed: number; flowLogs: PlannedFlowLog[]; steps: Step[] };

export type PlanSize = { flowLogs: number; requests: number; kills: number };

const JOINED_SHARE = 0.2;
/** About how long a request is under way; half of the kills come within it, the others until much later. */
const REQUEST_MS = 250;
const LATEST_KILL_MS = 4_000;

/** The same for the same seed. Not every request meets a kill, and the first one never does. */
export function makePlan(seed: number, { flowLogs: count, requests, kills }: PlanSize): Plan {
  const random = new SeededRandom(seed);
  const slots = SCENARIOS.flatMap((scenario) => Array.from({ length: scenario.share }, () => scenario));
  const flowLogs = random.shuffled(
    Array.from({ length: count }, (_, index) => {
      const scenario = slots[index % slots.length] ?? slots[0];
      if (scenario === undefined) throw new Error('there are no scenarios');
      return { flowLogId: `fl-${scenario.name}-${index}`, scenario };
    }),
  );
  const killed = new Set(
    random.shuffled(Array.from({ length: requests - 1 }, (_, i) => i + 1)).slice(0, kills),
  );
  let previous: PlannedFlowLog[] = [];
  const steps = Array.from({ length: requests }, (_, index): Step => {
    const own = flowLogs.slice((index * count) / requests, ((index + 1) * count) / requests);
    const request = requestOf(random, `torture-${seed}-${index}`, own, previous);
    previous = own;
    return {
      afterCalls: Math.floor((index * count) / requests),
      request,
      ...(killed.has(index) && { killAfterMs: killMoment(random) }),
    };
  });
  return { seed, flowLogs, steps };
}

function killMoment(random: SeededRandom): number {
  const inRequest = random.integer(0, 1) === 0;
  return inRequest ? random.integer(0, REQUEST_MS) : random.integer(REQUEST_MS, LATEST_KILL_MS);
}

function requestOf(
  random: SeededRandom,
  idempotencyKey: string,
  own: PlannedFlowLog[],
  previous: PlannedFlowLog[],
): PlannedRequest {
  const shared = random.shuffled(previous).slice(0, Math.ceil(previous.length * JOINED_SHARE));
  const flowLogIds = random.shuffled([...own, ...shared]).map(({ flowLogId }) => flowLogId);
  return { idempotencyKey, own, flowLogIds };
}

export function seedsOf({ own }: PlannedRequest): FlowLogSeed[] {
  return own.flatMap(({ flowLogId, scenario }) =>
    scenario.seed ? [{ region: REGION, flowLogId, ...scenario.seed }] : [],
  );
}

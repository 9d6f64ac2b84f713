import type { Activation } from '../../lib/activation/activation.ts';
import type { Policy } from '../../lib/activation/policy.ts';
import { SeededRandom } from '../fakes/seeded-random.ts';
import { type Coverage, endName, type Happening, happenedName } from './coverage.ts';
import { dynamoDbIo } from './dynamodb-io.ts';
import type { Theme } from './fault-kinds.ts';
import { Faults } from './faults.ts';
import { drawFate } from './flow-log-fates.ts';
import { drawLoads } from './loads/load.ts';
import { ReferenceModel } from './reference-model.ts';
import type { Rule, Violate } from './rules.ts';
import { SimulatedDynamoDb } from './simulated-dynamodb.ts';
import { SimulatedEventBridge } from './simulated-eventbridge.ts';
import { SimulatedFlowLog } from './simulated-flow-log.ts';
import { SimulatedSqs, VISIBILITY_TIMEOUT_MS } from './simulated-sqs.ts';
import { SimulatedVolcengine } from './simulated-volcengine.ts';
import { TableWatch } from './table-watch.ts';
import { VirtualTime } from './virtual-time.ts';
import { Wire } from './wire.ts';

export type Violation = { rule: Rule; detail: string; at: string };

export type ScheduleOptions = {
  trace?: ((line: string) => void) | undefined;
  /** Instead of one that is drawn. */
  theme?: Theme | undefined;
};

export type World = ReturnType<typeof createWorld>;

/** Durations of the real deployment, but for the deadlines: a day would be mostly silence. */
function drawPolicy(random: SeededRandom): Policy {
  return {
    leaseMs: 15_000,
    callTimeoutMs: 5_000,
    ringGraceMs: VISIBILITY_TIMEOUT_MS,
    retryBaseMs: 1_000,
    retryCapMs: random.pick([20_000, 120_000]),
    holdMs: random.pick([30_000, 120_000]),
    activationDeadlineMs: random.pick([60_000, 300_000, 300_000, 900_000]),
    pendingDeadlineMs: random.pick([60_000, 180_000, 600_000]),
    replicaLagMs: random.pick([20_000, 60_000]),
    ratePerSecond: random.pick([4, 4, 20]),
    tickMs: random.pick([5_000, 10_000, 20_000]),
  };
}

/** Everything outside the containers: services, clock, chance, and those who watch. */
export function createWorld(seed: number, coverage: Coverage, { trace = () => {}, theme }: ScheduleOptions) {
  const random = new SeededRandom(seed);
  const time = new VirtualTime();
  const faults = new Faults(random, coverage, theme);
  const traced = (line: string) => trace(`${time.label} ${line}`);
  const violations: Violation[] = [];
  const violate: Violate = (rule, detail) => {
    violations.push({ rule, detail, at: time.label });
    traced(`VIOLATION ${rule}: ${detail}`);
  };

  const dynamodb = new SimulatedDynamoDb(time, random, faults);
  const sqs = new SimulatedSqs(time, random, faults);
  const eventbridge = new SimulatedEventBridge(faults);
  const volcengine = new SimulatedVolcengine(time, random, faults);
  for (let number = random.integer(1, 4); number > 0; number -= 1) {
    volcengine.add(new SimulatedFlowLog(`fl-${number}`, drawFate(random), time, random, faults));
  }

  const happened = (what: Happening, about = '') => {
    coverage.count(happenedName(what));
    traced(`${what} ${about}`);
  };

  const model = new ReferenceModel(violate);
  const cancelsAsked = new Set<string>();
  const watch = new TableWatch({
    time,
    model,
    violate,
    wasActiveSince: (flowLogId, since) => volcengine.flowLogs.get(flowLogId)?.wasActiveSince(since) === true,
    wasReasonGiven: (failed) => wasReasonGiven(failed, time.now, volcengine, cancelsAsked),
    onEnd: ({ status, reason }) => coverage.count(endName(reason ?? status)),
    onBatchReopened: (batchId) => happened('batch redriven after its end', batchId),
    drift: {
      model: model.drifts,
      violate,
      now: () => time.now,
      sightsSince: (flowLogId, since) => volcengine.flowLogs.get(flowLogId)?.sightsSince(since) ?? [],
      onBegin: (kind) => happened('drift began', kind),
      onEnd: () => happened('drift ended'),
    },
  });
  dynamodb.onWrite = (item, command, writer) => watch.wrote(item, { kind: dynamoDbIo(command).kind, writer });
  sqs.onLetter = (body) => model.letterSent(body);
  eventbridge.onEvent = (detail) => model.published(detail);
  volcengine.onEffect = (flowLogId) => model.activated(flowLogId);
  volcengine.onCall = (flowLogId, clientToken) => {
    watch.called(flowLogId);
    model.called(flowLogId, clientToken);
  };

  return {
    time,
    random,
    faults,
    violations,
    violate,
    dynamodb,
    sqs,
    eventbridge,
    volcengine,
    model,
    watch,
    cancelsAsked,
    policy: drawPolicy(random),
    loads: drawLoads(seed),
    wire: new Wire(time, random, faults, traced),
    trace: traced,
    happened,
  };
}

/** A deadline that has passed, a cancel that was asked for, or what Volcengine said since the generation was queued. */
function wasReasonGiven(
  failed: Activation,
  now: number,
  volcengine: SimulatedVolcengine,
  cancelsAsked: ReadonlySet<string>,
): boolean {
  const { activationId, flowLogId, reason, queuedAt } = failed;
  if (reason === 'deadline-exceeded') {
    return wasTooLate(failed, now, volcengine.flowLogs.get(flowLogId)?.activeSince);
  }
  if (reason === 'cancelled') return cancelsAsked.has(activationId);
  return reason !== undefined && volcengine.lastSaid(flowLogId, reason) >= queuedAt;
}

/** Past its deadline, and, where a look after it showed the flow log, that was not Active all along. */
function wasTooLate(failed: Activation, now: number, activeSince = Number.POSITIVE_INFINITY): boolean {
  const { deadlineAt, pendingDeadlineAt = deadlineAt, lastError } = failed;
  const endedAt = Math.min(deadlineAt, pendingDeadlineAt);
  const wasShown = lastError?.message.includes('its status is') === true;
  return now >= endedAt && !(wasShown && activeSince < endedAt);
}

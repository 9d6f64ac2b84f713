import { policyOf, policySettings } from '../../functions/wiring/workflow.ts';
import { outboxEventIdOf } from '../../lib/activation/model/ids.ts';
import type { Policy } from '../../lib/activation/model/policy.ts';
import { readSettings } from '../../lib/config/settings.ts';
import { SeededRandom } from '../support/fakes/seeded-random.ts';
import { type Coverage, endName, happenedName, type ScheduledEvent } from './coverage.ts';
import type { Item } from './dynamodb-expressions.ts';
import { dynamoDbIo } from './dynamodb-io.ts';
import { RAREST_IO_KINDS, type Theme } from './fault-kinds.ts';
import { Faults } from './faults.ts';
import { drawScenario } from './flow-log-scenarios.ts';
import { readItem } from './functions.ts';
import { asPublishedBy, hasKnownFaults } from './known-faults.ts';
import { Accounts } from './loads/accounts.ts';
import { drawLoads, type LoadName } from './loads/load.ts';
import { Refusals } from './loads/refusals.ts';
import { Redrives } from './redrives.ts';
import { ReferenceModel } from './reference-model.ts';
import { Rollout } from './releases.ts';
import { RightEnds } from './right-ends.ts';
import type { Rule, Violate } from './rules.ts';
import { SimulatedDynamoDb } from './simulated-dynamodb.ts';
import { SimulatedEventBridge } from './simulated-eventbridge.ts';
import { SimulatedFlowLog } from './simulated-flow-log.ts';
import { SimulatedSqs, VISIBILITY_TIMEOUT_MS } from './simulated-sqs.ts';
import { SimulatedVolcengine } from './simulated-volcengine.ts';
import { TableWatch } from './table-watch.ts';
import { VirtualTime } from './virtual-time.ts';
import { drawHabits } from './volcengine-habits.ts';
import { Wire } from './wire.ts';

export type Violation = { rule: Rule; detail: string; at: string };

export type ScheduleOptions = {
  trace?: ((line: string) => void) | undefined;
  /** Instead of one that is drawn. */
  theme?: Theme | undefined;
  /** Beside those that are drawn. */
  load?: LoadName | undefined;
  /** Whether the durations are those that are shipped, instead of by chance. */
  shipped?: boolean | undefined;
};

export type Environment = ReturnType<typeof createWorld>;

/** As the guarantees say: of any container, from the true time. */
const CLOCKS_OFF_MS = 5_000;

/** Where nothing goes wrong: two turns of half a minute, and the pause of a poller that has just been refused. */
const SEEN_WITHIN_MS = 180_000;

const SHARE_OF_SHIPPED = 0.12;
/** Of the shipped pending deadline to one that is drawn. */
const SHIPPED_SCALE = 10;
const ANOTHER_STREAM = 0xd00d;
const STREAM_OF_CRASHES = 0xdead;

/** The policy that serverless.yml ships. */
function shippedPolicy(): Policy {
  return policyOf(readSettings(policySettings, {}));
}

/** Durations of the real deployment, but for the deadlines: a day would be mostly silence. */
function drawPolicy(random: SeededRandom): Policy {
  return policyOf({
    callTimeoutMs: 5_000,
    requeueAfterMs: VISIBILITY_TIMEOUT_MS,
    retryBaseMs: 1_000,
    retryCapMs: random.pick([20_000, 120_000]),
    holdMs: random.pick([30_000, 120_000]),
    activationDeadlineMs: random.pick([60_000, 300_000, 300_000, 900_000]),
    pendingDeadlineMs: random.pick([60_000, 180_000, 600_000]),
    replicaLagMs: random.pick([20_000, 60_000]),
    ratePerSecond: random.pick([4, 4, 20]),
    tickMs: random.pick([5_000, 10_000, 20_000]),
  });
}

/** Everything outside the containers: services, clock, chance, and those who watch. */
export function createWorld(
  seed: number,
  coverage: Coverage,
  { trace = () => {}, theme, load, shipped }: ScheduleOptions,
) {
  const random = new SeededRandom(seed);
  const time = new VirtualTime();
  const faults = new Faults(random, coverage, theme);
  const traced = (line: string) => trace(`${time.label} ${line}`);
  const violations: Violation[] = [];
  let listened: readonly Rule[] | undefined;
  const violate: Violate = (rule, detail) => {
    if (listened?.includes(rule) === false) return;
    violations.push({ rule, detail, at: time.label });
    traced(`VIOLATION ${rule}: ${detail}`);
  };

  const dynamodb = new SimulatedDynamoDb(time, random, faults);
  const sqs = new SimulatedSqs(time, random, faults);
  const eventbridge = new SimulatedEventBridge(faults);
  const loads = drawLoads(seed, faults.isCopying ? 'refusals' : load);
  const withRare = (['webhooks out', 'plans'] as const).find((name) => loads.has(name)) ?? 'others';
  faults.aimAlsoAt(RAREST_IO_KINDS[withRare], new SeededRandom(seed ^ STREAM_OF_CRASHES));
  const rollout = new Rollout(seed, loads.has('releases'));
  const isDrawn =
    rollout.release === undefined && new SeededRandom(seed ^ ANOTHER_STREAM).chance(SHARE_OF_SHIPPED);
  const isShipped = shipped ?? isDrawn;
  const drawnPolicy = drawPolicy(random);
  const policy = isShipped ? shippedPolicy() : drawnPolicy;
  // A message comes again when its job counts as lost.
  sqs.visibilityTimeoutMs = policy.requeueAfterMs;
  const scale = isShipped ? SHIPPED_SCALE : 1;
  if (isShipped) coverage.count(happenedName('durations as shipped'));
  const areClocksOff = !faults.isLagging && faults.strike('clocks: up to 5 s off');
  const clocksOffMs = areClocksOff && !hasKnownFaults(rollout.release?.version) ? CLOCKS_OFF_MS : 0;
  // Clocks that differ take their part of what is allowed for.
  const longestLagMs = policy.replicaLagMs - 2 * clocksOffMs;
  const drawn = { ...drawHabits(random, longestLagMs), ...rollout.habits };
  const habits = faults.isLagging ? { ...drawn, lagMs: longestLagMs } : drawn;
  const volcengine = new SimulatedVolcengine(habits, time, random, faults);
  for (let number = random.integer(1, 4); number > 0; number -= 1) {
    volcengine.add(
      new SimulatedFlowLog(`fl-${number}`, drawScenario(random, scale), habits, time, random, faults),
    );
  }

  const accounts = new Accounts(volcengine, violate);
  for (let number = loads.has('accounts') ? random.integer(1, 3) : 0; number > 0; number -= 1) {
    const flowLogId = `fl-${volcengine.flowLogs.size + 1}`;
    volcengine.add(
      new SimulatedFlowLog(flowLogId, drawScenario(random, scale), habits, time, random, faults),
    );
    accounts.settle(flowLogId, random);
  }

  const happened = (what: ScheduledEvent, about = '') => {
    coverage.count(happenedName(what));
    traced(`${what} ${about}`);
  };

  const model = new ReferenceModel(violate, (body) => asPublishedBy(rollout.release?.version, body));
  const cancelsAsked = new Set<string>();
  const rightEnds = new RightEnds({ time, policy, habits, volcengine, cancelsAsked, clocksOffMs });
  const sightsSince = (flowLogId: string, since: number) =>
    volcengine.flowLogs.get(flowLogId)?.sightsSince(since) ?? [];
  const redrives = new Redrives({ time, violate, sightsSince });
  const refusals = new Refusals({ time, violate, tickMs: policy.tickMs, isSane: () => !faults.isOn });
  const watch = new TableWatch({
    time,
    callTimeoutMs: policy.callTimeoutMs,
    clocksOffMs,
    model,
    violate,
    wasActiveSince: (flowLogId, since) =>
      volcengine.flowLogs.get(flowLogId)?.wasActiveSince(since - habits.lagMs) === true,
    faultOfEnd: (ended, lifetime) => rightEnds.faultOf(ended, lifetime),
    onEnd: ({ status, reason }) => coverage.count(endName(reason ?? status)),
    onBatchReopened: (batchId) => happened('batch redriven after its end', batchId),
    redrives,
    refusals,
    readers: [...(rollout.release ? [rollout.release] : []), { version: 'this', readItem }],
    drift: {
      model: model.drifts,
      violate,
      now: () => time.now,
      clocksOffMs,
      sightsSince,
      onBegin: (kind) => happened('drift began', kind),
      onEnd: () => happened('drift ended'),
    },
  });
  dynamodb.onWrite = (item, command, writer) =>
    watch.wrote(item, { kind: dynamoDbIo(command).kind, ...writer });
  sqs.onDeadLetter = (body) => model.deadLetterSent(body);
  eventbridge.onEvent = (detail) => model.published(detail);
  eventbridge.refusalOf = (detail) => refusals.offered(eventIdOf(detail), detail);
  sqs.refusalOf = (body) => refusals.offered(letterIdOf(body), body);
  volcengine.onActive = (flowLogId) => {
    const { activationId, generation } = watch.current.get(flowLogId) ?? {};
    if (faults.isOn || activationId === undefined) return;
    const check = () => {
      const now = watch.current.get(flowLogId);
      const isSame = now?.activationId === activationId && now.generation === generation;
      const isStill = volcengine.flowLogs.get(flowLogId)?.status === 'Active';
      if (!isSame || now.status !== 'pending' || !isStill || accounts.mayBeRefused(flowLogId)) return;
      // Its first worker may have crashed behind the call: the poller asks about it since it is pending.
      const leftMs = (now.pendingAt ?? 0) + SEEN_WITHIN_MS + 2 * clocksOffMs - time.now;
      if (leftMs > 0) time.after(leftMs, check);
      else violate('what is Active is seen soon', `${activationId} ${generation}`);
    };
    time.after(SEEN_WITHIN_MS, check);
  };
  volcengine.onEffect = (flowLogId) => model.activated(flowLogId);
  volcengine.onTask = (flowLogId, taskId) => model.accepted(flowLogId, taskId);
  volcengine.onCall = (flowLogId, clientToken, caller) => {
    watch.called(flowLogId, caller);
    model.called(flowLogId, clientToken);
  };

  const wire = new Wire(time, random, faults, traced);
  wire.onLost = ({ name }) => {
    if (name.startsWith('poller')) rightEnds.pollerFailed();
  };

  return {
    time,
    random,
    faults,
    violations,
    violate,
    /** To no other from now on. */
    listenTo: (rules: readonly Rule[]) => {
      listened = rules;
    },
    dynamodb,
    sqs,
    eventbridge,
    volcengine,
    model,
    watch,
    cancelsAsked,
    loads,
    rollout,
    accounts,
    rightEnds,
    redrives,
    refusals,
    /** Whether the poller would find something. */
    isAnyDue: ({ from, until }: { from: number; until: number }) =>
      [...dynamodb.items.values()].some(({ dueAt }) => {
        const at = Number(dueAt?.N ?? Number.NaN);
        return at > 1 && at >= from && at <= until;
      }),
    /** May wait, as what it waits for is refused. */
    isHeldUp: (item: Item | string) => accounts.isHeldUp(item) || refusals.isHeldUp(item),
    /** Messages that nobody can read, as they were sent. */
    unreadable: [] as string[],
    policy,
    isShipped,
    /** How far the clock of a container that starts is ahead. */
    drawClockMs: () =>
      clocksOffMs === 0
        ? 0
        : random.pick([-clocksOffMs, clocksOffMs, random.integer(-clocksOffMs, clocksOffMs)]),
    wire,
    trace: traced,
    happened,
  };
}

function eventIdOf(detail: string): string {
  return String(JSON.parse(detail).id);
}

function letterIdOf(body: string): string {
  const { activationId, generation } = JSON.parse(body);
  return outboxEventIdOf(activationId, `dead-letter#${generation}`);
}

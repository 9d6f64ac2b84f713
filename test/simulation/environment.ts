import { policyOf } from '../../functions/wiring/workflow.ts';
import { outboxEventIdOf } from '../../lib/activation/model/ids.ts';
import type { Policy } from '../../lib/activation/model/policy.ts';
import type { DuePeriod, Log } from '../../lib/activation/model/ports.ts';
import { SeededRandom } from '../support/fakes/seeded-random.ts';
import type { Host } from '../support/virtual/container-pool.ts';
import { deployedMapping, shippedPolicy } from '../support/virtual/deployed.ts';
import type { Item } from '../support/virtual/dynamodb-expressions.ts';
import { readItem } from '../support/virtual/functions.ts';
import type { Surroundings } from '../support/virtual/outside.ts';
import { DEAD_LETTER_QUEUE } from '../support/virtual/queues.ts';
import { SimulatedDynamoDb } from '../support/virtual/simulated-dynamodb.ts';
import { SimulatedEventBridge } from '../support/virtual/simulated-eventbridge.ts';
import type { SimulatedQueue } from '../support/virtual/simulated-queue.ts';
import { SimulatedSqs } from '../support/virtual/simulated-sqs.ts';
import { SimulatedVolcengine } from '../support/virtual/simulated-volcengine.ts';
import { VirtualTime } from '../support/virtual/virtual-time.ts';
import { type Coverage, endName, happenedName, type ScheduledEvent } from './coverage.ts';
import { credentialsOf } from './credentials.ts';
import { RAREST_IO_KINDS, type Theme } from './fault-kinds.ts';
import { Faults } from './faults.ts';
import { drawScenario } from './flow-log-scenarios.ts';
import { dynamoDbIo, ioOf } from './io.ts';
import { asPublishedBy, hasKnownFaults, isFaulty } from './known-faults.ts';
import { Accounts, signedFor } from './loads/accounts.ts';
import { drawLoads, type LoadName } from './loads/load.ts';
import { Refusals } from './loads/refusals.ts';
import { OperationWatch } from './operation-watch.ts';
import { PauseWatch } from './pause-watch.ts';
import { QuotaWatch } from './quota-watch.ts';
import { Redrives } from './redrives.ts';
import { ReferenceModel } from './reference-model.ts';
import { Rollout } from './releases.ts';
import { RightEnds } from './right-ends.ts';
import type { Rule, Violate } from './rules.ts';
import { TableWatch } from './table-watch.ts';
import { TickWatch } from './tick-watch.ts';
import { drawHabits } from './volcengine-habits.ts';
import { FaultyWire } from './wire.ts';

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

/** Of any container, from the true time. The most is what the guarantees say. */
const CLOCKS_OFF_MS = [2_000, 5_000] as const;

/** Where nothing goes wrong: two turns of half a minute, and the pause of a poller that has just been refused. */
const SEEN_WITHIN_MS = 180_000;

/** Of the work queue, and when a job counts as lost: twice the worker's timeout. */
export const VISIBILITY_TIMEOUT_MS = 60_000;
/** DynamoDB may end a page anywhere. */
const PAGE_SIZES = [1, 3, 200] as const;
const SKEW_MS = 20 * 60_000;
const CALLS_A_SECOND = 2;
const QUIET: Log = { info() {}, warn() {}, error() {} };

const SHARE_OF_SHIPPED = 0.12;
/** Of the shipped pending deadline to one that is drawn. */
const SHIPPED_SCALE = 10;
const ANOTHER_STREAM = 0xd00d;
const STREAM_OF_CRASHES = 0xdead;
const STREAM_OF_CROWDS = 0xc0de;

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
  const withRare =
    (['webhooks out', 'plans', 'operators'] as const).find((name) => loads.has(name)) ?? 'others';
  faults.aimAlsoAt(RAREST_IO_KINDS[withRare], new SeededRandom(seed ^ STREAM_OF_CRASHES));
  const rollout = new Rollout(seed, loads.has('releases'));
  const isDrawn =
    rollout.release === undefined && new SeededRandom(seed ^ ANOTHER_STREAM).chance(SHARE_OF_SHIPPED);
  const isShipped = shipped ?? isDrawn;
  const drawnPolicy = drawPolicy(random);
  const policy = isShipped ? shippedPolicy() : drawnPolicy;
  // A message comes again when its job counts as lost.
  sqs.work.visibilityTimeoutMs = policy.requeueAfterMs;
  const scale = isShipped ? SHIPPED_SCALE : 1;
  if (isShipped) coverage.count(happenedName('durations as shipped'));
  const areClocksOff = !faults.isLagging && faults.strike('clocks: up to 5 s off');
  const mayClocksDiffer = areClocksOff && !hasKnownFaults(rollout.release?.version);
  const clocksOffMs = mayClocksDiffer ? random.pick(CLOCKS_OFF_MS) : 0;
  // Clocks that differ take their part of what is allowed for.
  const longestLagMs = policy.replicaLagMs - 2 * clocksOffMs;
  const drawn = { ...drawHabits(random, longestLagMs), ...rollout.habits };
  const habits = faults.isLagging ? { ...drawn, lagMs: longestLagMs } : drawn;
  const volcengine = new SimulatedVolcengine(habits, time, random, faults);
  if (faults.strike('volcengine: clock off by 20 minutes'))
    volcengine.skewMs = SKEW_MS * random.pick([1, -1]);
  if (faults.strike('volcengine: two calls a second')) volcengine.callsASecond = CALLS_A_SECOND;
  for (let number = random.integer(1, 4); number > 0; number -= 1) {
    volcengine.add(`fl-${number}`, drawScenario(random, scale));
  }

  const accounts = new Accounts(volcengine, violate);
  for (let number = loads.has('accounts') ? random.integer(1, 3) : 0; number > 0; number -= 1) {
    const flowLogId = `fl-${volcengine.flowLogs.size + 1}`;
    volcengine.add(flowLogId, drawScenario(random, scale));
    accounts.settle(flowLogId, random);
  }

  const crowd = new SeededRandom(seed ^ STREAM_OF_CROWDS);
  for (let number = loads.has('crowd') ? crowd.integer(12, 30) : 0; number > 0; number -= 1) {
    volcengine.add(`fl-${volcengine.flowLogs.size + 1}`, drawScenario(crowd, scale));
  }

  const happened = (what: ScheduledEvent, about = '') => {
    coverage.count(happenedName(what));
    traced(`${what} ${about}`);
  };

  const model = new ReferenceModel(violate, (body) => asPublishedBy(rollout.release?.version, body));
  const cancelsAsked = new Set<string>();
  const operations = new OperationWatch({
    violate,
    cancelsAsked,
    onEnd: ({ operationId, refused }) => {
      happened('operation ended', operationId);
      if (refused > 0) happened('operation refused some', operationId);
    },
  });
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
    wasSince: (flowLogId, since, fits) => volcengine.flowLogs.get(flowLogId)?.wasSince(since, fits) === true,
    lagMs: habits.lagMs,
    faultOfEnd: (ended, lifetime) => rightEnds.faultOf(ended, lifetime),
    onEnd: ({ status, reason, desired, activationId }) => {
      coverage.count(endName(reason ?? status));
      if (desired !== undefined && status === 'completed') happened('deactivated', activationId);
    },
    onCurrent: (before, after) => operations.wroteActivation(before, after),
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
  dynamodb.observer = {
    wrote: (before, item, command, writer) => {
      const { kind, about } = dynamoDbIo(command);
      operations.wroteItem(item);
      watch.wrote(item, { kind, ...writer });
      const wasDue = before !== undefined && dueAtOf(before) <= writer.now();
      const isDue = dueAtOf(item) <= writer.now();
      if (isDue && !wasDue && about.startsWith('F#') && kind !== 'archive')
        ticks?.becameDue(`${kind} ${about}`);
    },
  };
  dynamodb.pageSize = () => random.pick(PAGE_SIZES);
  // 0.3.0 asks for the rest after a pause by a real timer, which no seed replays.
  dynamodb.givesParts = ({ name }) => !isFaulty(name);
  sqs.work.choose = chooseBy(random, faults);
  sqs.deadLetters.onSent = (body) => model.deadLetterSent(body);
  eventbridge.onEvent = (detail) => model.published(detail);
  eventbridge.refusalOf = (detail) => refusals.offered(eventIdOf(detail), detail);
  sqs.refusalOf = (url, body) =>
    url === DEAD_LETTER_QUEUE ? refusals.offered(letterIdOf(body), body) : undefined;
  volcengine.onActive = (flowLogId) => {
    const { activationId, generation, desired } = watch.current.get(flowLogId) ?? {};
    if (faults.isOn || activationId === undefined || desired !== undefined) return;
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
  volcengine.onCall = (flowLogId, clientToken, caller, action) => {
    watch.called(flowLogId, caller, action);
    model.called(flowLogId, clientToken);
  };

  const wire = new FaultyWire(time, random, faults, traced);
  wire.isHeldUp = (asked) => dynamodb.isHeldUp(asked);
  wire.onLost = ({ name }) => {
    if (name.startsWith('poller')) rightEnds.pollerFailed();
  };

  /** Whether the poller would find something. */
  const isAnyDue = ({ from, until }: DuePeriod) =>
    [...dynamodb.items.values()].some((item) => {
      const at = dueAtOf(item);
      return at > 1 && at >= from && at <= until;
    });
  // 0.3.0 knows no quota in the table, and its poller no ticks.
  const isThisVersionAlone = rollout.release === undefined;
  const ticks = isThisVersionAlone
    ? new TickWatch({
        time,
        violate,
        clocksOffMs,
        tickMs: policy.tickMs,
        isDueSince: (until) => isAnyDue({ from: 0, until }),
      })
    : undefined;
  const isWithoutSlow = !faults.has('dynamodb: slow') && !faults.has('credentials: slow');
  const quotas =
    isThisVersionAlone && isWithoutSlow
      ? new QuotaWatch({
          time,
          violate,
          clocksOffMs,
          ratePerSecond: policy.ratePerSecond,
          slowestMs: wire.slowestMs,
        })
      : undefined;
  const pauses = isThisVersionAlone && isWithoutSlow ? new PauseWatch({ time, violate }) : undefined;
  const follow: Surroundings['follow'] = (request, caller, answer) => {
    const { kind, about } = ioOf('volcengine', request);
    if (kind === 'ActiveFlowLog') return watch.calling(about, caller, answer);
    const ids = [...new URLSearchParams(request.path).values()];
    const hear = (answered: object) => rightEnds.heard(ids, volcengine.tellingOf(answered));
    if (caller.name.startsWith('poller')) void answer.then(hear, () => {});
    return answer;
  };
  const host = {
    time,
    random,
    policy,
    wire,
    dynamodb,
    sqs,
    eventbridge,
    answer: (request, caller) => accounts.answer(request, (own) => volcengine.answer(own, caller)),
    sending: (request) => {
      quotas?.sent(signedFor(request).account);
      pauses?.sent(signedFor(request).account);
    },
    follow,
    allowsDeactivation: loads.has('deactivations'),
    credentialsOf: (container) => credentialsOf(container, { wire, accounts, time }),
    configuredAccounts: () => accounts.configured(),
    workers: deployedMapping('activate-flow-log').maximumConcurrency,
    log: QUIET,
    metrics: {
      count(name, value = 1) {
        if (name === 'RefusedMessages') refusals.counted(value);
      },
    },
    // What finds nothing is left out, but for faults in it.
    skipsTick: (period, container) => {
      ticks?.began(container);
      return (isShipped || !faults.isOn) && !isAnyDue(period);
    },
    trace: traced,
    drawVersion: () => rollout.draw(),
    drawClockMs: () =>
      clocksOffMs === 0
        ? 0
        : random.pick([-clocksOffMs, clocksOffMs, random.integer(-clocksOffMs, clocksOffMs)]),
    failed: (container, error) => violate('no failure without a fault', `${container}: ${String(error)}`),
  } satisfies Host;

  return {
    ...host,
    wire,
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
    operations,
    pauses,
    refusals,
    ticks,
    isAnyDue,
    /** May wait, as what it waits for is refused. */
    isHeldUp: (item: Item | string) => accounts.isHeldUp(item) || refusals.isHeldUp(item),
    /** Messages that nobody can read, as they were sent. */
    unreadable: [] as string[],
    isShipped,
    happened,
  };
}

/** A few of the visible messages, mostly the oldest. */
export function chooseBy(random: SeededRandom, faults: Pick<Faults, 'strike'>): SimulatedQueue['choose'] {
  return (visible, most) => {
    const oldestFirst = [...visible].sort((a, b) => a.number - b.number);
    const inOrder = oldestFirst.length < 2 || !faults.strike('delivery: out of order');
    return (inOrder ? oldestFirst : random.shuffled(oldestFirst)).slice(0, random.integer(1, most));
  };
}

function dueAtOf({ dueAt }: Item): number {
  return Number(dueAt?.N ?? Number.NaN);
}

function eventIdOf(detail: string): string {
  return String(JSON.parse(detail).id);
}

function letterIdOf(body: string): string {
  const { activationId, generation } = JSON.parse(body);
  return outboxEventIdOf(activationId, `dead-letter#${generation}`);
}

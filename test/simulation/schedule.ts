import { keyOf } from '../support/virtual/table-index.ts';
import { Adversary } from './adversary.ts';
import { checkAtRest, UNREADABLE, whileStepping } from './at-rest.ts';
import { Callers } from './callers.ts';
import type { Coverage } from './coverage.ts';
import { createDeployment, type Deployment } from './deployment.ts';
import { createWorld, type Environment, type ScheduleOptions, type Violation } from './environment.ts';
import { createLoads } from './loads/loads.ts';
import { Redrivers } from './redrivers.ts';
import { WhileRead } from './while-read.ts';

const MINUTE_MS = 60_000;
const AFTER_THE_LATEST_JOB_MS = 20 * MINUTE_MS;
/** A batch is looked at after half its age again. */
const BATCH_FACTOR = 1.5;
/** What is refused for four hours more waits for up to another. */
const LONGEST_REFUSAL_MS = 300 * MINUTE_MS;
const SHIPPED_CHAOS_MS = 30 * MINUTE_MS;
const SETTLE_MS = 1_000;
const VIOLATIONS_ENOUGH = 5;

/**
 * One schedule, drawn from its seed: callers, operators and faults for some minutes, then a sane world until all
 * has come to rest. Answers the violations, in order; the first is the one to look at.
 */
export async function runSchedule(
  seed: number,
  coverage: Coverage,
  options: ScheduleOptions = {},
): Promise<Violation[]> {
  const environment = createWorld(seed, coverage, options);
  const { random, time, violations } = environment;
  const drawnMs = random.integer(2 * MINUTE_MS, 8 * MINUTE_MS);
  // Now and then until the deadlines of what is pending.
  const chaosMs = environment.isShipped && random.chance(0.2) ? drawnMs + SHIPPED_CHAOS_MS : drawnMs;
  const deployment = createDeployment(environment);
  environment.faults.onFault = (what) => environment.trace(what);
  const callers = new Callers(environment, deployment, chaosMs / 2);
  const adversary = new Adversary(environment, deployment, chaosMs);
  const loads = createLoads(environment, deployment, chaosMs / 2);
  const redrivers = new Redrivers(environment, deployment, chaosMs);
  new WhileRead(environment, deployment, redrivers, adversary);
  scheduleAccidents(environment, deployment, chaosMs);
  schedulePoller(environment, deployment);
  scheduleDriftCheck(environment, deployment);
  time.after(chaosMs, () => {
    environment.faults.isOn = false;
    environment.volcengine.callsASecond = Number.POSITIVE_INFINITY;
    environment.eventbridge.exists = true;
    environment.ticks?.faultsEnd();
    environment.trace('FAULTS END');
  });

  const isRunning = () => violations.length < VIOLATIONS_ENOUGH;
  const openUntilMs = chaosMs + AFTER_THE_LATEST_JOB_MS + environment.policy.activationDeadlineMs;
  const restWithin = async (untilMs: number): Promise<boolean> => {
    const all = [callers, redrivers, ...loads];
    while (isRunning() && time.elapsedMs <= untilMs && !isAtRest(environment, deployment, all)) {
      await time.step();
    }
    return isRunning() && time.elapsedMs <= untilMs;
  };
  const settle = async () => {
    const until = time.elapsedMs + openUntilMs * BATCH_FACTOR;
    while (time.elapsedMs < until && !isAtRest(environment, deployment, [])) {
      await time.sleep(SETTLE_MS);
    }
  };
  let untilMs = openUntilMs * BATCH_FACTOR;
  const isOtherwiseAtRest = await restWithin(untilMs);
  const mended = loads.map((load) => load.mend?.());
  if (mended.includes(true) && isRunning()) {
    if (!isOtherwiseAtRest)
      environment.violate('what is refused holds up no other', describeRest(environment));
    untilMs += time.elapsedMs + LONGEST_REFUSAL_MS;
    await restWithin(untilMs);
  }
  for (const { afterRest } of loads) {
    if (afterRest === undefined || !isRunning() || time.elapsedMs > untilMs) continue;
    await whileStepping(environment, afterRest());
    untilMs = time.elapsedMs + openUntilMs * BATCH_FACTOR;
    await restWithin(untilMs);
  }
  if (isRunning() && time.elapsedMs <= untilMs) await checkAtRest(environment, deployment, callers, loads);
  else if (isRunning()) environment.violate('everything ends in bounded time', describeRest(environment));
  for (const { years } of loads) {
    if (years && violations.length === 0) await whileStepping(environment, years(settle));
  }
  deployment.end();
  coverage.endSchedule(time.steps);
  return violations;
}

const BUS_GONE_MS = 120_000;

function scheduleAccidents(
  { random, time, faults, dynamodb, eventbridge, volcengine, sqs, unreadable, happened }: Environment,
  deployment: Deployment,
  chaosMs: number,
): void {
  const sometime = (run: () => void) => time.after(random.integer(0, chaosMs), run);
  if (faults.strike('redeploy')) sometime(() => deployment.redeploy());
  if (faults.strike('table: item of unknown shape')) sometime(() => dynamodb.put(UNREADABLE));
  if (faults.strike('volcengine: permissions taken away')) {
    sometime(() => {
      volcengine.isAccountRefused = true;
      time.after(random.pick([random.integer(MINUTE_MS, chaosMs), chaosMs]), () => {
        volcengine.isAccountRefused = false;
      });
    });
  }
  if (faults.strike('volcengine: access key replaced')) {
    sometime(() => {
      volcengine.accessKeyId = 'AKLTsimulated0002';
    });
  }
  for (const body of ['', '{"activationId":', '{"activationId":"not ours","generation":1}']) {
    if (faults.strike('delivery: unreadable')) {
      sometime(() => {
        unreadable.push(body);
        sqs.work.send(body);
      });
    }
  }
  if (faults.strike('eventbridge: bus missing')) {
    eventbridge.exists = false;
    sometime(() => {
      eventbridge.exists = true;
      happened('bus created late');
    });
    sometime(() => {
      eventbridge.exists = false;
      happened('bus deleted');
      time.after(BUS_GONE_MS, () => {
        eventbridge.exists = true;
      });
    });
  }
}

function schedulePoller(environment: Environment, deployment: Deployment): void {
  const { time, random, faults } = environment;
  const everyMinute = () => {
    time.after(MINUTE_MS, everyMinute);
    if (faults.strike('poller: not invoked')) return;
    void deployment.poll();
    if (faults.strike('poller: overlaps itself')) {
      time.after(random.integer(0, 5_000), () => void deployment.poll());
    }
  };
  time.after(random.integer(0, MINUTE_MS), everyMinute);
}

/** Not once the world is sane: one that waits for its second look at an absent flow log would never let it rest. */
function scheduleDriftCheck({ time, random, faults, isShipped }: Environment, deployment: Deployment): void {
  const drawnMs = random.integer(MINUTE_MS / 4, 2 * MINUTE_MS);
  const everyMs = isShipped ? 60 * MINUTE_MS : drawnMs;
  const check = () => {
    if (!faults.isOn) return;
    time.after(everyMs, check);
    void deployment.checkDrift();
    if (random.chance(0.1)) time.after(random.integer(0, 5_000), () => void deployment.checkDrift());
  };
  time.after(random.integer(0, MINUTE_MS), check);
}

/** No work left in the table, and nothing on its way that could make some. */
function isAtRest(
  { faults, dynamodb, sqs, isHeldUp }: Environment,
  deployment: Deployment,
  loads: { isDone: () => boolean }[],
): boolean {
  return (
    !faults.isOn &&
    loads.every((load) => load.isDone()) &&
    deployment.isIdle() &&
    [...sqs.work.messages.values()].every(({ body }) => isHeldUp(body)) &&
    [...dynamodb.items.values()].every(
      (item) => item.dueAt === undefined || item === UNREADABLE || isHeldUp(item),
    )
  );
}

function describeRest({ dynamodb, sqs }: Environment): string {
  const due = [...dynamodb.items.values()].filter(({ dueAt }) => dueAt !== undefined);
  const items = due.map((item) => `${keyOf(item)} ${item.status?.S ?? ''}`);
  return `${items.join('; ')}; ${sqs.work.messages.size} messages`;
}

import { type Bill, LINES, lambdaUsd, logsUsd, stretchedMs, WORKER } from './bill.ts';
import type { Basis } from './price-list.ts';

/** Of one call to Volcengine in the virtual world, so that their calls take as long as ours. */
const CALL_MS = 50;
/** Of one task that publishes an event. */
const PUBLISH_MS = 10;
const MILLION = 1_000_000;

type Work = { looks: number; waitedMs: number };

/** Waits, then looks, until it is Active. */
function workFor(pendingMs: number, { assumptions }: Basis): Work {
  const waitMs = assumptions.secondsBetweenLooks * 1_000;
  const looks = Math.max(1, Math.ceil(pendingMs / waitMs));
  return { looks, waitedMs: looks * waitMs };
}

/** The mean of what each flow log costs, for a million. */
function perMillion(pendingMs: readonly number[], basis: Basis, billOf: (work: Work) => Bill): Bill {
  const sum: Bill = {};
  for (const ms of pendingMs) {
    for (const [line, usd] of Object.entries(billOf(workFor(ms, basis)))) sum[line] = (sum[line] ?? 0) + usd;
  }
  const each = MILLION / pendingMs.length;
  return Object.fromEntries(Object.entries(sum).map(([line, usd]) => [line, usd * each]));
}

const taskMs = (basis: Basis) => CALL_MS + stretchedMs(basis, basis.cpuMs, WORKER);

/** What is the same of both kinds of state machine: a Lambda for each call, and one event, put by the machine itself. */
function tasks(basis: Basis, { looks }: Work): Bill {
  const calls = 1 + looks;
  return {
    [LINES.lambdaTasks]: lambdaUsd(basis, WORKER, calls, calls * taskMs(basis)),
    [LINES.events]: basis.prices.eventbridge.perMillionCustomEvents / MILLION,
    [LINES.logs]: logsUsd(basis, calls),
  };
}

/** Activate, then wait, look and choose until it is Active, then publish: a transition each. */
export function standardBill(basis: Basis, pendingMs: readonly number[]): Bill {
  return perMillion(pendingMs, basis, (work) => ({
    ...tasks(basis, work),
    [LINES.states]:
      ((2 + 3 * work.looks) / MILLION) * basis.prices.stepFunctions.perMillionStandardTransitions,
  }));
}

/** The same, by requests and by how long it lasts. An execution may last five minutes. */
export function expressBill(basis: Basis, pendingMs: readonly number[]): Bill {
  const { perMillionExpressRequests, perExpressGbSecond, expressMemoryStepMb, expressDurationStepMs } =
    basis.prices.stepFunctions;
  return perMillion(pendingMs, basis, (work) => {
    const lastsMs = work.waitedMs + (1 + work.looks) * taskMs(basis) + PUBLISH_MS;
    const billedMs = Math.ceil(lastsMs / expressDurationStepMs) * expressDurationStepMs;
    return {
      ...tasks(basis, work),
      [LINES.states]: perMillionExpressRequests / MILLION,
      [LINES.statesTime]: (billedMs / 1_000) * (expressMemoryStepMb / 1_024) * perExpressGbSecond,
    };
  });
}

/** One invocation for each flow log, which waits in it. */
export function waitingBill(basis: Basis, pendingMs: readonly number[]): Bill {
  return perMillion(pendingMs, basis, ({ looks, waitedMs }) => {
    const lastsMs = waitedMs + (1 + looks) * taskMs(basis) + PUBLISH_MS;
    return {
      [LINES.lambdaWaiting]: lambdaUsd(basis, WORKER, 1, lastsMs),
      [LINES.events]: basis.prices.eventbridge.perMillionCustomEvents / MILLION,
      [LINES.logs]: logsUsd(basis, 1),
    };
  });
}

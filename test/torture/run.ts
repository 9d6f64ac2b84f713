import { setTimeout as sleep } from 'node:timers/promises';
import { tellFake } from '../support/tell-fake.ts';
import { listBatch, readActivations, readBatch, readFlowLogs, submit } from './client.ts';
import { holdsWithin } from './holds-within.ts';
import { findViolations } from './invariants.ts';
import { type Evidence, emptyLedger, type Ledger } from './ledger.ts';
import { readLeftovers } from './leftovers.ts';
import { type Plan, seedsOf } from './plan.ts';
import { Session } from './session.ts';

export type RunOptions = {
  plan: Plan;
  /** What SIGKILL hits. */
  victim: 'functions' | 'world';
  /** Kept; for the state of the world and its log. */
  dataDir: string;
};

const CALLS_BOUND_MS = 60_000;
const DONE_BOUND_MS = 120_000;
/**
 * From final to told, under faults that do not touch the bus: a few ticks. The end of a batch that no poller has seen
 * coming, because it was killed, is found a minute later, or after half the batch's age.
 */
const TOLD_BOUND_MS = 100_000;
const LOOK_EVERY_MS = 500;
const BATCH_GRACE_MS = 5_000;

/**
 * Carries the plan out, waits until all has ended, and answers what was seen, good or bad.
 * Throws only when the local world does not start or a request is refused.
 */
export async function run({ plan, victim, dataDir }: RunOptions): Promise<Evidence> {
  const ledger = emptyLedger();
  const session = new Session({ dataDir, seed: plan.seed, ledger });
  await session.start();
  try {
    for (const { afterCalls, request, killAfterMs } of plan.steps) {
      await holdsWithin(CALLS_BOUND_MS, () => ledger.calls.length >= afterCalls);
      await tellFake(session.world.description.volcengine, 'flow-logs', seedsOf(request));
      const [answer] = await Promise.all([
        submit(() => session.world.apiUrl, request),
        killAfterMs !== undefined && kill(session, victim, killAfterMs),
      ]);
      ledger.requests.push({ ...request, answer, replays: [] });
      if (killAfterMs !== undefined) await replayAll(session, ledger);
    }
    return await settle(session, plan, ledger);
  } finally {
    await session.stop();
  }
}

async function kill(session: Session, victim: RunOptions['victim'], afterMs: number): Promise<void> {
  await sleep(afterMs);
  await (victim === 'world' ? session.killWorld() : session.killFunctions());
}

async function replayAll(session: Session, ledger: Ledger): Promise<void> {
  for (const request of ledger.requests) {
    request.replays.push(await submit(() => session.world.apiUrl, request));
  }
}

async function settle({ world }: Session, plan: Plan, ledger: Ledger): Promise<Evidence> {
  const { apiUrl, description } = world;
  const batchIds = ledger.requests.map(({ answer }) => answer.batchId);
  const readBatches = () => Promise.all(batchIds.map((batchId) => readBatch(apiUrl, batchId)));
  await holdsWithin(DONE_BOUND_MS, async () => (await readBatches()).every(({ done }) => done));

  const activationIds = new Set(
    ledger.requests.flatMap(({ answer }) => answer.activations.map(({ activationId }) => activationId)),
  );
  const look = async (): Promise<Evidence> => ({
    ...ledger,
    batches: await readBatches(),
    lists: await Promise.all(batchIds.map((batchId) => listBatch(apiUrl, batchId))),
    activations: await readActivations(apiUrl, [...activationIds]),
    flowLogs: await readFlowLogs(description.volcengine),
    leftovers: await readLeftovers(world, BATCH_GRACE_MS),
  });
  let evidence = await look();
  await holdsWithin(TOLD_BOUND_MS, async () => {
    if (findViolations(plan, evidence).length === 0) return true;
    evidence = await look();
    await sleep(LOOK_EVERY_MS);
    return false;
  });
  return evidence;
}

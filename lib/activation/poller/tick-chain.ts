import type { Activation } from '../model/activation.ts';
import type { TickQueue } from '../model/message-ports.ts';
import type { ActivationStore, Checkpoint, CheckpointStore, Clock, Log } from '../model/ports.ts';

/**
 * The name of the checkpoint. Its `cursor` is the time of the planned tick (or NONE), who planned it, and when the last
 * tick began; its `version` is the number of the message.
 */
const NAME = 'poller';
const NONE = 'none';
/** While no tick is planned the schedule ticks, and notes the last tick this often. */
const NOTED_EVERY_MS = 900_000;
/** The shortest delay of SQS. */
const WAKE_AFTER_MS = 1_000;
/** After a tick that found something due, ticks go on for so long: an index lags, and old work is read every 30 s. */
const AWAKE_FOR_MS = 40_000;
/** A planned tick that is so late is lost. */
const LATE_MS = 10_000;
/** A tick that runs longer says so this often, so that it does not count as lost. */
const STILL_RUNS_EVERY_MS = 5_000;
/** No tick is planned later than this. A later time was written by a wrong clock. */
const LONGEST_PAUSE_MS = 60_000;

/** `due`: how much the tick found in the index. `pauseMs`: from the begin of the tick to the next one, if there is one. */
export type TickResult = { due: number; pauseMs: number };

export type TickChain = {
  /** Plans a tick if none is planned. Never throws. */
  wake(): Promise<void>;
  /**
   * Decides whether a tick may run. `numbers` are those of the messages that came; without them the schedule asks.
   * Returns undefined if not: the message is not the latest one, or a tick is planned. Otherwise call the result at the
   * end of the tick: it plans the next one, or none if nothing was due for a while. Throws the errors of the store.
   */
  begin(numbers?: readonly number[]): Promise<((result: TickResult) => Promise<void>) | undefined>;
};

/**
 * The ticks of the poller, each planned by the one before, as a delayed message. The chain does not multiply: only the
 * message with the latest number may tick, and only the first to end a tick plans the next one (a conditional write). A
 * long tick moves its own time on, and its number. It does not end early: the schedule, once a minute, sends the message of
 * a planned tick again, for the time when it would be late. It does not run hot: a message is delayed for a second at least.
 */
export function createTickChain(deps: {
  checkpoints: CheckpointStore;
  ticks: TickQueue;
  now: Clock;
  sleep: (ms: number) => Promise<unknown>;
  /** Returns a new unique id. */
  newId: () => string;
  log: Log;
}): TickChain {
  const { checkpoints, ticks, now, sleep, newId, log } = deps;
  /** When something was due, or the chain began. */
  let dueAt = Number.NEGATIVE_INFINITY;
  let begunAt = Number.NEGATIVE_INFINITY;
  let wokenAt = Number.NEGATIVE_INFINITY;
  let waking: Promise<void> | undefined;

  /** How long until the planned tick. Undefined if none is planned, or it is too late. */
  const plannedInMs = (checkpoint: Checkpoint) => {
    const { nextTickAt } = tickTimesOf(checkpoint);
    if (nextTickAt === undefined) return undefined;
    const inMs = nextTickAt - now();
    return inMs >= -LATE_MS && inMs <= LONGEST_PAUSE_MS ? inMs : undefined;
  };

  /** Writes the time of the next tick, and returns whether it was written, perhaps by a write whose reply was lost. */
  const save = async (previous: Checkpoint, cursor: string) => {
    if (await checkpoints.save(NAME, previous, cursor)) return true;
    const current = await checkpoints.read(NAME);
    return current.cursor === cursor;
  };

  const plan = async (previous: Checkpoint, pauseMs: number, { lastTickAt = 0 } = tickTimesOf(previous)) => {
    const isPlanned = await save(previous, `${now() + pauseMs} ${newId()} ${lastTickAt}`);
    if (isPlanned) await ticks.send(previous.version + 1, pauseMs);
  };

  /** Plans no tick. Notes when this one began, unless one was noted a moment ago. */
  const planNone = async (previous: Checkpoint) => {
    const { nextTickAt, lastTickAt = 0 } = tickTimesOf(previous);
    const isNoted = nextTickAt === undefined && begunAt - lastTickAt < NOTED_EVERY_MS;
    if (!isNoted) await save(previous, `${NONE} ${newId()} ${begunAt}`);
  };

  const logged = async (what: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      // The schedule finds what is due within a minute.
      log.warn(what, { error });
    }
  };

  /** Says that the tick still runs, until `end` is called. That returns the checkpoint as it is then. */
  const keepRunning = (begun: Checkpoint) => {
    const what = 'a long tick could not say that it still runs';
    let latest = begun;
    let isOver = false;
    let saving = Promise.resolve();
    const moveOn = async () => {
      const cursor = `${now()} ${newId()} ${tickTimesOf(latest).lastTickAt ?? 0}`;
      if (await save(latest, cursor)) latest = { cursor, version: latest.version + 1 };
      else isOver = true;
    };
    const keep = async () => {
      for (;;) {
        await sleep(STILL_RUNS_EVERY_MS);
        if (isOver) return;
        saving = logged(what, moveOn);
        await saving;
      }
    };
    void logged(what, keep);
    return async () => {
      isOver = true;
      await saving;
      return latest;
    };
  };

  return {
    async wake() {
      if (now() - wokenAt < WAKE_AFTER_MS) return;
      waking ??= logged('the poller could not be woken', async () => {
        const checkpoint = await checkpoints.read(NAME);
        if (plannedInMs(checkpoint) === undefined) await plan(checkpoint, WAKE_AFTER_MS);
        wokenAt = now();
      }).finally(() => {
        waking = undefined;
      });
      await waking;
    },

    async begin(numbers) {
      const checkpoint = await checkpoints.read(NAME);
      const inMs = plannedInMs(checkpoint);
      if (numbers ? !numbers.includes(checkpoint.version) : inMs !== undefined) {
        if (inMs !== undefined && !numbers) await ticks.send(checkpoint.version, inMs + LATE_MS);
        return undefined;
      }
      if (numbers && now() - begunAt > AWAKE_FOR_MS) dueAt = now();
      begunAt = now();
      const end = keepRunning(checkpoint);
      return async ({ due, pauseMs }) => {
        const latest = await end();
        if (due > 0) dueAt = now();
        const leftMs = Math.max(WAKE_AFTER_MS, pauseMs - (now() - begunAt));
        await logged('the next tick could not be planned', async () => {
          if (now() - dueAt < AWAKE_FOR_MS) await plan(latest, leftMs, { lastTickAt: begunAt });
          else await planNone(latest);
        });
      };
    },
  };
}

/** In ms since the epoch. */
export type TickTimes = { lastTickAt?: number; nextTickAt?: number };

export async function readTickTimes(checkpoints: CheckpointStore): Promise<TickTimes> {
  return tickTimesOf(await checkpoints.read(NAME));
}

/** Version 0.5 noted no last tick, and an absent cursor for no plan. */
function tickTimesOf({ cursor = NONE }: Checkpoint): TickTimes {
  const [planned = NONE, , ticked] = cursor.split(' ');
  const [nextTickAt, lastTickAt] = [Number(planned), Number(ticked)];
  return {
    ...(Number.isFinite(nextTickAt) && { nextTickAt }),
    ...(Number.isFinite(lastTickAt) && lastTickAt > 0 && { lastTickAt }),
  };
}

/** Wakes the poller after each write that makes an activation due. */
export function wakingStore(store: ActivationStore, { wake }: TickChain, now: Clock): ActivationStore {
  const wakeIf = async (isWritten: boolean, { dueAt = Number.POSITIVE_INFINITY }: Activation) => {
    if (isWritten && dueAt <= now()) await wake();
    return isWritten;
  };
  return {
    ...store,
    transition: async (previous, next) => wakeIf(await store.transition(previous, next), next),
    recordOutcome: async (leased, next) => wakeIf(await store.recordOutcome(leased, next), next),
  };
}

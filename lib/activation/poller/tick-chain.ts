import type { Activation } from '../model/activation.ts';
import type { TickQueue } from '../model/message-ports.ts';
import type { ActivationStore, Checkpoint, CheckpointStore, Clock, Log } from '../model/ports.ts';

/**
 * The name of the checkpoint. Its `cursor` is the time of the planned tick, and who planned it; its `version` is the
 * number of the message.
 */
const NAME = 'poller';
/** The shortest delay of SQS. */
const WAKE_AFTER_MS = 1_000;
/** After a tick that found something due, ticks go on for so long: an index lags, and old work is read every 30 s. */
const AWAKE_FOR_MS = 40_000;
/** A planned tick that is so late is lost, or still runs. */
const LATE_MS = 10_000;
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
 * message with the latest number may tick, and only the first to end a tick plans the next one (a conditional write). It
 * does not end early: the schedule, once a minute, sends the message of a planned tick again, for the time when it would
 * be late. It does not run hot: a message is delayed for a second at least.
 */
export function createTickChain(deps: {
  checkpoints: CheckpointStore;
  ticks: TickQueue;
  now: Clock;
  /** Returns a new unique id. */
  newId: () => string;
  log: Log;
}): TickChain {
  const { checkpoints, ticks, now, newId, log } = deps;
  /** When something was due, or the chain began. */
  let dueAt = Number.NEGATIVE_INFINITY;
  let begunAt = Number.NEGATIVE_INFINITY;
  let wokenAt = Number.NEGATIVE_INFINITY;
  let waking: Promise<void> | undefined;

  /** How long until the planned tick. Undefined if none is planned, or it is too late. */
  const plannedInMs = ({ cursor }: Checkpoint) => {
    if (cursor === undefined) return undefined;
    const inMs = Number.parseFloat(cursor) - now();
    return inMs >= -LATE_MS && inMs <= LONGEST_PAUSE_MS ? inMs : undefined;
  };

  /** Writes the time of the next tick, and returns whether it was written, perhaps by a write whose reply was lost. */
  const save = async (previous: Checkpoint, cursor: string | undefined) => {
    if (await checkpoints.save(NAME, previous, cursor)) return true;
    const current = await checkpoints.read(NAME);
    return cursor !== undefined && current.cursor === cursor;
  };

  const plan = async (previous: Checkpoint, pauseMs: number) => {
    const isPlanned = await save(previous, `${now() + pauseMs} ${newId()}`);
    if (isPlanned) await ticks.send(previous.version + 1, pauseMs);
  };

  const logged = async (what: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      // The schedule finds what is due within a minute.
      log.warn(what, { error });
    }
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
      return async ({ due, pauseMs }) => {
        if (due > 0) dueAt = now();
        const leftMs = Math.max(WAKE_AFTER_MS, pauseMs - (now() - begunAt));
        await logged('the next tick could not be planned', async () => {
          if (now() - dueAt < AWAKE_FOR_MS) await plan(checkpoint, leftMs);
          else if (checkpoint.cursor !== undefined) await save(checkpoint, undefined);
        });
      };
    },
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

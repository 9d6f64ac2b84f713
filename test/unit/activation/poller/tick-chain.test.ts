import { beforeEach, describe, expect, test } from 'vitest';
import { accept } from '../../../../lib/activation/model/transitions.ts';
import {
  createTickChain,
  readTickTimes,
  type TickChain,
  wakingStore,
} from '../../../../lib/activation/poller/tick-chain.ts';
import { anActivation, policy, START } from '../../../support/fakes/activations.ts';
import { InMemoryActivationStore } from '../../../support/fakes/in-memory-activation-store.ts';
import { InMemoryCheckpointStore } from '../../../support/fakes/in-memory-checkpoint-store.ts';
import { RecordingLog } from '../../../support/fakes/ports.ts';
import { SeededRandom } from '../../../support/fakes/seeded-random.ts';

let now: number;
let checkpoints: InMemoryCheckpointStore;
let sent: { number: number; delayMs: number }[];
let log: RecordingLog;
/** What sleeps, to be woken by `pass`. */
let sleeping: { until: number; wake: () => void }[];
let ids = 0;
const newId = () => `container-${++ids}`;

const container = (clockAheadMs = 0): TickChain =>
  createTickChain({
    checkpoints,
    ticks: {
      async send(number, delayMs) {
        sent.push({ number, delayMs });
      },
    },
    now: () => now + clockAheadMs,
    sleep: sleepUntilPassed,
    newId,
    log,
  });

const sleepUntilPassed = (ms: number) =>
  new Promise<void>((wake) => {
    sleeping.push({ until: now + ms, wake });
  });

/** Lets time pass, in steps of a second. */
async function pass(ms: number): Promise<void> {
  for (const end = now + ms; now < end; ) {
    now += 1_000;
    const due = sleeping.filter(({ until }) => until <= now);
    sleeping = sleeping.filter((one) => !due.includes(one));
    for (const { wake } of due) wake();
    await new Promise(setImmediate);
  }
}

beforeEach(() => {
  sleeping = [];
  now = START;
  checkpoints = new InMemoryCheckpointStore();
  sent = [];
  log = new RecordingLog();
});

const busy = { due: 3, pauseMs: 1_000 };
const idle = { due: 0, pauseMs: 5_000 };
/** Runs a tick if it may run. Returns whether it did. */
async function tick(chain: TickChain, numbers?: number[], result = busy): Promise<boolean> {
  const planNext = await chain.begin(numbers);
  await planNext?.(result);
  return planNext !== undefined;
}
const latest = () => sent.at(-1)?.number ?? 0;

describe('a chain', () => {
  test('is begun by a write that makes something due, and only once', async () => {
    await container().wake();
    await container().wake();
    expect(sent).toEqual([{ number: 1, delayMs: 1_000 }]);
  });

  test('many writes of one container at once read once', async () => {
    await container().wake();
    let reads = 0;
    const read = checkpoints.read.bind(checkpoints);
    checkpoints.read = (name) => {
      reads += 1;
      return read(name);
    };
    const chain = container();
    await Promise.all(Array.from({ length: 10 }, () => chain.wake()));
    expect(reads).toBe(1);
    await chain.wake();
    expect(reads).toBe(1);
    expect(sent).toHaveLength(1);
  });

  test('is begun by the schedule if something is due', async () => {
    expect(await tick(container(), undefined, idle)).toBe(true);
    expect(sent).toEqual([]);
    expect(await tick(container(), undefined, busy)).toBe(true);
    expect(sent).toEqual([{ number: 2, delayMs: 1_000 }]);
  });

  test('says when it ticked and will tick, and while it sleeps notes that once in 15 minutes', async () => {
    const chain = container();
    const times = () => readTickTimes(checkpoints);
    expect(await times()).toEqual({});
    await chain.wake();
    expect(await times()).toEqual({ nextTickAt: START + 1_000 });
    now += 1_000;
    await tick(chain, [latest()], { due: 1, pauseMs: 5_000 });
    expect(await times()).toEqual({ lastTickAt: START + 1_000, nextTickAt: START + 6_000 });
    now += 40_000;
    await tick(chain, [latest()], idle);
    const asleepAt = now;
    expect(await times()).toEqual({ lastTickAt: asleepAt });
    const { version } = await checkpoints.read('poller');
    for (now += 60_000; now < asleepAt + 900_000; now += 60_000) await tick(container(), undefined, idle);
    expect(await checkpoints.read('poller')).toMatchObject({ version });
    await tick(container(), undefined, idle);
    expect(await times()).toEqual({ lastTickAt: now });
    await container().wake();
    expect(await times()).toEqual({ lastTickAt: now, nextTickAt: now + 1_000 });
  });

  test('goes on with the pause that each tick asks for', async () => {
    const chain = container();
    await chain.wake();
    await tick(chain, [latest()], { due: 1, pauseMs: 5_000 });
    await tick(chain, [latest()], busy);
    expect(sent.map(({ delayMs }) => delayMs)).toEqual([1_000, 5_000, 1_000]);
  });

  test('the pause is from the begin of a tick to the next one, and the delay a second at least', async () => {
    const chain = container();
    await chain.wake();
    for (const tookMs of [1_200, 4_000, 7_000]) {
      const planNext = await chain.begin([latest()]);
      now += tookMs;
      await planNext?.({ due: 1, pauseMs: 5_000 });
    }
    expect(sent.map(({ delayMs }) => delayMs)).toEqual([1_000, 3_800, 1_000, 1_000]);
  });

  test('ends when nothing was due for 40 s, and a later write begins it again', async () => {
    const chain = container();
    await chain.wake();
    await tick(chain, [latest()]);
    for (; now < START + 40_000; now += 5_000) expect(await tick(chain, [latest()], idle)).toBe(true);
    const planned = sent.length;
    await tick(chain, [latest()], idle);
    expect(sent).toHaveLength(planned);
    now += 3_600_000;
    await container().wake();
    expect(sent).toHaveLength(planned + 1);
    // The index may lag: the first tick may find nothing.
    await tick(chain, [latest()], idle);
    expect(sent).toHaveLength(planned + 2);
  });
});

describe('a tick longer than a planned one may be late', () => {
  test('keeps the schedule, writes and its own message from a second tick, then plans the next one', async () => {
    const chain = container();
    await chain.wake();
    const planNext = await chain.begin([1]);
    for (let second = 0; second < 40; second += 8) {
      await pass(8_000);
      expect(await tick(container())).toBe(false);
      expect(await tick(container(), [1])).toBe(false);
      await container().wake();
    }
    await planNext?.(busy);
    expect(await tick(container())).toBe(false);
    expect(sent.at(-1)).toMatchObject({ number: (await checkpoints.read('poller')).version });
    const { version } = await checkpoints.read('poller');
    await pass(10_000);
    expect((await checkpoints.read('poller')).version).toBe(version);
  });

  test('dies: the message that the schedule has sent again ticks, or the schedule does', async () => {
    const chain = container();
    await chain.wake();
    await chain.begin([1]);
    await pass(12_000);
    expect(await tick(container())).toBe(false);
    const resent = latest();
    sleeping = [];
    await pass(16_000);
    expect(await tick(container(), [resent])).toBe(true);
  });

  test('another one has taken its place: it says no more that it runs, and plans nothing', async () => {
    const chain = container();
    await chain.wake();
    const planNext = await chain.begin([1]);
    now += 15_001;
    expect(await tick(container())).toBe(true);
    const { version } = await checkpoints.read('poller');
    await pass(10_000);
    await planNext?.(busy);
    expect((await checkpoints.read('poller')).version).toBe(version);
    expect(latest()).toBe(version);
  });

  test('the table is down: logged, and the tick goes on', async () => {
    const chain = container();
    await chain.wake();
    const planNext = await chain.begin([1]);
    const save = checkpoints.save.bind(checkpoints);
    checkpoints.save = () => Promise.reject(new Error('table down'));
    await pass(5_000);
    checkpoints.save = save;
    expect(log.lines.map(({ message }) => message)).toEqual(['a long tick could not say that it still runs']);
    await planNext?.(busy);
    expect(latest()).toBe(2);
  });
});

describe('messages', () => {
  test('delivered twice, late, or of another chain: no tick', async () => {
    const chain = container();
    await chain.wake();
    expect(await tick(chain, [1])).toBe(true);
    expect(await tick(chain, [1])).toBe(false);
    expect(await tick(chain, [7])).toBe(false);
    expect(await tick(chain, [])).toBe(false);
    expect(sent).toHaveLength(2);
  });

  test('delivered twice at once: both tick, one plans the next', async () => {
    await container().wake();
    const [one, other] = [container(), container()];
    const planning = await Promise.all([one.begin([1]), other.begin([1])]);
    for (const planNext of planning) await planNext?.(busy);
    expect(sent.map(({ number }) => number)).toEqual([1, 2]);
  });

  test('lost: the schedule sends the message again, for the time when its tick would be late', async () => {
    const chain = container();
    await chain.wake();
    await tick(chain, [1], { due: 1, pauseMs: 5_000 });
    now += 2_000;
    expect(await tick(container())).toBe(false);
    expect(sent.at(-1)).toEqual({ number: 2, delayMs: 13_000 });
    now += 13_000;
    expect(await tick(container(), [2])).toBe(true);
    expect(await tick(container(), [2])).toBe(false);
  });

  test('lost, and late already: the schedule ticks', async () => {
    const chain = container();
    await chain.wake();
    await tick(chain, [1], { due: 1, pauseMs: 5_000 });
    now += 15_001;
    expect(await tick(container())).toBe(true);
    expect(await tick(chain, [2])).toBe(false);
    expect(await tick(chain, [3])).toBe(true);
  });

  test('not sent: logged, and the schedule goes on', async () => {
    const chain = createTickChain({
      checkpoints,
      ticks: { send: () => Promise.reject(new Error('queue down')) },
      now: () => now,
      sleep: sleepUntilPassed,
      newId,
      log,
    });
    await chain.wake();
    expect(log.lines.map(({ message }) => message)).toEqual(['the poller could not be woken']);
    now += 60_000;
    expect(await tick(container())).toBe(true);
  });
});

describe('the table', () => {
  test('a write whose reply was lost is recognised', async () => {
    const save = checkpoints.save.bind(checkpoints);
    checkpoints.save = async (...given) => {
      await save(...given);
      return false;
    };
    await container().wake();
    expect(sent).toEqual([{ number: 1, delayMs: 1_000 }]);
  });

  test('a write of another container while a tick runs: the tick plans nothing', async () => {
    const planNext = await container().begin();
    await container().wake();
    await planNext?.(busy);
    expect(sent).toHaveLength(1);
  });

  test('that cannot be read: a tick throws, a write goes on', async () => {
    checkpoints.read = () => Promise.reject(new Error('table down'));
    await expect(container().begin([1])).rejects.toThrow('table down');
    await container().wake();
    expect(log.lines).toHaveLength(1);
  });
});

test('a clock that is an hour ahead does not stop the chain for an hour', async () => {
  const liar = container(3_600_000);
  await liar.wake();
  expect(await tick(container(), [latest()])).toBe(true);
  await tick(liar, [latest()]);
  // Its message is lost.
  now += 60_000;
  expect(await tick(container())).toBe(true);
});

test('the store of those who write wakes the poller after writes that make something due, and after no others', async () => {
  const store = new InMemoryActivationStore();
  const ports = Object.fromEntries(
    (['open', 'transition', 'recordOutcome', 'readActivation'] as const).map((name) => [
      name,
      store[name].bind(store),
    ]),
  ) as unknown as InMemoryActivationStore;
  const waking = wakingStore(ports, container(), () => now);
  const queued = anActivation();
  await waking.open(queued);
  await waking.transition(queued, { ...queued, updatedAt: now });
  expect(sent).toEqual([]);
  const read = await store.readActivation(queued.activationId);
  if (read === undefined) throw new Error('the activation is gone');
  await waking.transition({ ...read, version: 7 }, accept(read, 'req-1', now, policy));
  expect(sent).toEqual([]);
  await waking.transition(read, accept(read, 'req-1', now, policy));
  expect(sent).toHaveLength(1);
});

/**
 * A queue that delivers twice, late, or never, containers whose clocks differ by up to two seconds and that stop in the
 * middle of a tick, a schedule once a minute, and a table that refuses some writes after it has made them.
 */
test.each(Array.from({ length: 40 }, (_, seed) => seed + 1))(
  'whatever happens, ticks are neither too many nor too few (seed %i)',
  async (seed) => {
    const random = new SeededRandom(seed);
    const save = checkpoints.save.bind(checkpoints);
    checkpoints.save = async (...given) => {
      const saved = await save(...given);
      return saved && !random.chance(0.05);
    };
    const pool = [-2_000, -500, 700, 2_000].map(container);
    const anyContainer = () => random.pick(pool) ?? container();
    const queue: { at: number; number: number }[] = [];
    const tickedAt: number[] = [];
    let seen = 0;
    const deliverSent = () => {
      for (const { number, delayMs } of sent.slice(seen)) {
        const times = random.chance(0.1) ? 0 : random.chance(0.2) ? 3 : 1;
        for (let time = 0; time < times; time += 1) {
          const lateMs = random.chance(0.1) ? random.integer(0, 90_000) : random.integer(0, 300);
          queue.push({ at: now + delayMs + lateMs, number });
        }
      }
      seen = sent.length;
    };
    const due = { from: START + 120_000, until: START + 900_000 };
    for (; now < START + 1_500_000; now += 100) {
      const isDue = now >= due.from && now < due.until;
      const run = async (numbers?: number[]) => {
        const planNext = await anyContainer().begin(numbers);
        if (planNext === undefined) return;
        tickedAt.push(now);
        if (!random.chance(0.03)) await planNext({ due: isDue ? 1 : 0, pauseMs: 1_000 });
      };
      if (now === due.from) await anyContainer().wake();
      if ((now - START) % 60_000 === 0) await run();
      const visible = queue.filter(({ at }) => at <= now);
      for (const message of visible) {
        queue.splice(queue.indexOf(message), 1);
        await run([message.number]);
      }
      deliverSent();
    }
    const whileDue = tickedAt.filter((at) => at >= due.from && at < due.until);
    // A message a second at most, and one more after each that was lost or came twice at once.
    expect(whileDue.length).toBeLessThan(1.2 * 780);
    const gaps = whileDue.map((at, index) => at - (whileDue[index - 1] ?? due.from));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(75_000);
    const idleTicks = tickedAt.filter((at) => at > due.until + 110_000);
    expect(idleTicks.length).toBeLessThanOrEqual(9);
    expect(tickedAt.filter((at) => at < due.from).length).toBeLessThanOrEqual(2);
  },
);

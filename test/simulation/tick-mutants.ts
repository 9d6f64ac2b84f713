import type { Mutant } from './mutant.ts';

const CHAIN = 'lib/activation/poller/tick-chain.ts';

/** Mistakes in the chain of ticks. */
export const TICK_MUTANTS: readonly Mutant[] = [
  {
    name: 'the number of a message not compared',
    file: CHAIN,
    original: 'if (numbers ? !numbers.includes(checkpoint.version) : inMs !== undefined) {',
    mutated: 'if (!numbers && inMs !== undefined) {',
    caughtBy: ['ticks do not multiply', 'the poller sleeps while nothing is due'],
  },
  {
    name: 'the next tick without a delay',
    file: 'lib/aws/sqs-tick-queue.ts',
    original: 'DelaySeconds: delaySeconds(delayMs)',
    mutated: 'DelaySeconds: delaySeconds(Math.min(0, delayMs))',
    caughtBy: ['ticks do not multiply'],
  },
  {
    name: 'the schedule waits for a tick that is lost',
    file: CHAIN,
    original: 'if (numbers ? !numbers.includes(checkpoint.version) : inMs !== undefined) {',
    mutated: 'if (numbers ? !numbers.includes(checkpoint.version) : checkpoint.cursor !== undefined) {',
    caughtBy: ['a tick follows what is due', 'what is Active is seen soon'],
  },
  {
    name: 'the poller falls asleep beside what is due',
    file: CHAIN,
    original: 'const AWAKE_FOR_MS = 40_000;',
    mutated: 'const AWAKE_FOR_MS = 0;',
    caughtBy: ['a tick follows what is due'],
  },
  {
    name: 'the poller never falls asleep',
    file: CHAIN,
    original: 'if (now() - dueAt < AWAKE_FOR_MS) await plan(latest, leftMs, { lastTickAt: begunAt });',
    mutated:
      'if (now() - dueAt < AWAKE_FOR_MS || due === 0) await plan(latest, leftMs, { lastTickAt: begunAt });',
    caughtBy: ['the poller sleeps while nothing is due'],
  },
  {
    name: "the worker's outcome wakes nobody",
    file: CHAIN,
    original: 'recordOutcome: async (leased, next) => wakeIf(await store.recordOutcome(leased, next), next),',
    mutated: '',
    caughtBy: ['a tick follows what is due'],
  },
  {
    name: 'other writes that make something due wake nobody',
    file: CHAIN,
    original: 'transition: async (previous, next) => wakeIf(await store.transition(previous, next), next),',
    mutated: '',
    caughtBy: ['a tick follows what is due'],
  },
  {
    name: 'a container wakes the poller only once',
    file: CHAIN,
    original: 'if (now() - wokenAt < WAKE_AFTER_MS) return;',
    mutated: 'if (wokenAt > 0) return;',
    caughtBy: ['a tick follows what is due'],
  },
  {
    name: 'a message is sent for the tick before',
    file: CHAIN,
    original: 'if (isPlanned) await ticks.send(previous.version + 1, pauseMs);',
    mutated: 'if (isPlanned) await ticks.send(previous.version, pauseMs);',
    caughtBy: ['a tick follows what is due'],
  },
];

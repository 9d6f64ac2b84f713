import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BREAKAGES } from './breakages.ts';
import { redeliveries } from './invariants/messages.ts';
import { findViolations } from './invariants.ts';
import { makePlan } from './plan.ts';
import { run } from './run.ts';
import { goodEvidence, smallPlan } from './sample-evidence.ts';

const SEED = 20_260_102;
const CI_SIZE = { flowLogs: 60, requests: 4, kills: 1 };

describe('the verdict', () => {
  test('is good when all is as planned, duplicates of an event included', () => {
    const evidence = goodEvidence();
    expect(findViolations(smallPlan, evidence)).toEqual([]);
    const [event] = evidence.events;
    const again = { ...evidence, events: [...evidence.events, ...(event ? [event] : [])] };
    expect(findViolations(smallPlan, again)).toEqual([]);
    expect(redeliveries(again.events)).toBe(1);
  });

  test.each(BREAKAGES)('finds %s', (_what, kind, change) => {
    const evidence = goodEvidence();
    const kinds = findViolations(smallPlan, { ...evidence, ...change(evidence) }).map((found) => found.kind);
    expect(kinds).toContain(kind);
  });

  test('excuses only what ended before the whole world was killed', () => {
    const evidence = { ...goodEvidence(), events: [], batchEvents: [], deadLetters: [] };
    expect(findViolations(smallPlan, evidence)).not.toEqual([]);
    expect(findViolations(smallPlan, { ...evidence, worldKilledAt: [10_000] })).toEqual([]);
    expect(findViolations(smallPlan, { ...evidence, worldKilledAt: [3] })).not.toEqual([]);
  });
});

/** The runs have bounds of their own, and tell more when they end by them. */
const TIMEOUT_MS = 240_000;

describe.concurrent('nothing is lost and nothing done twice under faults of every kind', () => {
  test.each(['functions', 'world'] as const)(
    'and a SIGKILL of the %s',
    async (victim) => {
      const dataDir = await mkdtemp(join(tmpdir(), 'flow-log-activator-torture-'));
      try {
        const plan = makePlan(SEED, CI_SIZE);
        const evidence = await run({ plan, victim, dataDir });
        expect(findViolations(plan, evidence)).toEqual([]);
        expect(evidence.functionKills + evidence.worldKilledAt.length).toBe(CI_SIZE.kills);
        expect([...evidence.faults.values()].filter((strikes) => strikes > 0).length).toBeGreaterThan(8);
      } finally {
        await rm(dataDir, { recursive: true, force: true });
      }
    },
    TIMEOUT_MS,
  );
});

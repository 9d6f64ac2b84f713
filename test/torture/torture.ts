import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findViolations } from './invariants.ts';
import { makePlan, type PlanSize } from './plan.ts';
import { reportOf } from './report.ts';
import { run } from './run.ts';

const LATEST_SEED = 2 ** 31 - 1;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    'flow-logs': { type: 'string', default: '300' },
    requests: { type: 'string', default: '6' },
  },
});

const seed = numberOf('seed', values.seed ?? String(Math.floor(Math.random() * 1_000_000)), 0, LATEST_SEED);
const size = {
  flowLogs: numberOf('flow-logs', values['flow-logs'], 25, 10_000),
  requests: numberOf('requests', values.requests, 4, 100),
};

/** As on AWS a crash of one's code leaves the queues alone; a laptop that is switched off does not. */
const RUNS: { title: string; victim: 'functions' | 'world'; kills: number }[] = [
  { title: 'Functions killed while the cloud lives', victim: 'functions', kills: 3 },
  { title: 'Everything killed at once', victim: 'world', kills: 1 },
];

const startedAt = Date.now();
console.log(`seed ${seed}: every kind of fault in a tenth of the calls that are left to it\n`);
for (const { title, victim, kills } of RUNS) {
  await torture(title, victim, { ...size, kills });
}
console.log(`${((Date.now() - startedAt) / 1_000).toFixed(1)} s in all`);

async function torture(title: string, victim: 'functions' | 'world', planSize: PlanSize): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'flow-log-activator-torture-'));
  const plan = makePlan(seed, planSize);
  const begunAt = Date.now();
  const evidence = await run({ plan, victim, dataDir });
  const violations = findViolations(plan, evidence);
  console.log(`${reportOf({ title, plan, evidence, violations, tookMs: Date.now() - begunAt })}\n`);
  if (violations.length === 0) {
    await rm(dataDir, { recursive: true, force: true });
    return;
  }
  process.exitCode = 1;
  console.log(`  state and log: ${dataDir}\n  again: npm run torture -- --seed ${seed}\n`);
}

function numberOf(name: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  console.error(`--${name} must be a whole number from ${min} to ${max}`);
  process.exit(2);
}

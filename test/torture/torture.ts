import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCommandLine } from '../../clients/terminal/command-line.ts';
import { printable } from '../../clients/terminal/printable.ts';
import { integer } from '../../clients/terminal/program.ts';
import { endInterrupted, onStopSignal } from '../../local/stop-signals.ts';
import { findViolations } from './invariants.ts';
import { makePlan, type PlanSize } from './plan.ts';
import { reportOf } from './report.ts';
import { run } from './run.ts';

const { values } = readCommandLine({
  command: 'npm run torture',
  about: `Activates flow logs in a local world whose real processes are killed with SIGKILL, while a tenth of the calls meet
a fault, and judges from outside what came of it. Exits with 1 for a violation, and says how to run it again.`,
  options: {
    seed: integer({
      help: 'the same seed draws the same plan',
      from: 0,
      to: 2 ** 31 - 1,
      fallback: Math.floor(Math.random() * 1_000_000),
      byDefault: 'drawn, and printed',
    }),
    'flow-logs': integer({ help: 'how many', from: 25, to: 10_000, fallback: 300 }),
    requests: integer({ help: 'how many ask for them', from: 4, to: 100, fallback: 6 }),
  },
  examples: ['--seed 1', '--flow-logs 50 --requests 4'],
});
const { seed } = values;
const size = { flowLogs: values['flow-logs'], requests: values.requests };

/** As on AWS a crash of one's code leaves the queues alone; a laptop that is switched off does not. */
const RUNS: { title: string; victim: 'functions' | 'world'; kills: number }[] = [
  { title: 'Functions killed while the cloud lives', victim: 'functions', kills: 3 },
  { title: 'Everything killed at once', victim: 'world', kills: 1 },
];

let running: string | undefined;
onStopSignal((signal) => endInterrupted(signal, running));

const startedAt = Date.now();
console.log(`seed ${seed}: every kind of fault in a tenth of the calls that are left to it\n`);
for (const { title, victim, kills } of RUNS) {
  await torture(title, victim, { ...size, kills });
}
console.log(`${((Date.now() - startedAt) / 1_000).toFixed(1)} s in all`);

async function torture(title: string, victim: 'functions' | 'world', planSize: PlanSize): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'flow-log-activator-torture-'));
  running = dataDir;
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
  console.log(`  state and log: ${printable(dataDir)}`);
  console.log(
    `  again: npm run torture -- --seed ${seed} --flow-logs ${size.flowLogs} --requests ${size.requests}\n`,
  );
}

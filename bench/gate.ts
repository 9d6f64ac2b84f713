import { readCommandLine } from '../clients/terminal/command-line.ts';
import { ourCalls } from './calls/calls.ts';
import { measureClients } from './client/client.ts';
import { growth } from './growth/growth.ts';
import type { Bench } from './harness/bench.ts';
import { cpuUsPerOperation, type Measured, ratio } from './harness/statistics.ts';
import { figure, formatTable, withSpread } from './harness/table.ts';
import { measureSigning, signingFigures } from './signing/signing.ts';
import { TARGETS } from './targets.ts';
import { worker } from './worker/worker.ts';

readCommandLine({
  command: 'npm run bench:gate',
  about: `The figures that do not depend on the machine, with small sizes, in about a minute: ratios of two contenders measured in
turns, and counts; never a time. Exits with 1 when one has become much worse than its target.`,
  examples: [''],
});

/**
 * By how much a target may be missed. Counts are exact. CPU comes out differently on a busy machine and in short runs,
 * but what these are there to notice (a key derived with every call, a second parse, a log line too many) costs more.
 */
const SLACK: Record<string, number> = {
  'signing/ActiveFlowLog/sdk-core': 2,
  'signing/ActiveFlowLog/openapi': 2,
  'client/cpu/limit/0ms/10': 1.4,
  'worker/cpu': 1.3,
  // A record that a busy machine reads late takes its token with a write of its own.
  'worker/calls': 1.01,
  'calls/lifted/ours': 1.02,
  'calls/limited/ours': 1.02,
  'calls/active/ours': 1.02,
  'growth/calls': 1,
  'growth/dynamodb': 1,
  'growth/sqs': 1,
};

const say = (text: string) => console.error(text);

const PARTS: (() => Promise<Record<string, Measured>>)[] = [
  async () => {
    const sizes = { warmUpMs: 100, measureMs: 250, callsASecond: 10 };
    return signingFigures('ActiveFlowLog', await measureSigning('ActiveFlowLog', 3, sizes));
  },
  async () => {
    const setting = { latencyMs: 0, concurrency: 10 };
    const durations = { warmUpMs: 300, warmUpCalls: 0, measureMs: 400 };
    const samplesOf = await measureClients(setting, 3, durations, ['ours', 'limit']);
    const cpus = (contender: 'ours' | 'limit') => samplesOf(contender).map(cpuUsPerOperation);
    return { 'client/cpu/limit/0ms/10': ratio(cpus('ours'), cpus('limit')) };
  },
  () => figuresOf(worker, 3, { warmUpMs: 600, measureMs: 700 }),
  ourCalls,
  () => figuresOf(growth, 1, { largest: 1_000, wireLargest: 0, tickLargest: 0, warmUp: 0 }),
];

async function figuresOf(bench: Bench, rounds: number, sizes: Record<string, number>) {
  return (await bench.run({ rounds, quick: false, sizes, say })).figures;
}

const figures: Record<string, Measured> = {};
for (const part of PARTS) Object.assign(figures, await part());

const rows = Object.entries(SLACK).map(([name, slack]) => {
  const target = TARGETS.find((candidate) => candidate.figure === name);
  const measured = figures[name];
  if (target === undefined || measured === undefined) throw new Error(`the gate has no figure ${name}`);
  const limit = 'atMost' in target ? target.atMost * slack : target.atLeast / slack;
  const holds = 'atMost' in target ? measured.median <= limit : measured.median >= limit;
  const sign = 'atMost' in target ? '≤' : '≥';
  return [
    name,
    `${sign} ${figure(limit)}`,
    `${withSpread(measured)} ${target.unit}`,
    holds ? 'holds' : 'FAILS',
  ];
});
console.log(formatTable({ title: 'Gate', columns: ['figure', 'limit', 'measured', 'verdict'], rows }));
if (rows.some(([, , , verdict]) => verdict !== 'holds')) process.exitCode = 1;

import { setImmediate as afterIo, setTimeout as sleep } from 'node:timers/promises';
import { watchPeak } from './memory-peak.ts';
import { type Surface, shown, type Verdict, Violation, type ViolationKind } from './surface.ts';

export type Finding = {
  kind: 'crash' | 'unhandled rejection' | 'slow' | 'memory' | 'hang' | ViolationKind;
  index: number;
  seed: number;
  message: string;
  input: string;
};

export type SurfaceReport = {
  surface: string;
  inputs: number;
  accepted: number;
  refused: number;
  /** How many of each kind; `findings` holds the first of them. */
  violations: Map<Finding['kind'], number>;
  findings: Finding[];
  /** By the clock on the wall, which other processes slow down; the limit is one of CPU time. */
  slowest: { ms: number; index: number };
  /** By how much resident memory rose during one input. */
  hungriest: { bytes: number; index: number };
};

export type RunOptions = {
  inputs: number;
  seed: number;
  /** Index of the first input: a finding is replayed alone with its own. */
  from?: number;
  onInput?: (index: number) => void;
};

/** Half of what a function has in all. */
const MAX_BYTES = 256 * 1024 * 1024;
const MEASURED: ReadonlySet<Finding['kind']> = new Set(['slow', 'memory', 'hang', 'unhandled rejection']);
const HANG_MS = 60_000;
const FINDINGS_LIMIT = 100;

/** Tries inputs `from`, `from + 1`, …; each depends on the seed and its index only. */
export async function runSurface(surface: Surface, options: RunOptions): Promise<SurfaceReport> {
  const { inputs, seed, from = 0, onInput } = options;
  const report: SurfaceReport = {
    surface: surface.name,
    inputs: 0,
    accepted: 0,
    refused: 0,
    violations: new Map(),
    findings: [],
    slowest: { ms: 0, index: from },
    hungriest: { bytes: 0, index: from },
  };
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', onUnhandled);
  const close = await surface.open();

  const tryOne = async (index: number) => {
    onInput?.(index);
    const inputSeed = seedOf(seed, index);
    const { input, probe } = surface.draw(inputSeed);
    const note = (kind: Finding['kind'], message: string) => {
      report.violations.set(kind, (report.violations.get(kind) ?? 0) + 1);
      if (report.findings.length >= FINDINGS_LIMIT) return;
      report.findings.push({ kind, index, seed: inputSeed, message, input: shown(input) });
    };
    const alone = surface.atOnce === 1;
    const peak = watchPeak();
    const cpuBefore = cpuMs();
    const startedAt = performance.now();
    try {
      report[await withinLimit(probe())] += 1;
    } catch (error) {
      note(kindOf(error), error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    const ms = performance.now() - startedAt;
    const boundedMs = alone ? cpuMs() - cpuBefore : ms;
    const bytes = peak();
    report.inputs += 1;
    if (ms > report.slowest.ms) report.slowest = { ms, index };
    if (bytes > report.hungriest.bytes) report.hungriest = { bytes, index };
    if (boundedMs > surface.maxMs) note('slow', `${Math.round(boundedMs)} ms, allowed are ${surface.maxMs}`);
    if (bytes > MAX_BYTES) note('memory', `${bytes} bytes, allowed are ${MAX_BYTES}`);
    // Node tells of an unhandled rejection once the microtasks are done.
    await afterIo();
    for (const reason of unhandled.splice(0)) note('unhandled rejection', String(reason));
  };

  try {
    const indexes = Array.from({ length: inputs }, (_, offset) => from + offset).values();
    const lane = async () => {
      for (const index of indexes) await tryOne(index);
    };
    await Promise.all(Array.from({ length: surface.atOnce }, lane));
  } finally {
    await close();
    process.off('unhandledRejection', onUnhandled);
  }
  return report;
}

/** Different for every index, and for every seed; 32 bits, as fast-check takes them. */
function seedOf(seed: number, index: number): number {
  return (Math.imul(seed, 0x9e3779b1) + Math.imul(index + 1, 0x85ebca6b)) | 0;
}

/** The smallest input found that fails as the finding's did, as text; what was measured is not repeated. */
export async function shrink(surface: Surface, finding: Finding): Promise<string> {
  if (MEASURED.has(finding.kind)) return finding.input;
  const close = await surface.open();
  try {
    return await surface.shrink(finding.seed, (probe) => failsLike(finding, probe));
  } finally {
    await close();
  }
}

/** Whether a probe still shows the same kind of finding, for shrinking. */
async function failsLike(finding: Finding, probe: () => Promise<Verdict>): Promise<boolean> {
  try {
    await withinLimit(probe());
    return false;
  } catch (error) {
    return kindOf(error) === finding.kind;
  }
}

class Hang extends Error {
  override name = 'Hang';
}

function kindOf(error: unknown): Finding['kind'] {
  if (error instanceof Violation) return error.kind;
  return error instanceof Hang ? 'hang' : 'crash';
}

async function withinLimit(verdict: Promise<Verdict>): Promise<Verdict> {
  const limit = new AbortController();
  const hang = sleep(HANG_MS, undefined, { signal: limit.signal }).then(() => {
    throw new Hang(`not settled within ${HANG_MS} ms`);
  });
  hang.catch(() => {});
  try {
    return await Promise.race([verdict, hang]);
  } finally {
    limit.abort();
  }
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

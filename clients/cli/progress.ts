import type { Activation, BatchEnd } from '../http/client.ts';
import { clip } from '../terminal/layout.ts';
import { liveLines } from '../terminal/live-lines.ts';
import { causeOf, countsOf, STATUS_STYLES, stateOf } from './describe.ts';
import { type Output, type Row, tableLines } from './output.ts';

/** Which rows are shown first when not all fit. */
const INTEREST = { failed: 0, pending: 1, queued: 2, completed: 3 } as const;
const BAR_COLUMNS = 20;
const ROUND_MS = 250;

export type Progress = {
  show(activation: Activation): void;
  /** Draws the last state. */
  end(): void;
};

/** Shows how the activations of a batch go on: a table that is redrawn, or a line for each change. */
export function createProgress(out: Output, startedAt = Date.now()): Progress {
  if (out.isJson) return { show: () => undefined, end: () => undefined };
  return out.isLive ? liveProgress(out, startedAt) : lineProgress(out, startedAt);
}

function lineProgress(out: Output, startedAt: number): Progress {
  const shown = new Map<string, string>();
  return {
    show(activation) {
      const state = [stateOf(activation), causeOf(activation)].filter(Boolean).join(': ');
      if (shown.get(activation.activationId) === state) return;
      shown.set(activation.activationId, state);
      out.print(`${seconds(startedAt).padStart(7)}  ${activation.flowLogId}  ${state}`);
    },
    end: () => undefined,
  };
}

function liveProgress(out: Output, startedAt: number): Progress {
  const seen = new Map<string, Activation>();
  const draw = liveLines(out.terminal);
  const redraw = () => {
    if (seen.size > 0) draw(tableOf(out, [...seen.values()], startedAt));
  };
  // Also between two changes: the seconds go on.
  const clock = setInterval(redraw, ROUND_MS);
  clock.unref();
  return {
    show: (activation) => void seen.set(activation.activationId, activation),
    end() {
      clearInterval(clock);
      redraw();
    },
  };
}

/** A bar and as many rows as the terminal has. Every line fits. */
function tableOf(out: Output, activations: Activation[], startedAt: number): string[] {
  const { rows: height = 24, columns = 80 } = out.terminal;
  // The bar, the blank line, the heads, the line of the others, and the line of the cursor.
  const room = Math.max(1, height - 5);
  const shown =
    activations.length <= room
      ? activations
      : activations.toSorted((a, b) => INTEREST[a.status] - INTEREST[b.status]).slice(0, room);
  const others = activations.filter((activation) => !shown.includes(activation));
  const rows = shown.map(
    (activation): Row => ({
      cells: [activation.flowLogId, stateOf(activation), causeOf(activation)],
      styles: { 1: STATUS_STYLES[activation.status] },
    }),
  );
  const counts = countsOf(others.map(({ status }) => status));
  return [
    barOf(out, activations, startedAt, columns),
    '',
    ...tableLines(out, ['flow log', 'state', 'cause'], rows),
    ...(others.length === 0
      ? []
      : [out.paint('gray', clip(`… and ${others.length} more: ${counts}`, columns))]),
  ];
}

function barOf(out: Output, activations: Activation[], startedAt: number, columns: number): string {
  const total = activations.length;
  const part = (status: Activation['status']) => activations.filter((one) => one.status === status).length;
  const cellsOf = (count: number) => Math.floor((count / total) * BAR_COLUMNS);
  const [done, failed] = [part('completed'), part('failed')];
  const rest = BAR_COLUMNS - cellsOf(done) - cellsOf(failed);
  const bar = `${out.paint('green', '█'.repeat(cellsOf(done)))}${out.paint('red', '█'.repeat(cellsOf(failed)))}${'░'.repeat(rest)}`;
  const goal = activations[0]?.desired ?? 'Active';
  const counts = `${done} of ${total} ${goal}, ${failed} failed, ${part('pending')} pending, ${part('queued')} queued`;
  return `${bar} ${clip(`${counts}  ${seconds(startedAt)}`, columns - BAR_COLUMNS - 1)}`;
}

function seconds(startedAt: number): string {
  return `${((Date.now() - startedAt) / 1_000).toFixed(1)} s`;
}

/** The result of a wait in one sentence. */
export function endSentence({ outcome, activations }: BatchEnd): string {
  const counts = countsOf(
    activations.map(({ status, held, desired = 'Active' }) =>
      status === 'completed' ? desired : held ? 'on hold' : status,
    ),
  );
  return outcome === 'timed-out' ? `Not in time: ${counts}.` : `${counts}.`;
}

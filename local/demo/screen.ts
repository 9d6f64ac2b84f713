import { styleText } from 'node:util';
import type { Fate } from './fates.ts';
import { finalEventOf, type Sight } from './verdict.ts';

export type Screen = {
  /** Shows where everything stands: a table that updates, or a line for each change. */
  show(sights: ReadonlyMap<string, Sight>): void;
};

const COLORS = { queued: 'gray', pending: 'yellow', completed: 'green', failed: 'red' } as const;

export function createScreen(fates: Fate[], startedAt: number, terminal: NodeJS.WriteStream): Screen {
  return terminal.isTTY ? liveTable(fates, startedAt, terminal) : changeLines(fates, startedAt);
}

function liveTable(fates: Fate[], startedAt: number, terminal: NodeJS.WriteStream): Screen {
  let drawn = 0;
  return {
    show(sights) {
      const lines = fates.map((fate) => row(fate, sights.get(fate.flowLogId)));
      const all = [...lines, '', `  ${styleText('gray', `${seconds(startedAt)} s`)}`];
      const back = drawn > 0 ? `\u001b[${drawn}A` : '';
      terminal.write(`${back}${all.map((line) => `\u001b[2K${line}\n`).join('')}`);
      drawn = all.length;
    },
  };
}

function changeLines(fates: Fate[], startedAt: number): Screen {
  const shown = new Map<string, string>();
  return {
    show(sights) {
      for (const { flowLogId } of fates) {
        const state = stateOf(sights.get(flowLogId));
        if (shown.get(flowLogId) === state) continue;
        shown.set(flowLogId, state);
        console.log(`${seconds(startedAt).padStart(5)} s  ${flowLogId.padEnd(16)} ${state}`);
      }
    },
  };
}

function row({ flowLogId, story }: Fate, sight: Sight | undefined): string {
  const status = sight?.activation?.status ?? 'queued';
  const state = styleText(COLORS[status], stateOf(sight).padEnd(24));
  return `  ${flowLogId.padEnd(16)} ${state} ${styleText('gray', story)}`;
}

function stateOf(sight: Sight | undefined): string {
  const { status = 'queued', reason, attempts = 0, adopted } = sight?.activation ?? {};
  const detail = reason ?? (adopted ? 'adopted' : undefined);
  const calls = attempts > 1 ? `, call ${attempts}` : '';
  return `${status}${detail ? ` (${detail})` : ''}${calls}`;
}

/** One line a flow log: its end, its event, and what was wrong with it. */
export function finalLine({ flowLogId }: Fate, sight: Sight, wrong: string[]): string {
  const mark = wrong.length === 0 ? styleText('green', '✓') : styleText('red', '✗');
  const { id = 'no event' } = finalEventOf(sight) ?? {};
  const line = `${mark} ${flowLogId.padEnd(16)} ${stateOf(sight).padEnd(26)} ${id}`;
  return [line, ...wrong.map((difference) => `    ${styleText('red', difference)}`)].join('\n');
}

function seconds(startedAt: number): string {
  return ((Date.now() - startedAt) / 1000).toFixed(1);
}

import { styleText } from 'node:util';
import stringWidth from 'string-width';
import { clip, pad, wrap } from '../../clients/terminal/layout.ts';
import { isLive, liveLines, type Terminal } from '../../clients/terminal/live-lines.ts';
import type { Scenario } from './scenarios.ts';
import { finalEventOf, type Sight } from './verdict.ts';

export type Screen = {
  /** Shows where everything stands: a table that updates, or a line for each change. */
  show(sights: ReadonlyMap<string, Sight>): void;
};

type Style = Parameters<typeof styleText>[0];

const COLORS = { queued: 'gray', pending: 'yellow', completed: 'green', failed: 'red' } as const;
const ID_COLUMNS = 16;
const STATE_COLUMNS = 24;
/** A shorter part of a story is of no use. */
const LEAST_STORY_COLUMNS = 15;

/** Shows a table if the terminal can redraw it in place. A log, a dumb terminal or a CI gets one line per change. */
export function createScreen(
  scenarios: Scenario[],
  startedAt: number,
  terminal: Terminal,
  env: Record<string, string | undefined>,
): Screen {
  const lines = changeLines(scenarios, startedAt, terminal);
  return isLive(terminal, env) ? liveTable(scenarios, startedAt, terminal, lines) : lines;
}

function liveTable(scenarios: Scenario[], startedAt: number, terminal: Terminal, lines: Screen): Screen {
  const height = scenarios.length + 2;
  const draw = liveLines(terminal);
  return {
    show(sights) {
      const { columns = 80, rows = 24 } = terminal;
      // Lines that have scrolled away cannot be redrawn.
      if (rows <= height) return lines.show(sights);
      const table = scenarios.map((scenario) =>
        row(scenario, sights.get(scenario.flowLogId), columns - 1, terminal),
      );
      draw([...table, '', paint(terminal, 'gray', `  ${seconds(startedAt)} s`)]);
    },
  };
}

function changeLines(scenarios: Scenario[], startedAt: number, terminal: Terminal): Screen {
  const shown = new Map<string, string>();
  return {
    show(sights) {
      for (const { flowLogId } of scenarios) {
        const state = stateOf(sights.get(flowLogId));
        if (shown.get(flowLogId) === state) continue;
        shown.set(flowLogId, state);
        terminal.write(`${seconds(startedAt).padStart(5)} s  ${pad(flowLogId, ID_COLUMNS)} ${state}\n`);
      }
    },
  };
}

/** Always one line. If the terminal is too narrow, the story is cut or left out first, then the state. */
function row(
  { flowLogId, story }: Scenario,
  sight: Sight | undefined,
  columns: number,
  terminal: Terminal,
): string {
  const { status = 'queued' } = sight?.activation ?? {};
  const cells: [Style | undefined, string][] = [
    [undefined, `  ${pad(flowLogId, ID_COLUMNS)} `],
    [COLORS[status], pad(stateOf(sight), STATE_COLUMNS)],
    ['gray', ` ${story}`],
  ];
  if (columns < ID_COLUMNS + STATE_COLUMNS + LEAST_STORY_COLUMNS) cells.pop();
  let left = columns;
  return cells
    .map(([style, text]) => {
      const cell = clip(text, left);
      left -= stringWidth(cell);
      return style === undefined ? cell : paint(terminal, style, cell);
    })
    .join('');
}

function stateOf(sight: Sight | undefined): string {
  const { status = 'queued', reason, attempts = 0, adopted } = sight?.activation ?? {};
  const detail = reason ?? (adopted ? 'adopted' : undefined);
  const calls = attempts > 1 ? `, call ${attempts}` : '';
  return `${status}${detail ? ` (${detail})` : ''}${calls}`;
}

/**
 * Returns how each flow log ended, its event, and what was wrong. On a narrow terminal each event has a line of its
 * own.
 */
export function finalLines(
  ends: { scenario: Scenario; sight: Sight; wrong: string[] }[],
  terminal: Terminal,
): string[] {
  const { isTTY, columns = 80 } = terminal;
  const rows = ends.map(({ scenario: { flowLogId }, sight, wrong }) => ({
    mark: wrong.length === 0 ? paint(terminal, 'green', '✓') : paint(terminal, 'red', '✗'),
    head: `${pad(flowLogId, ID_COLUMNS)} ${pad(stateOf(sight), STATE_COLUMNS + 2)}`,
    id: finalEventOf(sight)?.id ?? 'no event',
    wrong,
  }));
  const fits = !isTTY || rows.every(({ head, id }) => stringWidth(`✓ ${head} ${id}`) <= columns);
  return rows.flatMap(({ mark, head, id, wrong }) => {
    // Not broken if possible, so that it can be copied.
    const indent = ' '.repeat(Math.min(2, Math.max(0, columns - stringWidth(id))));
    const lines = fits ? [`${mark} ${head} ${id}`] : [`${mark} ${head.trimEnd()}`, indent + id];
    return [...lines, ...wrong.map((difference) => `    ${paint(terminal, 'red', difference)}`)];
  });
}

/** Formats a text for reading. In a terminal, it is broken between words. */
export function prose(text: string, terminal: Terminal): string {
  return terminal.isTTY ? wrap(text, terminal.columns || 80) : text;
}

/** Plain text if the terminal has no colours, or NO_COLOR is set. */
function paint(terminal: Terminal, style: Style, text: string): string {
  return styleText(style, text, { stream: terminal });
}

function seconds(startedAt: number): string {
  return ((Date.now() - startedAt) / 1000).toFixed(1);
}

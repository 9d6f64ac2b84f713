import type { Activation } from '../http/client.ts';
import { groupBy } from '../terminal/group-by.ts';
import { printable } from '../terminal/printable.ts';
import { type Output, type Row, tableLines } from './output.ts';

export const STATUS_STYLES = {
  queued: 'gray',
  pending: 'yellow',
  completed: 'green',
  failed: 'red',
} as const;

/**
 * The state in a few words, such as `queued, call 3`, `held` or `failed (frozen)`. Of a deactivation:
 * `completed → Inactive`.
 */
export function stateOf({ status, reason, attempts, adopted, held, desired }: Activation): string {
  const goal = desired === undefined ? '' : ` → ${desired}`;
  if (held !== undefined) return `held${goal}`;
  const detail = reason ?? (adopted ? 'adopted' : undefined);
  const calls = attempts > 1 && status !== 'failed' ? `, call ${attempts}` : '';
  return `${status}${detail === undefined ? '' : ` (${detail})`}${calls}${goal}`;
}

/** Why it is where it is: what it waits for, or how the latest call ended. */
export function causeOf(
  { status, held, nextAttemptAt, lastError, drift }: Activation,
  now = Date.now(),
): string {
  if (status === 'completed') {
    return drift === undefined || drift.endedAt !== undefined ? '' : `drifted: ${printable(drift.kind)}`;
  }
  const cause = held?.code ?? lastError?.code;
  const next = status === 'queued' && nextAttemptAt !== undefined ? nextTime(nextAttemptAt, now) : undefined;
  return [cause && printable(cause), next].filter(Boolean).join(', ');
}

function nextTime(at: string, now: number): string | undefined {
  const ms = Date.parse(at) - now;
  return ms > 1_000 ? `next call in ${shortTime(ms)}` : undefined;
}

/** A time in one unit, such as 42s, 7m or 3d. */
export function shortTime(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)}h` : `${Math.round(seconds / 86_400)}d`;
}

/** A table of activations, one row each. Piped, each row ends in the activation's id. */
export function activationTable(out: Output, activations: Activation[], now = Date.now()): string[] {
  const isPiped = !out.terminal.isTTY;
  const heads = ['flow log', 'state', 'account', 'region', 'asked', isPiped ? 'activation' : 'cause'];
  const rows = activations.map(
    (activation): Row => ({
      cells: [
        activation.flowLogId,
        stateOf(activation),
        activation.account,
        activation.region,
        `${shortTime(now - Date.parse(activation.createdAt))} ago`,
        isPiped ? activation.activationId : causeOf(activation, now),
      ],
      styles: { 1: STATUS_STYLES[activation.status] },
    }),
  );
  return tableLines(out, heads, rows);
}

/** Everything of one activation: what it is, and its way from the request to the published event. */
export function activationLines(out: Output, activation: Activation, now = Date.now()): string[] {
  const {
    account,
    region,
    createdAt,
    requestedBy = 'unknown',
    source,
    metadata,
    published = [],
  } = activation;
  const facts: [string, string | undefined][] = [
    ['activation', activation.activationId],
    ['account', `${account}, ${region}`],
    ['asked', `${createdAt} by ${printable(requestedBy)} (${printable(source)})`],
    ['metadata', pairsOf(metadata)],
    ['batches', activation.batchIds.join(', ')],
    ['held since', activation.held && `${activation.held.since}: ${printable(activation.held.code)}`],
    ['cause', causeOf(activation, now) || undefined],
    ['said', activation.lastError && printable(activation.lastError.message)],
    ['task', activation.asyncTaskId],
    ['fails at', activation.finishedAt === undefined ? activation.deadlineAt : undefined],
  ];
  const steps = [
    ...activation.history.map(({ at, event, attempt, code, by }) => ({
      at,
      what: [event, attempt > 0 && `call ${attempt}`, code, by && `by ${by}`].filter(Boolean).join(', '),
    })),
    ...published.map(({ at, event }) => ({ at, what: `published: ${event}` })),
  ].sort((a, b) => a.at.localeCompare(b.at));
  return [
    `${out.paint('bold', activation.flowLogId)}  ${out.paint(STATUS_STYLES[activation.status], stateOf(activation))}`,
    ...facts.flatMap(([name, fact]) =>
      fact === undefined ? [] : `  ${out.paint('gray', name.padEnd(10))}  ${fact}`,
    ),
    '',
    ...steps.map(({ at, what }) => `  ${out.paint('gray', at)}  ${printable(what)}`),
  ];
}

function pairsOf(metadata: Record<string, string> | undefined): string | undefined {
  const pairs = Object.entries(metadata ?? {});
  return pairs.length === 0
    ? undefined
    : pairs.map(([key, value]) => printable(`${key}=${value}`)).join(', ');
}

export function flowLogs(count: number): string {
  return count === 1 ? '1 flow log' : `${count} flow logs`;
}

/** How many there are of each, most first, such as "97 completed, 3 failed". */
export function countsOf(words: string[]): string {
  const groups = [...groupBy(words, (word) => word)].sort(([, a], [, b]) => b.length - a.length);
  return groups.map(([word, { length }]) => `${length} ${word}`).join(', ');
}

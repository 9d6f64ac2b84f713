import { styleText } from 'node:util';
import * as v from 'valibot';
import { printable, printableLines } from '../../clients/terminal/printable.ts';
import type { LogLevel, LogRecord } from './log-record.ts';

/** The fields that a structured logger repeats on every line, and a trace. A person at a terminal does not need them. */
const REPEATED_FIELDS = new Set([
  'service',
  'cold_start',
  'function_arn',
  'function_memory_size',
  'function_name',
  'function_request_id',
  'sampling_rate',
  'xray_trace_id',
  'correlation_id',
  'traceparent',
]);

/** Long, and much the same from line to line: they come last. Those before another one are parts of it. */
const IDS = [
  'callerRequestId',
  'webhookId',
  'flowLogId',
  'batchId',
  'activationId',
  'eventId',
  'activationIds',
];

const SerialisedError = v.looseObject({ name: v.string(), message: v.string() });

const COLORS = {
  TRACE: 'gray',
  DEBUG: 'gray',
  INFO: 'cyan',
  WARN: 'yellow',
  ERROR: 'red',
  METRIC: 'gray',
} as const satisfies Record<LogLevel, string>;

/**
 * Formats a record for people: local time, source, level, message, fields, and no character that a terminal obeys.
 * Returns undefined for a record that only machines need.
 */
export function formatForTerminal(record: LogRecord): string | undefined {
  if (record.level === 'METRIC') return undefined;
  const { level, message, source } = record;
  const time = new Date(record.time).toTimeString().slice(0, 8);
  const { trace, ...others } = record.fields;
  const fields = idsLast(others)
    .filter(([name]) => !REPEATED_FIELDS.has(name))
    .map(([name, value]) => `${styleText('gray', `${printable(name)}=`)}${printable(formatValue(value))}`);
  const head = `${styleText('gray', time)} ${printable(source).padEnd(20)} ${styleText(COLORS[level], level.padEnd(5))}`;
  // The first line of a trace repeats the message.
  const stack = Array.isArray(trace)
    ? trace.slice(1).map((line) => `\n${styleText('gray', `    ${printable(String(line))}`)}`)
    : [];
  return [head, printableLines(message), ...fields].join(' ') + stack.join('');
}

/** Without an id that is a part of a later one. */
function idsLast(fields: Record<string, unknown>): [string, unknown][] {
  const all = Object.entries(fields);
  const ids = IDS.flatMap((name) =>
    fields[name] === undefined ? [] : [[name, fields[name]] as [string, unknown]],
  );
  const isPart = (id: unknown, index: number) =>
    ids.slice(index + 1).some(([, later]) => JSON.stringify(later).includes(String(id)));
  return [
    ...all.filter(([name]) => !IDS.includes(name)),
    ...ids.filter(([, id], index) => !isPart(id, index)),
  ];
}

/** Formats a record, metrics too, as one JSON object. `from` is its source, because `source` may be a field. */
export function formatAsJson({ time, level, source, message, fields }: LogRecord): string {
  return printable(JSON.stringify({ ...fields, time, level, from: source, message }));
}

function formatValue(value: unknown): string {
  if (typeof value === 'string' && !/\s/.test(value)) return value;
  const error = v.safeParse(SerialisedError, value);
  if (error.success) return `${error.output.name}: ${error.output.message}`;
  return JSON.stringify(value) ?? String(value);
}

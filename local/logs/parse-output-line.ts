import * as v from 'valibot';
import type { LogLevel, LogRecord } from './log-record.ts';

const LEVELS: Record<string, LogLevel> = {
  trace: 'TRACE',
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARN',
  warning: 'WARN',
  error: 'ERROR',
  critical: 'ERROR',
  fatal: 'ERROR',
};

/** Parses a line that a function wrote: a structured log or a metric. Any other line is a message. */
export function parseOutputLine(line: string, source: string, now: string): LogRecord {
  const parsed = parseObject(line);
  if (!parsed) return { time: now, level: 'INFO', source, message: line, fields: {} };
  if ('_aws' in parsed) {
    return { time: now, level: 'METRIC', source, message: 'metrics', fields: metricValues(parsed) };
  }
  const { level, message, timestamp, ...fields } = parsed;
  return {
    time: typeof timestamp === 'string' ? timestamp : now,
    level: LEVELS[String(level).toLowerCase()] ?? 'INFO',
    source,
    message: typeof message === 'string' ? message : JSON.stringify(message ?? ''),
    fields,
  };
}

const Metrics = v.looseObject({
  _aws: v.object({
    CloudWatchMetrics: v.array(v.object({ Metrics: v.array(v.object({ Name: v.string() })) })),
  }),
});

/** The metrics of an embedded-metric-format line, without the envelope. */
function metricValues(line: Record<string, unknown>): Record<string, unknown> {
  const parsed = v.safeParse(Metrics, line);
  if (!parsed.success) return line;
  const names = parsed.output._aws.CloudWatchMetrics.flatMap(({ Metrics: metrics }) =>
    metrics.map(({ Name }) => Name),
  );
  return Object.fromEntries(names.map((name) => [name, line[name]]));
}

function parseObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

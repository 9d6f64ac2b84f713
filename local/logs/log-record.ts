import * as v from 'valibot';

/** One thing that happened in the local world. `METRIC` is an embedded-metric-format line. */
export const LogRecordSchema = v.object({
  time: v.string(),
  level: v.picklist(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'METRIC']),
  /** A function by its key, or `cloud`, `functions`, `local`. */
  source: v.string(),
  message: v.string(),
  fields: v.record(v.string(), v.unknown()),
});

export type LogRecord = v.InferOutput<typeof LogRecordSchema>;

export type LogLevel = LogRecord['level'];

/** Where records go. */
export type LogSink = (record: LogRecord) => void;

export type SourceLog = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;

/** A sink for one source. It adds the time. */
export function sourceLog(sink: LogSink, source: string): SourceLog {
  return (level, message, fields = {}) =>
    sink({ time: new Date().toISOString(), level, source, message, fields });
}

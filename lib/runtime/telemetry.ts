import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';

/** Powertools reserves these keys and drops their values. */
type ReservedKey = 'level' | 'message' | 'sampling_rate' | 'service' | 'timestamp';
type Fields = Record<string, unknown> & Partial<Record<ReservedKey, never>>;

/** Without what is the same in every line of a log group: a log is paid by its bytes. */
class ShortLines extends LogFormatter {
  override formatAttributes(
    { logLevel: level, message, timestamp }: UnformattedAttributes,
    fields: LogAttributes,
  ): LogItem {
    const attributes = { level, message, timestamp: this.formatTimestamp(timestamp) };
    return new LogItem({ attributes }).addAttributes(fields);
  }
}

/** Writes JSON lines to standard output. Callers pass single fields, never whole objects. */
const logger = new Logger({ logFormatter: new ShortLines() });
const metrics = new Metrics();

export const log = {
  info: (message: string, fields: Fields = {}) => logger.info(message, fields),
  warn: (message: string, fields: Fields = {}) => logger.warn(message, fields),
  error: (message: string, fields: Fields = {}) => logger.error(message, fields),
};

/** Fields that each later line of the invocation has. */
export const logKeys = { add: (fields: Fields) => logger.appendKeys(fields) };

/** Collects counts. `flush` writes them as one CloudWatch embedded-metric line. */
export const counters = {
  count: (name: string, value = 1): void => void metrics.addMetric(name, MetricUnit.Count, value),
  flush: () => {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  },
};

/**
 * Middy middleware: adds Lambda's request id to every log line of the invocation, and flushes the counters at its end.
 * The name of the log group is the function's name.
 */
export const telemetry = {
  before: ({ context }: { context: Context }) => {
    logger.resetKeys();
    logger.appendKeys({ function_request_id: context.awsRequestId });
  },
  after: () => counters.flush(),
  onError: () => counters.flush(),
};

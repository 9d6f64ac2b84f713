import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';

/** Powertools reserves these keys and drops their values. */
type ReservedKey = 'level' | 'message' | 'sampling_rate' | 'service' | 'timestamp';
type Fields = Record<string, unknown> & Partial<Record<ReservedKey, never>>;

/** Writes JSON lines to standard output in the format of Powertools. Callers pass single fields, never whole objects. */
const logger = new Logger();
const metrics = new Metrics();

export const log = {
  info: (message: string, fields: Fields = {}) => logger.info(message, fields),
  warn: (message: string, fields: Fields = {}) => logger.warn(message, fields),
  error: (message: string, fields: Fields = {}) => logger.error(message, fields),
};

/** Collects counts. `flush` writes them as one CloudWatch embedded-metric line. */
export const counters = {
  count: (name: string, value = 1): void => void metrics.addMetric(name, MetricUnit.Count, value),
  flush: () => {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  },
};

/**
 * Middy middleware: adds the request id to every log line of the invocation, and flushes the counters at its end. The
 * name of the log group is the function's name.
 */
export const telemetry = {
  before: ({ context }: { context: Context }) => {
    logger.appendKeys({ function_request_id: context.awsRequestId });
  },
  after: () => counters.flush(),
  onError: () => counters.flush(),
};

import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';

/** As Powertools reserves them: it drops these, and what they say. */
type ReservedKey = 'level' | 'message' | 'sampling_rate' | 'service' | 'timestamp';
type Fields = Record<string, unknown> & Partial<Record<ReservedKey, never>>;

/** JSON lines on standard output, in the shape of Powertools; fields are chosen by the caller, never whole objects. */
const logger = new Logger();
const metrics = new Metrics();

export const log = {
  info: (message: string, fields: Fields = {}) => logger.info(message, fields),
  warn: (message: string, fields: Fields = {}) => logger.warn(message, fields),
  error: (message: string, fields: Fields = {}) => logger.error(message, fields),
};

/** Counts until `flush`, which writes them as one CloudWatch embedded-metric line. */
export const counters = {
  count: (name: string, value = 1) => metrics.addMetric(name, MetricUnit.Count, value),
  flush: () => {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  },
};

/** A middy middleware: the request id in every line of the invocation, and the counters written at its end. */
export const telemetry = {
  before: ({ context }: { context: Context }) => {
    logger.appendKeys({
      function_name: context.functionName,
      function_request_id: context.awsRequestId,
    });
  },
  after: () => counters.flush(),
  onError: () => counters.flush(),
};

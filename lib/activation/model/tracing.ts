import type { Activation } from './activation.ts';
import { parseActivationId } from './ids.ts';

/** The request that opened an activation or stored a batch. Absent if a version up to 0.6 wrote the record. */
export type Tracing = {
  /** Its header X-Request-Id, the id of API Gateway, or the id of the invocation by a schedule. */
  callerRequestId?: string | undefined;
  /** Its header `traceparent` (W3C Trace Context), as it was sent. */
  traceparent?: string | undefined;
};

/** Without a field that is absent. */
export function tracingOf({ callerRequestId, traceparent }: Tracing): Tracing {
  return {
    ...(callerRequestId !== undefined && { callerRequestId }),
    ...(traceparent !== undefined && { traceparent }),
  };
}

export type LogIds = Tracing & Record<'activationId' | 'flowLogId' | 'batchId', string>;

/** What each log line about an activation has. `batchId`: the batch that opened it. */
export function idsOf(activation: Pick<Activation, keyof LogIds>): LogIds {
  const { activationId, flowLogId, batchId } = activation;
  return { activationId, flowLogId, batchId, ...tracingOf(activation) };
}

/** The same of an activation whose record was not read. */
export function idsOfJob({ activationId }: Pick<Activation, 'activationId'>) {
  const parsed = parseActivationId(activationId);
  return { activationId, flowLogId: parsed?.flowLog.flowLogId, batchId: parsed?.batchId };
}

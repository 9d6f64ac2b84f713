import * as v from 'valibot';
import { isTraceparent } from '../../http/request-ids.ts';
import type { CloudEvent } from './messages.ts';

const id = v.fallback(v.optional(v.string()), undefined);

const dataSchema = v.object({
  activationId: id,
  flowLogId: id,
  batchId: id,
  batchIds: v.fallback(v.optional(v.array(v.string())), undefined),
  callerRequestId: id,
});

/** What a log line about a delivery has of its event: the ids that the line about the publication has. */
export function idsOf(event: CloudEvent) {
  const { success, output } = v.safeParse(dataSchema, event.data);
  if (!success) return {};
  const { activationId, flowLogId, batchIds, batchId = batchIds?.[0], callerRequestId } = output;
  return { activationId, flowLogId, batchId, callerRequestId, ...traceOf(event) };
}

/** Also the header of the request to the receiver. */
export function traceOf({ traceparent }: CloudEvent): { traceparent?: string } {
  return isTraceparent(traceparent) ? { traceparent } : {};
}

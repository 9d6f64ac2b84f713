import {
  type ActivationCompleted,
  type ActivationFailed,
  isActivationCompleted,
} from 'flow-log-activator/events';

/** Describes the end of an activation in one line. TypeScript knows the fields of the event in each branch. */
export function describeEnd(event: ActivationCompleted | ActivationFailed): string {
  const { flowLogId, region, account, durations } = event.data;
  const flowLog = `${flowLogId} (${account}, ${region})`;
  if (isActivationCompleted(event)) {
    const how = event.data.adopted
      ? 'is Active, by no call of the service'
      : `is Active after ${durations.totalMs} ms`;
    return `${flowLog} ${how}`;
  }
  const { reason, lastError, redriveHelps } = event.data;
  const cause = lastError === undefined ? reason : `${reason}: ${lastError.message}`;
  return `${flowLog} failed (${redriveHelps ? 'a redrive may help' : 'a redrive cannot help'}), ${cause}`;
}

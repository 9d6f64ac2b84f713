import { setTimeout as sleep } from 'node:timers/promises';
import type { SourceLog } from '../logs/log-record.ts';
import type { AlarmDefinition } from './alarm-definitions.ts';
import { type AlarmState, evaluateAlarm } from './evaluate-alarm.ts';
import type { MetricSamples } from './metric-samples.ts';
import { createQueueSampler } from './sample-queues.ts';

export type WatchOptions = {
  definitions: AlarmDefinition[];
  samples: MetricSamples;
  /** The emulator of SQS. Absent: SQS runs elsewhere, and its metrics are missing. */
  sqsUrl?: string;
  /** By how much periods are shorter. */
  speed: number;
  log: SourceLog;
  signal: AbortSignal;
};

export type WatchedAlarm = {
  name: string;
  state: AlarmState;
  /** Since when it is in this state. */
  since: string;
  description: string;
};

const EVERY_MS = 5_000;
const AT_LEAST_MS = 100;

/** Evaluates the alarms until aborted, with a log line for each change. Returns how they are now. */
export function watchAlarms(options: WatchOptions): () => WatchedAlarm[] {
  const { definitions, samples, sqsUrl, speed, log, signal } = options;
  const startedAt = Date.now();
  const keepMs = Math.max(0, ...definitions.map((alarm) => alarm.periodMs * alarm.evaluationPeriods)) / speed;
  const since = new Date(startedAt).toISOString();
  const alarms = definitions.map((definition) => ({
    definition,
    state: 'INSUFFICIENT_DATA' as AlarmState,
    since,
  }));
  const sampleQueues =
    sqsUrl === undefined ? async () => {} : createQueueSampler(sqsUrl, definitions, samples, speed);

  const evaluate = (now: number): void => {
    for (const alarm of alarms) {
      const { name, description } = alarm.definition;
      const state = evaluateAlarm(alarm.definition, samples, { now, startedAt, speed });
      if (state === alarm.state) continue;
      if (state === 'ALARM') log('WARN', `${name}: ALARM`, { description });
      else if (alarm.state === 'ALARM') log('INFO', `${name}: ${state}`);
      alarm.state = state;
      alarm.since = new Date(now).toISOString();
    }
    samples.forgetBefore(now - keepMs);
  };

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await sampleQueues().catch((error: unknown) => {
        if (!signal.aborted)
          log('WARN', 'The metrics of the queues cannot be read', { error: String(error) });
      });
      evaluate(Date.now());
      await sleep(Math.max(AT_LEAST_MS, EVERY_MS / speed), undefined, { signal }).catch(() => {});
    }
  };
  void run();

  return () =>
    alarms.map(({ definition: { name, description }, state, since: changedAt }) => ({
      name,
      state,
      since: changedAt,
      description,
    }));
}

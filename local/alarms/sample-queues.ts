import * as v from 'valibot';
import type { AlarmDefinition } from './alarm-definitions.ts';
import type { MetricSamples } from './metric-samples.ts';

const NAMESPACE = 'AWS/SQS';

/** The body of `GET /_local/queues/{name}` of the emulator of SQS. */
const QueueMetrics = v.object({ sent: v.number(), oldestSentAt: v.optional(v.number()) });

/**
 * Returns what measures the queues that alarms watch: NumberOfMessagesSent and ApproximateAgeOfOldestMessage. An age is
 * `speed` times as long as it is, as periods are shorter.
 */
export function createQueueSampler(
  sqsUrl: string,
  definitions: AlarmDefinition[],
  samples: MetricSamples,
  speed: number,
): () => Promise<void> {
  const watched = definitions
    .flatMap(({ metrics }) => metrics)
    .filter(({ namespace }) => namespace === NAMESPACE);
  const queues = new Set(watched.map(({ dimension }) => dimension));
  const sentBefore = new Map<string, number>();

  const sample = async (dimension: string): Promise<void> => {
    const response = await fetch(`${sqsUrl}/_local/queues/${dimension}`);
    const { sent, oldestSentAt } = v.parse(QueueMetrics, await response.json());
    const more = sent - (sentBefore.get(dimension) ?? sent);
    sentBefore.set(dimension, sent);
    if (more > 0) samples.add({ namespace: NAMESPACE, name: 'NumberOfMessagesSent', dimension }, more);
    const ageSeconds = oldestSentAt === undefined ? 0 : ((Date.now() - oldestSentAt) / 1_000) * speed;
    samples.add({ namespace: NAMESPACE, name: 'ApproximateAgeOfOldestMessage', dimension }, ageSeconds);
  };
  return async () => void (await Promise.all([...queues].map(sample)));
}

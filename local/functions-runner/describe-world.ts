import type { CloudReady, WorldDescription } from '../supervisor/messages.ts';
import type { FunctionDefinition } from '../template/functions.ts';

/** What there is, by the names under which the functions know it. */
export function describeWorld(cloud: CloudReady, definitions: FunctionDefinition[]): WorldDescription {
  const variable = (name: string): string | undefined =>
    definitions.map(({ environment }) => environment[name]).find((value) => value !== undefined);
  const queues = {
    activation: variable('ACTIVATION_QUEUE_URL'),
    deadLetter: variable('DEAD_LETTER_QUEUE_URL'),
    poison: variable('POISON_QUEUE_URL'),
    events: cloud.eventsQueueUrl,
  };
  const named = new Set<string | undefined>(Object.values(queues));
  const others = cloud.resources.flatMap(
    ([
      logicalId,
      {
        attributes: { QueueUrl },
      },
    ]) => (QueueUrl === undefined || named.has(QueueUrl) ? [] : [[logicalId, QueueUrl] as const]),
  );
  return {
    ...cloud.endpoints,
    queues,
    otherQueues: Object.fromEntries(others),
    table: variable('ACTIVATIONS_TABLE'),
    bus: variable('EVENT_BUS_NAME'),
  };
}

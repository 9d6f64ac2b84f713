import type { CloudReady, WorldDescription } from '../supervisor/messages.ts';
import type { FunctionDefinition } from '../template/functions.ts';

/** What there is, by the names under which the functions know it. */
export function describeWorld(cloud: CloudReady, definitions: FunctionDefinition[]): WorldDescription {
  const variable = (name: string): string | undefined =>
    definitions.map(({ environment }) => environment[name]).find((value) => value !== undefined);
  return {
    ...cloud.endpoints,
    queues: {
      activation: variable('ACTIVATION_QUEUE_URL'),
      deadLetter: variable('DEAD_LETTER_QUEUE_URL'),
      poison: variable('POISON_QUEUE_URL'),
      events: cloud.eventsQueueUrl,
    },
    table: variable('ACTIVATIONS_TABLE'),
    bus: variable('EVENT_BUS_NAME'),
  };
}

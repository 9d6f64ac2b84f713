import type { PhysicalResource, Scope } from '../template/intrinsics.ts';
import { physicalResources, type StackIdentity } from '../template/physical-resources.ts';
import { ruleDefinitions } from '../template/rules.ts';
import type { Template } from '../template/template.ts';
import type { AwsClients } from './aws-clients.ts';
import { createQueue, createQueues } from './create-queues.ts';
import { type AsyncQueue, createEventBuses, createRules, watchBus } from './create-rules.ts';
import { createTables } from './create-tables.ts';

export type Provisioned = {
  /** Every resource of the template by its logical id. */
  resources: Map<string, PhysicalResource>;
  asyncQueues: AsyncQueue[];
  tableNames: string[];
  /** Receives every event of every bus in the template. */
  eventsQueueUrl: string;
};

/** Creates the resources of the template through the services' own APIs. Existing resources are kept. */
export async function provision(
  clients: AwsClients,
  template: Template,
  stack: StackIdentity,
): Promise<Provisioned> {
  const [queues, tables, buses, events] = await allOf([
    createQueues(clients.sqs, template, stack),
    createTables(clients.dynamodb, template, stack),
    createEventBuses(clients.eventbridge, template, stack),
    createQueue(clients.sqs, 'events'),
  ]);
  const resources = physicalResources(template, new Map([...queues, ...tables, ...buses]), stack);
  const scope: Scope = { ...stack, resources };
  const asyncQueues = await createRules(clients, ruleDefinitions(template, scope));
  for (const { ref } of buses.values()) {
    await watchBus(clients.eventbridge, ref, events.attributes.Arn ?? '');
  }
  const tableNames = [...tables.values()].map(({ ref }) => ref);
  return { resources, asyncQueues, tableNames, eventsQueueUrl: events.ref };
}

/** Throws an error that names all failures, not only the first one. */
async function allOf<const Work extends readonly Promise<unknown>[]>(
  work: Work,
): Promise<{ -readonly [Index in keyof Work]: Awaited<Work[Index]> }> {
  const failed = (await Promise.allSettled(work)).flatMap((each) =>
    each.status === 'rejected' ? [each.reason] : [],
  );
  if (failed.length > 1) {
    const messages = failed.map((each) => (each instanceof Error ? each.message : String(each)));
    throw new Error([...new Set(messages)].join('; '));
  }
  return Promise.all(work);
}

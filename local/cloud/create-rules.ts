import {
  CreateEventBusCommand,
  type EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  ResourceAlreadyExistsException,
} from '@aws-sdk/client-eventbridge';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { PhysicalResource } from '../template/intrinsics.ts';
import { physicalName, type StackIdentity } from '../template/physical-resources.ts';
import { type RuleDefinition, targetFunctionName } from '../template/rules.ts';
import { resourcesOfType, type Template } from '../template/template.ts';
import { createQueue } from './create-queues.ts';

export async function createEventBuses(
  eventbridge: EventBridgeClient,
  template: Template,
  stack: StackIdentity,
): Promise<Map<string, PhysicalResource>> {
  const created = new Map<string, PhysicalResource>();
  for (const [logicalId, resource] of resourcesOfType(template, 'AWS::Events::EventBus')) {
    const Name = physicalName(logicalId, resource, stack);
    await eventbridge.send(new CreateEventBusCommand({ Name })).catch((error: unknown) => {
      if (!(error instanceof ResourceAlreadyExistsException)) throw error;
    });
    const arn = `arn:aws:events:${stack.region}:${stack.accountId}:event-bus/${Name}`;
    created.set(logicalId, { ref: Name, attributes: { Arn: arn, Name } });
  }
  return created;
}

/** The queue of a function that rules invoke. Lambda has such a queue for asynchronous invocations. */
export type AsyncQueue = { functionName: string; queueUrl: string };

/** Creates or changes the pattern rules. A target that is a function receives its events from a queue. */
export async function createRules(
  { eventbridge, sqs }: { eventbridge: EventBridgeClient; sqs: SQSClient },
  rules: RuleDefinition[],
): Promise<AsyncQueue[]> {
  const queues = new Map<string, PhysicalResource>();
  for (const rule of rules) {
    if (rule.kind !== 'pattern') continue;
    await eventbridge.send(
      new PutRuleCommand({
        Name: rule.name,
        EventBusName: rule.busName,
        EventPattern: JSON.stringify(rule.pattern),
        State: rule.enabled ? 'ENABLED' : 'DISABLED',
      }),
    );
    for (const target of rule.targets) {
      const functionName = targetFunctionName(target);
      let arn = target.arn;
      if (functionName !== undefined) {
        const queue = queues.get(functionName) ?? (await createQueue(sqs, `${functionName}-async`));
        queues.set(functionName, queue);
        arn = queue.attributes.Arn ?? '';
      } else if (!arn.includes(':sqs:')) {
        throw new Error(`The rule ${rule.name} has a target that is neither a function nor a queue: ${arn}`);
      }
      await eventbridge.send(
        new PutTargetsCommand({
          Rule: rule.name,
          EventBusName: rule.busName,
          Targets: [{ Id: target.id, Arn: arn, Input: target.input, InputPath: target.inputPath }],
        }),
      );
    }
  }
  return [...queues].map(([functionName, { ref }]) => ({ functionName, queueUrl: ref }));
}

/** Copies every event of the bus to the queue, so that any SQS client can watch. */
export async function watchBus(
  eventbridge: EventBridgeClient,
  busName: string,
  queueArn: string,
): Promise<void> {
  const rule = { Name: 'all-events', EventBusName: busName };
  await eventbridge.send(
    new PutRuleCommand({ ...rule, EventPattern: JSON.stringify({ source: [{ prefix: '' }] }) }),
  );
  await eventbridge.send(
    new PutTargetsCommand({
      Rule: rule.Name,
      EventBusName: busName,
      Targets: [{ Id: 'events', Arn: queueArn }],
    }),
  );
}

import type { PhysicalResource, Scope } from './intrinsics.ts';
import { resolveIntrinsics } from './intrinsics.ts';
import type { Resource, Template } from './template.ts';

/** The property that names a resource of the type; without it, CloudFormation derives a name. */
const NAME_PROPERTIES: Record<string, string> = {
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Events::EventBus': 'Name',
  'AWS::Events::Rule': 'Name',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::SQS::Queue': 'QueueName',
};

export type StackIdentity = Omit<Scope, 'resources'>;

/** Returns a resource's name in the stack. A derived name is `stack-LogicalId`, without the random end. */
export function physicalName(logicalId: string, resource: Resource, stack: StackIdentity): string {
  const given = resource.Properties[NAME_PROPERTIES[resource.Type] ?? ''];
  const name = resolveIntrinsics(given, { ...stack, resources: new Map() });
  return typeof name === 'string' ? name : `${stack.stackName}-${logicalId}`;
}

/**
 * Everything that a reference in the template can name: the resources that were created locally, and a plausible name
 * and Arn for a resource without a local counterpart (a role, a log group, a function, the API).
 */
export function physicalResources(
  template: Template,
  created: ReadonlyMap<string, PhysicalResource>,
  stack: StackIdentity,
): Map<string, PhysicalResource> {
  return new Map(
    Object.entries(template.Resources).map(([logicalId, resource]) => [
      logicalId,
      created.get(logicalId) ?? withoutCounterpart(logicalId, resource, stack),
    ]),
  );
}

function withoutCounterpart(logicalId: string, resource: Resource, stack: StackIdentity): PhysicalResource {
  const name = physicalName(logicalId, resource, stack);
  const [, service = ''] = resource.Type.toLowerCase().split('::');
  const separator = service === 'lambda' ? 'function:' : '';
  return {
    ref: name,
    attributes: {
      Arn: `arn:${stack.partition ?? 'aws'}:${service}:${stack.region}:${stack.accountId}:${separator}${name}`,
    },
  };
}

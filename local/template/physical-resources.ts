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

/** The name a resource has in the stack; a derived one is `stack-LogicalId`, without CloudFormation's random end. */
export function physicalName(logicalId: string, resource: Resource, stack: StackIdentity): string {
  const given = resource.Properties[NAME_PROPERTIES[resource.Type] ?? ''];
  const name = resolveIntrinsics(given, { ...stack, resources: new Map() });
  return typeof name === 'string' ? name : `${stack.stackName}-${logicalId}`;
}

/**
 * Everything a reference in the template can name: what was created locally, as it is, and a plausible name
 * and Arn for what has no local counterpart (roles, log groups, functions, the API).
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
    attributes: { Arn: `arn:aws:${service}:${stack.region}:${stack.accountId}:${separator}${name}` },
  };
}

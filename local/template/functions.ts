import * as v from 'valibot';
import { resolveIntrinsics, type Scope } from './intrinsics.ts';
import { resourcesOfType, type Template } from './template.ts';

/** A Lambda function of the template, its references resolved. */
export type FunctionDefinition = {
  logicalId: string;
  /** Its key in serverless.yml, as people see it. */
  key: string;
  functionName: string;
  arn: string;
  /** `path/to/module.export`, relative to the code directory. */
  handler: string;
  timeoutMs: number;
  memoryMb: number;
  environment: Record<string, string>;
  reservedConcurrency?: number;
  /** For asynchronous invocations: schedules and rules. */
  maximumRetryAttempts: number;
  maximumEventAgeMs: number;
};

const text = v.union([v.string(), v.pipe(v.number(), v.transform(String))]);

const FunctionProperties = v.looseObject({
  Handler: v.string(),
  Timeout: v.optional(v.number(), 3),
  MemorySize: v.optional(v.number(), 128),
  ReservedConcurrentExecutions: v.optional(v.number()),
  Environment: v.optional(v.object({ Variables: v.record(v.string(), text) }), { Variables: {} }),
});

const InvokeConfig = v.looseObject({
  FunctionName: v.string(),
  MaximumRetryAttempts: v.optional(v.number(), 2),
  MaximumEventAgeInSeconds: v.optional(v.number(), 21_600),
});

/** All functions of the template. Throws for a reference that cannot be resolved or a property of a wrong type. */
export function functionDefinitions(template: Template, scope: Scope): FunctionDefinition[] {
  const invokeConfigs = resourcesOfType(template, 'AWS::Lambda::EventInvokeConfig').map(
    ([, { Properties }]) => v.parse(InvokeConfig, resolveIntrinsics(Properties, scope)),
  );
  return resourcesOfType(template, 'AWS::Lambda::Function').map(([logicalId, { Properties }]) => {
    const { Handler, Timeout, MemorySize, ReservedConcurrentExecutions, Environment } = v.parse(
      FunctionProperties,
      resolveIntrinsics({ ...Properties, Role: undefined }, scope),
    );
    const { ref = logicalId, attributes = {} } = scope.resources.get(logicalId) ?? {};
    const invokeConfig = invokeConfigs.find(({ FunctionName }) => functionNameOf(FunctionName) === ref);
    return {
      logicalId,
      key: functionKey(logicalId),
      functionName: ref,
      arn: attributes.Arn ?? ref,
      handler: Handler,
      timeoutMs: Timeout * 1000,
      memoryMb: MemorySize,
      environment: Environment.Variables,
      ...(ReservedConcurrentExecutions !== undefined && {
        reservedConcurrency: ReservedConcurrentExecutions,
      }),
      maximumRetryAttempts: invokeConfig?.MaximumRetryAttempts ?? 2,
      maximumEventAgeMs: (invokeConfig?.MaximumEventAgeInSeconds ?? 21_600) * 1000,
    };
  });
}

/** Returns the function's name in a (qualified) ARN or an API Gateway integration URI, and a plain name as it is. */
export function functionNameOf(reference: string): string {
  return /:function:([^:/]+)/.exec(reference)?.[1] ?? reference;
}

/** osls spells `poll-activations` as `PollDashactivationsLambdaFunction`. */
function functionKey(logicalId: string): string {
  const key = logicalId
    .replace(/LambdaFunction$/, '')
    .replaceAll('Dash', '-')
    .replaceAll('Underscore', '_');
  return key.charAt(0).toLowerCase() + key.slice(1);
}

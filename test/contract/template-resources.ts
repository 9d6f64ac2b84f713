import * as v from 'valibot';
import type { Template } from '../../scripts/compile-template.ts';

/**
 * `Fn::GetAtt`, `Ref` and `Fn::Sub` by the logical ids in them: `ActivationsTable`, and
 * `ActivationsTable/index/list` for its ARN with something behind it.
 */
export const nameSchema = v.union([
  v.string(),
  v.pipe(
    v.object({ 'Fn::GetAtt': v.tuple([v.string(), v.string()]) }),
    v.transform((value) => value['Fn::GetAtt'][0]),
  ),
  v.pipe(
    v.object({ Ref: v.string() }),
    v.transform((value) => value.Ref),
  ),
  v.pipe(
    v.object({ 'Fn::Sub': v.string() }),
    v.transform((value) => value['Fn::Sub'].replaceAll(/\$\{([^.}]+)[^}]*\}/g, '$1')),
  ),
]);

const oneOrMore = <const Schema extends v.GenericSchema>(schema: Schema) =>
  v.union([
    v.array(schema),
    v.pipe(
      schema,
      v.transform((value) => [value]),
    ),
  ]);

const functionProperties = v.object({
  FunctionName: v.string(),
  Handler: v.string(),
  Role: nameSchema,
  Runtime: v.string(),
  Architectures: v.array(v.string()),
  MemorySize: v.number(),
  Timeout: v.number(),
  Environment: v.object({ Variables: v.record(v.string(), nameSchema) }),
});

const statement = v.strictObject({
  Effect: v.literal('Allow'),
  Action: oneOrMore(v.string()),
  Resource: oneOrMore(nameSchema),
  Condition: v.optional(v.record(v.string(), v.record(v.string(), v.unknown()))),
});

// Strict: a managed policy, say, would grant what these tests do not see.
const roleProperties = v.strictObject({
  AssumeRolePolicyDocument: v.strictObject({
    Version: v.literal('2012-10-17'),
    Statement: v.tuple([
      v.strictObject({
        Effect: v.literal('Allow'),
        Principal: v.strictObject({ Service: v.literal('lambda.amazonaws.com') }),
        Action: v.literal('sts:AssumeRole'),
      }),
    ]),
  }),
  Policies: v.array(
    v.strictObject({
      PolicyName: v.string(),
      PolicyDocument: v.strictObject({ Version: v.literal('2012-10-17'), Statement: v.array(statement) }),
    }),
  ),
});

export type LambdaFunction = v.InferOutput<typeof functionProperties> & {
  logicalId: string;
  /** As in serverless.yml, functions/ and dist/. */
  name: string;
};

export function resourcesOf(template: Template, type: string) {
  return Object.entries(template.Resources).flatMap(([logicalId, resource]) =>
    resource.Type === type
      ? [{ ...resource, logicalId, DependsOn: resource.DependsOn, Condition: resource.Condition }]
      : [],
  );
}

export function resourceOf(template: Template, logicalId: string) {
  const resource = template.Resources[logicalId];
  if (resource === undefined) throw new Error(`The template has no resource ${logicalId}.`);
  return resource;
}

export function functionsOf(template: Template): LambdaFunction[] {
  return resourcesOf(template, 'AWS::Lambda::Function').map(({ logicalId, Properties }) => {
    const properties = v.parse(functionProperties, Properties);
    const name = /^dist\/([a-z-]+)\/index\.handler$/.exec(properties.Handler)?.[1];
    if (name === undefined) throw new Error(`${properties.Handler} is not dist/<name>/index.handler.`);
    return { ...properties, Environment: { Variables: withoutNoValue(properties) }, logicalId, name };
  });
}

/** As CloudFormation does: what is AWS::NoValue is not there. */
function withoutNoValue({ Environment }: v.InferOutput<typeof functionProperties>): Record<string, string> {
  const entries = Object.entries(Environment.Variables).filter(([, value]) => value !== 'AWS::NoValue');
  return Object.fromEntries(entries);
}

export function functionOf(template: Template, name: string): LambdaFunction {
  const found = functionsOf(template).find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`The template has no function ${name}.`);
  return found;
}

export function statementsOf(template: Template, role: string) {
  const { Policies } = v.parse(roleProperties, resourceOf(template, role).Properties);
  return Policies.flatMap((policy) => policy.PolicyDocument.Statement);
}

/** What a role allows: action by action, the names of the resources, sorted. */
export function permissionsOf(template: Template, role: string): Record<string, string[]> {
  const permissions: Record<string, string[]> = {};
  for (const { Action, Resource } of statementsOf(template, role)) {
    for (const action of Action) {
      permissions[action] = [...(permissions[action] ?? []), ...Resource].sort();
    }
  }
  return permissions;
}

export function nameOf(value: unknown): string {
  return v.parse(nameSchema, value);
}

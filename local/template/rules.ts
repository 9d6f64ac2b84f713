import * as v from 'valibot';
import { assertSupportedTransformer, type InputTransformer } from '../eventbridge/input-transformer.ts';
import { functionNameOf } from './functions.ts';
import { resolveIntrinsics, type Scope } from './intrinsics.ts';
import { resourcesOfType, type Template } from './template.ts';

/**
 * `Input`, `InputPath` and, for a schedule only, `InputTransformer`, as in EventBridge. Refuses any other way to shape
 * the input.
 */
export type RuleTargetDefinition = {
  id: string;
  arn: string;
  input?: string;
  inputPath?: string;
  inputTransformer?: InputTransformer;
};

export type RuleDefinition = {
  name: string;
  arn: string;
  enabled: boolean;
  targets: RuleTargetDefinition[];
} & ({ kind: 'pattern'; busName: string; pattern: unknown } | { kind: 'schedule'; expression: string });

const Rule = v.looseObject({
  EventBusName: v.optional(v.string(), 'default'),
  EventPattern: v.optional(v.unknown()),
  ScheduleExpression: v.optional(v.string()),
  State: v.optional(v.string(), 'ENABLED'),
  Targets: v.optional(
    v.array(
      v.strictObject({
        Id: v.string(),
        Arn: v.string(),
        Input: v.optional(v.string()),
        InputPath: v.optional(v.string()),
        InputTransformer: v.optional(
          v.pipe(
            v.strictObject({
              InputTemplate: v.string(),
              InputPathsMap: v.optional(v.record(v.string(), v.string()), {}),
            }),
            v.transform(({ InputTemplate, InputPathsMap }) => ({
              template: InputTemplate,
              paths: InputPathsMap,
            })),
          ),
        ),
        DeadLetterConfig: v.optional(v.unknown()),
        RetryPolicy: v.optional(v.unknown()),
        RoleArn: v.optional(v.unknown()),
      }),
    ),
    [],
  ),
});

/** The rules of the template: event patterns on a bus, and schedules. */
export function ruleDefinitions(template: Template, scope: Scope): RuleDefinition[] {
  return resourcesOfType(template, 'AWS::Events::Rule').map(([logicalId, { Properties }]) => {
    const rule = v.parse(Rule, resolveIntrinsics(Properties, scope));
    const name = scope.resources.get(logicalId)?.ref ?? logicalId;
    const common = {
      name,
      arn: `arn:aws:events:${scope.region}:${scope.accountId}:rule/${name}`,
      enabled: rule.State !== 'DISABLED',
      targets: rule.Targets.map(({ Id, Arn, Input, InputPath, InputTransformer: inputTransformer }) => ({
        id: Id,
        arn: Arn,
        ...(Input !== undefined && { input: Input }),
        ...(InputPath !== undefined && { inputPath: InputPath }),
        ...(inputTransformer && { inputTransformer }),
      })),
    };
    for (const { inputTransformer } of common.targets) {
      if (inputTransformer === undefined) continue;
      assertSupportedTransformer(inputTransformer);
      if (rule.ScheduleExpression === undefined) {
        throw new Error(`${logicalId}: an InputTransformer is supported for schedules only`);
      }
    }
    if (rule.ScheduleExpression !== undefined) {
      return { ...common, kind: 'schedule', expression: rule.ScheduleExpression };
    }
    const busName = rule.EventBusName.replace(/^arn:[^/]*\//, '');
    return { ...common, kind: 'pattern', busName, pattern: rule.EventPattern };
  });
}

/** Returns the function that a target names; undefined for another kind of target. */
export function targetFunctionName(target: RuleTargetDefinition): string | undefined {
  return target.arn.includes(':function:') ? functionNameOf(target.arn) : undefined;
}

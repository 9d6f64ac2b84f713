import * as v from 'valibot';
import {
  configurationProblems,
  configurationWarnings,
  unknownVariables,
} from '../functions/wiring/check-configuration.ts';
import { durationProblems } from '../functions/wiring/check-together.ts';
import { regionSettings } from '../functions/wiring/workflow.ts';
import { ConfigurationUnread } from '../lib/activation/model/errors.ts';
import { parseScheduledBatch } from '../lib/api/requests/scheduled-batch-request.ts';
import { accountSettings, accountsOf } from '../lib/config/accounts.ts';
import { configurationSettings } from '../lib/config/configuration-source.ts';
import { readSettings } from '../lib/config/settings.ts';
import { Problem } from '../lib/http/problem.ts';
import { isReference, resourceProblems } from './check-resources.ts';
import type { Template } from './compile-template.ts';
import { environmentSizeProblem } from './environment-size.ts';

const FunctionProperties = v.looseObject({
  FunctionName: v.string(),
  Environment: v.optional(v.looseObject({ Variables: v.record(v.string(), v.unknown()) })),
});

const ScheduleProperties = v.looseObject({
  ScheduleExpression: v.string(),
  Targets: v.array(
    v.looseObject({ InputTransformer: v.optional(v.looseObject({ InputTemplate: v.string() })) }),
  ),
});

type Resources = Pick<Template, 'Resources'>;

export class InvalidConfigurationError extends Error {
  override name = 'InvalidConfigurationError';
  constructor(problems: string[]) {
    super(['This cannot be deployed as it is configured:', ...problems].join('\n'));
  }
}

/**
 * Returns everything in the configuration that prevents a deployment. Names the variable or setting and its place,
 * never its value.
 */
export function templateProblems(template: Resources): string[] {
  const large = functionsOf(template).flatMap(
    (each) => environmentSizeProblem(each.name, each.variables) ?? [],
  );
  const durations = functionsOf(template).flatMap(({ variables }) => durationProblems(textsOf(variables)));
  return [...configuredWrong(template), ...new Set(durations), ...resourceProblems(template), ...large];
}

/** Returns what is wrong in the variables of the functions, with `overrides` applied, and in the schedule. */
export function configuredWrong(template: Resources, overrides: Record<string, string> = {}): string[] {
  const environments = functionsOf(template).map(({ variables }) => ({
    ...textsOf(variables),
    ...overrides,
  }));
  const noTexts = functionsOf(template).flatMap(({ variables }) => textProblems(variables));
  const wrong = [...new Set([...noTexts, ...environments.flatMap(configurationProblems)])];
  // If the accounts are wrong, the accounts of a schedule cannot be checked.
  return wrong.length > 0 ? wrong : scheduleProblems(template, Object.assign({}, ...environments));
}

/**
 * Returns what may be misspelt: variables that no function reads, and unknown regions. Expects a template without
 * problems.
 */
export function templateWarnings(template: Resources): string[] {
  const environments = functionsOf(template).map(({ variables }) => textsOf(variables));
  const warnings = environments.flatMap((environment) => [
    ...unknownVariables(Object.keys(environment)),
    ...configurationWarnings(environment),
  ]);
  return [...new Set(warnings)];
}

type FunctionVariables = { name: string; variables: Record<string, unknown> };

function functionsOf({ Resources }: Resources): FunctionVariables[] {
  return Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties }) => {
      const { FunctionName, Environment } = v.parse(FunctionProperties, Properties);
      return { name: FunctionName, variables: Environment?.Variables ?? {} };
    });
}

/** Finds variables that are not text, for example a YAML mapping instead of JSON. */
function textProblems(variables: Record<string, unknown>): string[] {
  return Object.entries(variables).flatMap(([name, value]) =>
    typeof value === 'object' && !isReference(value)
      ? [`${name} must be text, such as JSON between quotation marks`]
      : [],
  );
}

/** Returns the variables that are text. A reference to a resource was not written by a person. */
function textsOf(variables: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      typeof value === 'object' ? [] : [[name, String(value)]],
    ),
  );
}

/** Checks the input of each scheduled batch. Reads it as its function does. */
function scheduleProblems({ Resources }: Resources, environment: Record<string, string>): string[] {
  const { region, configurationSource, ...settings } = readSettings(
    { ...accountSettings, ...configurationSettings, ...regionSettings },
    environment,
  );
  // What is stored is not known here.
  const accounts = Object.assign(new Map(accountsOf(settings)), {
    isIncomplete: configurationSource !== undefined,
  });
  const defaults = { region, accounts };
  return Object.values(Resources).flatMap(({ Type, Properties }) => {
    const rule = Type === 'AWS::Events::Rule' ? v.safeParse(ScheduleProperties, Properties) : undefined;
    if (!rule?.success) return [];
    return rule.output.Targets.flatMap(({ InputTransformer }) =>
      InputTransformer?.InputTemplate.includes('"selector"')
        ? inputProblems(InputTransformer.InputTemplate, defaults)
        : [],
    );
  });
}

function inputProblems(template: string, defaults: Parameters<typeof parseScheduledBatch>[1]): string[] {
  const input = template.replace('<rule>', '"a-rule"').replace('<time>', '"2026-01-02T03:00:00Z"');
  try {
    parseScheduledBatch(JSON.parse(input), defaults);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationUnread) return [];
    if (!(error instanceof Problem)) return ['scheduledBatchSelector must be JSON'];
    return (error.details.errors ?? []).map(
      ({ field, message }) => `the scheduled batch: ${field} ${message}`,
    );
  }
}

import * as v from 'valibot';
import type { Template } from './compile-template.ts';

/** Returns whether it is `Ref` or `Fn::…`, which CloudFormation replaces by a value. */
export function isReference(value: unknown): boolean {
  if (typeof value !== 'object') return false;
  const [key = '', ...others] = Object.keys(value ?? {});
  return others.length === 0 && /^(?:Ref|Fn::\w+)$/.test(key);
}

type Properties = Template['Resources'][string]['Properties'];
type Resources = Pick<Template, 'Resources'>;

/** Checks what settings that no function reads must be together, by their resource. */
export function resourceProblems(template: Resources): string[] {
  return [
    ...of(template, 'AWS::Events::Rule', ({ ScheduleExpression }) => scheduleProblems(ScheduleExpression)),
    ...concurrencyProblems(template),
    ...requeueProblems(template),
  ];
}

function of({ Resources }: Resources, type: string, check: (properties: Properties) => string[]): string[] {
  return Object.values(Resources).flatMap(({ Type, Properties }) => (Type === type ? check(Properties) : []));
}

/** True for a value that a person wrote: neither absent nor a reference of CloudFormation. */
function isGiven(value: unknown): boolean {
  return value !== undefined && !isReference(value);
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html */
function scheduleProblems(expression: unknown): string[] {
  const fields = /^cron\((.*)\)$/.exec(String(expression))?.[1]?.split(' ');
  if (fields === undefined || (fields[2] === '?') !== (fields[4] === '?')) return [];
  return ['driftCheckRate and scheduledBatchRate must have ? for the day of the month or of the week'];
}

/** The functions that have a setting, by the last part of their name. */
const RESERVED: Record<string, string> = {
  'poll-activations': 'reservedConcurrencyPollActivations',
  'activate-flow-log': 'reservedConcurrencyActivateFlowLog',
  'receive-webhook': 'reservedConcurrencyReceiveWebhook',
};

const Mapping = v.object({
  FunctionName: v.object({ 'Fn::GetAtt': v.tuple([v.string(), v.string()]) }),
  ScalingConfig: v.object({ MaximumConcurrency: v.union([v.number(), v.string()]) }),
});

/** If an event source may invoke more concurrently than is reserved, Lambda throttles the rest for ever. */
function concurrencyProblems({ Resources }: Resources): string[] {
  const most = new Map(
    Object.values(Resources).flatMap(({ Type, Properties }) => {
      const mapping =
        Type === 'AWS::Lambda::EventSourceMapping' ? v.safeParse(Mapping, Properties) : undefined;
      if (!mapping?.success) return [];
      const { FunctionName, ScalingConfig } = mapping.output;
      return [[FunctionName['Fn::GetAtt'][0], Number(ScalingConfig.MaximumConcurrency)] as const];
    }),
  );
  return Object.entries(Resources).flatMap(([id, { Type, Properties }]) => {
    const { FunctionName, ReservedConcurrentExecutions: reserved } = Properties;
    if (Type !== 'AWS::Lambda::Function' || !isGiven(reserved)) return [];
    const name = Object.keys(RESERVED).find((each) => String(FunctionName).endsWith(`-${each}`));
    return Number(reserved) < (most.get(id) ?? 0)
      ? [`${RESERVED[name ?? ''] ?? FunctionName} must not be below workerConcurrency`]
      : [];
  });
}

const Queue = v.object({ VisibilityTimeout: v.number() });
const Requeuing = v.object({
  Environment: v.object({ Variables: v.object({ REQUEUE_AFTER_MS: v.union([v.number(), v.string()]) }) }),
});

/** With a shorter time the poller would requeue jobs that a worker is still handling. */
function requeueProblems(template: Resources): string[] {
  const queue = v.safeParse(Queue, template.Resources.ActivationQueue?.Properties);
  if (!queue.success) return [];
  const leastMs = queue.output.VisibilityTimeout * 1_000;
  const problems = of(template, 'AWS::Lambda::Function', (properties) => {
    const read = v.safeParse(Requeuing, properties);
    return read.success && Number(read.output.Environment.Variables.REQUEUE_AFTER_MS) < leastMs
      ? [`requeueAfterMs must not be below the work queue's VisibilityTimeout, ${leastMs}`]
      : [];
  });
  return [...new Set(problems)];
}

import * as v from 'valibot';
import { functionNameOf } from './functions.ts';
import { resolveIntrinsics, type Scope } from './intrinsics.ts';
import { resourcesOfType, type Template } from './template.ts';

/** An SQS queue whose messages invoke a function. */
export type EventSourceMappingDefinition = {
  functionName: string;
  queueArn: string;
  queueUrl: string;
  batchSize: number;
  batchingWindowMs: number;
  reportBatchItemFailures: boolean;
  maximumConcurrency: number;
};

/** Lambda starts with five concurrent batches for each queue. There are no more unless the template says so. */
const DEFAULT_CONCURRENCY = 5;

/** Strict: refuses a setting that would be ignored, such as a filter or a destination. */
const Mapping = v.strictObject({
  EventSourceArn: v.pipe(v.string(), v.includes(':sqs:', 'only SQS queues can be event sources')),
  FunctionName: v.string(),
  Enabled: v.optional(v.boolean(), true),
  BatchSize: v.optional(v.number(), 10),
  MaximumBatchingWindowInSeconds: v.optional(v.number(), 0),
  FunctionResponseTypes: v.optional(v.array(v.string()), []),
  ScalingConfig: v.optional(v.object({ MaximumConcurrency: v.optional(v.number()) }), {}),
  Tags: v.optional(v.unknown()),
});

export function eventSourceMappingDefinitions(
  template: Template,
  scope: Scope,
): EventSourceMappingDefinition[] {
  return resourcesOfType(template, 'AWS::Lambda::EventSourceMapping').flatMap(([, { Properties }]) => {
    const mapping = v.parse(Mapping, resolveIntrinsics(Properties, scope));
    if (!mapping.Enabled) return [];
    return {
      functionName: functionNameOf(mapping.FunctionName),
      queueArn: mapping.EventSourceArn,
      queueUrl: queueUrlOf(mapping.EventSourceArn, scope),
      batchSize: mapping.BatchSize,
      batchingWindowMs: mapping.MaximumBatchingWindowInSeconds * 1000,
      reportBatchItemFailures: mapping.FunctionResponseTypes.includes('ReportBatchItemFailures'),
      maximumConcurrency: mapping.ScalingConfig.MaximumConcurrency ?? DEFAULT_CONCURRENCY,
    };
  });
}

function queueUrlOf(arn: string, scope: Scope): string {
  const queue = [...scope.resources.values()].find(({ attributes }) => attributes.Arn === arn);
  if (!queue) throw new Error(`${arn}: no such queue in the template`);
  return queue.ref;
}

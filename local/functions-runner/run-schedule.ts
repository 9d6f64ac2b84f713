import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { transformInput } from '../eventbridge/input-transformer.ts';
import type { SourceLog } from '../logs/log-record.ts';
import type { StackIdentity } from '../template/physical-resources.ts';
import type { RuleTargetDefinition } from '../template/rules.ts';
import { invokeAsync } from './async-invoker.ts';
import type { LambdaFunction } from './lambda-function.ts';
import { parseSchedule } from './schedule.ts';

export type ScheduleOptions = {
  expression: string;
  ruleArn: string;
  target: RuleTargetDefinition;
  stack: StackIdentity;
  lambda: LambdaFunction;
  log: SourceLog;
};

/** The longest time of a timer of Node. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

/** Invokes the function each time the schedule fires, whether or not it still runs, until aborted. */
export async function runSchedule(options: ScheduleOptions, signal: AbortSignal): Promise<void> {
  const { expression, lambda, log } = options;
  const schedule = parseSchedule(expression);
  const fire = async (): Promise<void> => {
    try {
      await invokeAsync(lambda, scheduledInput(options, new Date()), { log, signal });
    } catch (error) {
      log('ERROR', 'Scheduled invocation failed', { error: String(error) });
    }
  };
  if (schedule.firesAtStart) void fire();
  let dueAt = schedule.next(Date.now());
  while (!signal.aborted) {
    const waitMs = Math.min(dueAt - Date.now(), LONGEST_SLEEP_MS);
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => {});
    if (signal.aborted || Date.now() < dueAt) continue;
    void fire();
    // After the machine has slept, the schedule fires only once.
    dueAt = schedule.next(Math.max(dueAt, Date.now() - 1000));
  }
}

/** The input of a target for the event of a schedule. */
export function scheduledInput(
  { target, ruleArn, stack }: Pick<ScheduleOptions, 'target' | 'ruleArn' | 'stack'>,
  now: Date,
): unknown {
  if (target.input !== undefined) return JSON.parse(target.input);
  const time = now.toISOString().replace(/\.\d+Z$/, 'Z');
  const event = {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: stack.accountId,
    time,
    region: stack.region,
    resources: [ruleArn],
    detail: {},
  };
  const { inputTransformer } = target;
  return inputTransformer ? transformInput(inputTransformer, event, { ruleArn, ingestionTime: time }) : event;
}

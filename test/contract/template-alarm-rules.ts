import * as v from 'valibot';
import { expect } from 'vitest';
import { LAST_DELIVERY } from '../../lib/runtime/sqs-batch-handler.ts';
import type { Template } from '../../scripts/compile-template.ts';
import { functionsOf, nameOf, resourceOf, resourcesOf } from './template-resources.ts';

const metricDimension = v.object({ Name: v.string(), Value: v.unknown() });

const alarmProperties = v.looseObject({
  Namespace: v.optional(v.string()),
  MetricName: v.optional(v.string()),
  Dimensions: v.optional(v.tuple([metricDimension])),
  ComparisonOperator: v.string(),
  Threshold: v.number(),
  TreatMissingData: v.string(),
});

const alarmsOf = (template: Template) =>
  resourcesOf(template, 'AWS::CloudWatch::Alarm').map(({ logicalId, Properties }) => ({
    logicalId,
    ...v.parse(alarmProperties, Properties),
  }));

const sum = v.object({
  ReturnData: v.literal(false),
  MetricStat: v.object({
    Metric: v.object({
      Namespace: v.string(),
      MetricName: v.string(),
      Dimensions: v.tuple([metricDimension]),
    }),
    Period: v.number(),
    Stat: v.literal('Sum'),
  }),
});
const conditionalSum = v.object({
  'Fn::If': v.tuple([v.string(), sum, v.object({ Ref: v.literal('AWS::NoValue') })]),
});

/** What an alarm on SUM(METRICS()) adds up. */
function sumsOf(template: Template, logicalId: string): string[] {
  const [total, ...metrics] = v.parse(
    v.array(v.unknown()),
    resourceOf(template, logicalId).Properties.Metrics,
  );
  expect(total).toEqual({ Id: 'total', Expression: 'SUM(METRICS())' });
  return metrics.map((metric) => {
    const [condition, counted] = v.is(conditionalSum, metric) ? metric['Fn::If'] : [undefined, metric];
    const { MetricStat } = v.parse(sum, counted);
    const { MetricName, Dimensions } = MetricStat.Metric;
    const subject = `${MetricName} of ${nameOf(Dimensions[0].Value)} in ${MetricStat.Period} s`;
    return condition === undefined ? subject : `${subject} if ${condition}`;
  });
}

/** What wakes somebody. See template-rules.ts. */
export const templateAlarmRules = {
  'there is an alarm for everything that stops or loses work'(template) {
    const conditions = alarmsOf(template).flatMap((alarm) => {
      if (alarm.MetricName === undefined) return [];
      const [dimension] = alarm.Dimensions ?? [];
      const subject = `${alarm.MetricName} of ${nameOf(dimension?.Value)}`;
      return [`${subject} ${alarm.ComparisonOperator} ${alarm.Threshold}, missing ${alarm.TreatMissingData}`];
    });
    expect(conditions.sort()).toEqual([
      '5xx of HttpApi GreaterThanThreshold 3, missing notBreaching',
      'ApproximateAgeOfOldestMessage of ActivationQueue GreaterThanThreshold 1800, missing notBreaching',
      'ApproximateAgeOfOldestMessage of WebhookQueue GreaterThanThreshold 1800, missing notBreaching',
      'AsyncEventsDropped of CheckDashdriftLambdaFunction GreaterThanThreshold 0, missing notBreaching',
      'AsyncEventsDropped of RunDashpoliciesLambdaFunction GreaterThanThreshold 0, missing notBreaching',
      'AsyncEventsDropped of StartDashscheduledDashbatchLambdaFunction GreaterThanThreshold 0, missing notBreaching',
      'DisabledConfigurationEntries of flow-log-activator-dev GreaterThanThreshold 0, missing notBreaching',
      'EventBusMissing of flow-log-activator-dev GreaterThanThreshold 0, missing notBreaching',
      'HeldActivations of flow-log-activator-dev GreaterThanThreshold 0, missing notBreaching',
      'Invocations of PollDashactivationsLambdaFunction LessThanThreshold 1, missing breaching',
      'NumberOfMessagesSent of DeadLetterQueue GreaterThanThreshold 0, missing notBreaching',
      'NumberOfMessagesSent of WebhookDeadLetterQueue GreaterThanThreshold 0, missing notBreaching',
      'PoisonMessages of flow-log-activator-dev GreaterThanThreshold 0, missing notBreaching',
      'RefusedMessages of flow-log-activator-dev GreaterThanThreshold 0, missing notBreaching',
      'UnansweredDeadlines of flow-log-activator-dev GreaterThanThreshold 0, missing notBreaching',
      'UnreadableItems of flow-log-activator-dev GreaterThanThreshold 0, missing notBreaching',
    ]);
  },

  'no alarm lasts because something lies in a queue'(template) {
    expect(JSON.stringify(resourcesOf(template, 'AWS::CloudWatch::Alarm'))).not.toContain(
      'ApproximateNumberOfMessages',
    );
  },

  'what SQS moves to a poison queue is counted: failed five times by the function, crashed five times as errors'(
    template,
  ) {
    for (const queue of ['ActivationQueue', 'WebhookQueue']) {
      expect(resourceOf(template, queue).Properties.RedrivePolicy).toMatchObject({
        maxReceiveCount: LAST_DELIVERY,
      });
    }
    expect(sumsOf(template, 'WebhookPoisonAlarm')).toEqual([
      'PoisonWebhooks of flow-log-activator-dev in 300 s',
      'NumberOfMessagesSent of WebhookPoisonQueue in 300 s',
    ]);
    expect(sumsOf(template, 'FunctionErrorsAlarm')).toEqual([
      'Errors of ActivateDashflowDashlogLambdaFunction in 900 s',
      'Errors of PollDashactivationsLambdaFunction in 900 s',
      'Errors of SendDashwebhooksLambdaFunction in 900 s if HasWebhookEndpoints',
    ]);
  },

  'what says nothing without webhook endpoints is there only with them'(template) {
    const conditional = resourcesOf(template, 'AWS::CloudWatch::Alarm').filter(({ Condition }) => Condition);
    expect(conditional.map(({ logicalId, Condition }) => `${logicalId}: ${Condition}`)).toEqual([
      'WebhookDeadLettersAlarm: HasWebhookEndpoints',
      'WebhookQueueAgeAlarm: HasWebhookEndpoints',
      'WebhookPoisonAlarm: HasWebhookEndpoints',
    ]);
  },

  'alarms read our metrics where the functions write them'(template) {
    const ours = alarmsOf(template).filter(({ Dimensions }) => Dimensions?.[0].Name === 'service');
    expect(ours).toHaveLength(7);
    for (const { Environment } of functionsOf(template)) {
      for (const { Namespace, Dimensions } of ours) {
        expect(Namespace).toBe(Environment.Variables.POWERTOOLS_METRICS_NAMESPACE);
        expect(Dimensions?.[0].Value).toBe(Environment.Variables.POWERTOOLS_SERVICE_NAME);
      }
    }
  },

  'every alarm, and its end, goes to the topic'(template) {
    for (const { Properties } of resourcesOf(template, 'AWS::CloudWatch::Alarm')) {
      expect(Properties).toMatchObject({
        AlarmActions: [{ Ref: 'AlarmTopic' }],
        OKActions: [{ Ref: 'AlarmTopic' }],
      });
    }
  },

  'the topic is encrypted with a key that alarms may use'(template) {
    expect(resourceOf(template, 'AlarmTopic').Properties.KmsMasterKeyId).toEqual({ Ref: 'AlarmTopicKey' });
    const { EnableKeyRotation, KeyPolicy } = resourceOf(template, 'AlarmTopicKey').Properties;
    expect(EnableKeyRotation).toBe(true);
    expect(KeyPolicy).toMatchObject({
      Statement: [
        { Principal: { AWS: { 'Fn::Sub': expect.stringMatching(/:root$/) } } },
        {
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        },
      ],
    });
  },
} satisfies Record<string, (template: Template) => void>;

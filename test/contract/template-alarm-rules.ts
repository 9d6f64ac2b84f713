import * as v from 'valibot';
import { expect } from 'vitest';
import type { Template } from '../../scripts/compile-template.ts';
import { functionOf, functionsOf, nameOf, resourceOf, resourcesOf } from './template-resources.ts';

const metricDimension = v.object({ Name: v.string(), Value: v.unknown() });

const alarmProperties = v.looseObject({
  Namespace: v.optional(v.string()),
  MetricName: v.optional(v.string()),
  Dimensions: v.optional(v.tuple([metricDimension])),
  Metrics: v.optional(v.array(v.looseObject({ Id: v.string() })), []),
  ComparisonOperator: v.string(),
  Threshold: v.number(),
  TreatMissingData: v.string(),
});

const alarmsOf = (template: Template) =>
  resourcesOf(template, 'AWS::CloudWatch::Alarm').map(({ logicalId, Properties }) => ({
    logicalId,
    ...v.parse(alarmProperties, Properties),
  }));

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
      'ApproximateNumberOfMessagesVisible of DeadLetterQueue GreaterThanThreshold 0, missing notBreaching',
      'ApproximateNumberOfMessagesVisible of PoisonQueue GreaterThanThreshold 0, missing notBreaching',
      'ApproximateNumberOfMessagesVisible of WebhookDeadLetterQueue GreaterThanThreshold 0, missing notBreaching',
      'ApproximateNumberOfMessagesVisible of WebhookPoisonQueue GreaterThanThreshold 0, missing notBreaching',
      'AsyncEventsDropped of CheckDashdriftLambdaFunction GreaterThanThreshold 0, missing notBreaching',
      'AsyncEventsDropped of StartDashscheduledDashbatchLambdaFunction GreaterThanThreshold 0, missing notBreaching',
      'EventBusMissing of flow-log-activator-dev GreaterThanThreshold 0, missing notBreaching',
      'HeldActivations of flow-log-activator-dev GreaterThanThreshold 0, missing notBreaching',
      'Invocations of PollDashactivationsLambdaFunction LessThanThreshold 1, missing breaching',
      'RefusedMessages of flow-log-activator-dev GreaterThanThreshold 0, missing notBreaching',
      'UnansweredDeadlines of flow-log-activator-dev GreaterThanThreshold 0, missing notBreaching',
      'UnreadableItems of flow-log-activator-dev GreaterThanThreshold 0, missing notBreaching',
    ]);
  },

  'errors of the worker and the poller count'(template) {
    const { Metrics } = v.parse(alarmProperties, resourceOf(template, 'FunctionErrorsAlarm').Properties);
    const [total, ...counted] = Metrics;
    expect(total).toEqual({ Id: 'total', Expression: 'SUM(METRICS())' });
    expect(counted).toMatchObject(
      ['activate-flow-log', 'poll-activations'].map((name) => ({
        ReturnData: false,
        MetricStat: {
          Metric: {
            Namespace: 'AWS/Lambda',
            MetricName: 'Errors',
            Dimensions: [{ Name: 'FunctionName', Value: { Ref: functionOf(template, name).logicalId } }],
          },
          Period: 300,
          Stat: 'Sum',
        },
      })),
    );
  },

  'what says nothing without webhook endpoints is there only with them'(template) {
    const conditional = resourcesOf(template, 'AWS::CloudWatch::Alarm').filter(({ Condition }) => Condition);
    expect(conditional.map(({ logicalId, Condition }) => `${logicalId}: ${Condition}`)).toEqual([
      'WebhookDeadLettersAlarm: HasWebhookEndpoints',
      'WebhookPoisonAlarm: HasWebhookEndpoints',
      'WebhookQueueAgeAlarm: HasWebhookEndpoints',
    ]);
  },

  'alarms read our metrics where the functions write them'(template) {
    const ours = alarmsOf(template).filter(({ Dimensions }) => Dimensions?.[0].Name === 'service');
    expect(ours).toHaveLength(5);
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

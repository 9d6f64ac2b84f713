import * as v from 'valibot';

/** The requests of the AWS JSON 1.1 protocol that the emulator understands, as far as it reads them. */
export const PutEventsRequest = v.object({
  Entries: v.optional(
    v.array(
      v.object({
        Source: v.optional(v.string()),
        DetailType: v.optional(v.string()),
        Detail: v.optional(v.string()),
        EventBusName: v.optional(v.string()),
        Resources: v.optional(v.array(v.string())),
        Time: v.optional(v.number()),
      }),
    ),
    [],
  ),
});

export const BusRequest = v.object({ Name: v.optional(v.pipe(v.string(), v.nonEmpty()), 'default') });

export const PutRuleRequest = v.object({
  Name: v.pipe(v.string(), v.nonEmpty()),
  EventBusName: v.optional(v.string(), 'default'),
  EventPattern: v.pipe(v.string(), v.parseJson()),
  State: v.optional(v.string(), 'ENABLED'),
});

/** Strict: a target option that is not supported is refused, not ignored. */
export const PutTargetsRequest = v.object({
  Rule: v.pipe(v.string(), v.nonEmpty()),
  EventBusName: v.optional(v.string(), 'default'),
  Targets: v.array(
    v.strictObject({
      Id: v.string(),
      Arn: v.string(),
      Input: v.optional(v.string()),
      InputPath: v.optional(v.string()),
      RoleArn: v.optional(v.string()),
      DeadLetterConfig: v.optional(v.unknown()),
      RetryPolicy: v.optional(v.unknown()),
    }),
  ),
});

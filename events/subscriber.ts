/** The package `flow-log-activator/events` for subscribers: types, schemas, guards and rule patterns. */
import * as v from 'valibot';
import { ACTIVATION_COMPLETED, type ActivationCompleted } from './activation-completed-v1.ts';
import { ACTIVATION_FAILED, type ActivationFailed } from './activation-failed-v1.ts';
import { ACTIVATION_SUBMITTED, type ActivationSubmitted } from './activation-submitted-v1.ts';
import { BATCH_COMPLETED, type BatchCompleted } from './batch-completed-v1.ts';
import { BATCH_PLANNED, type BatchPlanned } from './batch-planned-v1.ts';
import { EVENT_SOURCE } from './cloud-event.ts';
import {
  DEACTIVATION_BATCH_COMPLETED,
  type DeactivationBatchCompleted,
} from './deactivation-batch-completed-v1.ts';
import { DEACTIVATION_COMPLETED, type DeactivationCompleted } from './deactivation-completed-v1.ts';
import { DEACTIVATION_FAILED, type DeactivationFailed } from './deactivation-failed-v1.ts';
import { DEACTIVATION_SUBMITTED, type DeactivationSubmitted } from './deactivation-submitted-v1.ts';
import { EVENT_SCHEMAS } from './event-schemas.ts';
import { FLOW_LOG_DRIFTED, type FlowLogDrifted } from './flow-log-drifted-v1.ts';
import { POLICY_RUN_COMPLETED, type PolicyRunCompleted } from './policy-run-completed-v1.ts';

export type {
  ActivationCompleted,
  ActivationFailed,
  ActivationSubmitted,
  BatchCompleted,
  BatchPlanned,
  DeactivationBatchCompleted,
  DeactivationCompleted,
  DeactivationFailed,
  DeactivationSubmitted,
  FlowLogDrifted,
  PolicyRunCompleted,
};

/** Any event of this release. `type` distinguishes them. */
export type FlowLogActivatorEvent =
  | ActivationSubmitted
  | ActivationCompleted
  | ActivationFailed
  | BatchCompleted
  | BatchPlanned
  | FlowLogDrifted
  | DeactivationSubmitted
  | DeactivationCompleted
  | DeactivationFailed
  | DeactivationBatchCompleted
  | PolicyRunCompleted;

export type EventType = FlowLogActivatorEvent['type'];

/** The `type` of each event; also its `detail-type` on the bus. */
export const EVENT_TYPES = {
  activationSubmitted: ACTIVATION_SUBMITTED,
  activationCompleted: ACTIVATION_COMPLETED,
  activationFailed: ACTIVATION_FAILED,
  batchCompleted: BATCH_COMPLETED,
  batchPlanned: BATCH_PLANNED,
  flowLogDrifted: FLOW_LOG_DRIFTED,
  deactivationSubmitted: DEACTIVATION_SUBMITTED,
  deactivationCompleted: DEACTIVATION_COMPLETED,
  deactivationFailed: DEACTIVATION_FAILED,
  deactivationBatchCompleted: DEACTIVATION_BATCH_COMPLETED,
  policyRunCompleted: POLICY_RUN_COMPLETED,
} as const satisfies Record<string, EventType>;

/** A schema in the format of https://standardschema.dev, which many libraries accept. `validate` is synchronous. */
export type EventSchema<Event> = {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Event> | Promise<SchemaResult<Event>>;
    readonly types?: { readonly input: Event; readonly output: Event } | undefined;
  };
};

export type SchemaResult<Event> =
  | { readonly value: Event; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] };

/** The schema of every event type. A schema accepts unknown fields. */
export const eventSchemas: {
  readonly [Type in EventType]: EventSchema<Extract<FlowLogActivatorEvent, { type: Type }>>;
} = EVENT_SCHEMAS;

/** Volcengine accepted the call. Not final. */
export function isActivationSubmitted(event: unknown): event is ActivationSubmitted {
  return v.is(EVENT_SCHEMAS[ACTIVATION_SUBMITTED], event);
}

/** The flow log was seen Active. Final. */
export function isActivationCompleted(event: unknown): event is ActivationCompleted {
  return v.is(EVENT_SCHEMAS[ACTIVATION_COMPLETED], event);
}

/** The activation ended without the flow log being seen Active. Final, unless it is redriven. */
export function isActivationFailed(event: unknown): event is ActivationFailed {
  return v.is(EVENT_SCHEMAS[ACTIVATION_FAILED], event);
}

/** Every activation of the batch was final, for the first time. Published once, even if one is redriven later. */
export function isBatchCompleted(event: unknown): event is BatchCompleted {
  return v.is(EVENT_SCHEMAS[BATCH_COMPLETED], event);
}

/** A schedule in dry run reported what it would have activated. */
export function isBatchPlanned(event: unknown): event is BatchPlanned {
  return v.is(EVENT_SCHEMAS[BATCH_PLANNED], event);
}

/** A completed flow log was found to be no longer Active. */
export function isFlowLogDrifted(event: unknown): event is FlowLogDrifted {
  return v.is(EVENT_SCHEMAS[FLOW_LOG_DRIFTED], event);
}

/** Volcengine accepted a call that switches the flow log off. Not final. */
export function isDeactivationSubmitted(event: unknown): event is DeactivationSubmitted {
  return v.is(EVENT_SCHEMAS[DEACTIVATION_SUBMITTED], event);
}

/** The flow log was seen Inactive, as it was asked for. Final. */
export function isDeactivationCompleted(event: unknown): event is DeactivationCompleted {
  return v.is(EVENT_SCHEMAS[DEACTIVATION_COMPLETED], event);
}

/** The deactivation ended without the flow log being seen Inactive. Final, unless it is redriven. */
export function isDeactivationFailed(event: unknown): event is DeactivationFailed {
  return v.is(EVENT_SCHEMAS[DEACTIVATION_FAILED], event);
}

/** Every deactivation of the batch was final, for the first time. */
export function isDeactivationBatchCompleted(event: unknown): event is DeactivationBatchCompleted {
  return v.is(EVENT_SCHEMAS[DEACTIVATION_BATCH_COMPLETED], event);
}

/** A run of a policy has ended: what is not in the desired state, and why. */
export function isPolicyRunCompleted(event: unknown): event is PolicyRunCompleted {
  return v.is(EVENT_SCHEMAS[POLICY_RUN_COMPLETED], event);
}

export type ParsedEvent =
  | { outcome: 'known'; event: FlowLogActivatorEvent }
  /** An event of this service whose type or version is newer than this release. It is not an error. */
  | { outcome: 'unknown-type'; type: string }
  /** Its `type` is known, but it does not match the schema. */
  | { outcome: 'invalid'; type: EventType; problems: string[] }
  | { outcome: 'not-ours'; problem: string };

const OurEvent = v.looseObject({
  'detail-type': v.optional(v.never('an EventBridge event is for parseEventBridgeEvent')),
  specversion: v.literal('1.0'),
  source: v.literal(EVENT_SOURCE),
  type: v.pipe(v.string(), v.nonEmpty()),
});

/** Reads an event from JSON text (the body of a webhook) or from a value (`detail` on the bus). Never throws. */
export function parseEvent(input: unknown): ParsedEvent {
  const value = typeof input === 'string' ? jsonOrUndefined(input) : input;
  const ours = v.safeParse(OurEvent, value);
  if (!ours.success) return { outcome: 'not-ours', problem: problemsOf(ours.issues).join('; ') };
  const { type } = ours.output;
  if (!isKnownType(type)) return { outcome: 'unknown-type', type };
  const parsed = v.safeParse(EVENT_SCHEMAS[type], value);
  if (!parsed.success) return { outcome: 'invalid', type, problems: problemsOf(parsed.issues) };
  return { outcome: 'known', event: parsed.output };
}

/**
 * Reads the event in an EventBridge event, from JSON text (the body of an SQS message that a rule sent) or from a value
 * (the input of a Lambda function that a rule invokes). Never throws.
 */
export function parseEventBridgeEvent(input: unknown): ParsedEvent {
  const value = typeof input === 'string' ? jsonOrUndefined(input) : input;
  const envelope = v.safeParse(v.looseObject({ detail: v.looseObject({}) }), value);
  if (!envelope.success) return { outcome: 'not-ours', problem: problemsOf(envelope.issues).join('; ') };
  return parseEvent(envelope.output.detail);
}

function isKnownType(type: string): type is EventType {
  return Object.hasOwn(EVENT_SCHEMAS, type);
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemsOf(issues: [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string[] {
  return issues.map((issue) => {
    const path = v.getDotPath(issue);
    return path === null ? issue.message : `${path}: ${issue.message}`;
  });
}

/** The pattern of an EventBridge rule, as the API, CloudFormation and Terraform accept it. Exact matches only. */
export type EventPattern = {
  source: string[];
  'detail-type'?: EventType[];
  detail?: { data: Record<string, (string | boolean)[]> };
};

/** Limits a pattern to some flow logs. `account` is an alias of this service, not an AWS account. */
export type FlowLogScope = { account?: OneOrMore; region?: OneOrMore; flowLogId?: OneOrMore };

/** Limits a pattern to some batches. `source` is the origin of their request. */
export type BatchScope = { batchId?: OneOrMore; source?: OneOrMore };

/** Limits a pattern to some schedules, by name. */
export type PlanScope = { schedule?: OneOrMore };

/** Limits a pattern to some policies, by name. */
export type PolicyScope = { policy?: OneOrMore };

type OneOrMore = string | string[];

/** Rule patterns for the usual subscriptions. Without a scope they match all flow logs or batches. */
export const patterns = {
  everything: (): EventPattern => ({ source: [EVENT_SOURCE] }),
  finalEnds: (scope: FlowLogScope = {}): EventPattern =>
    patternOf([ACTIVATION_COMPLETED, ACTIVATION_FAILED], scope),
  failures: (scope: FlowLogScope = {}): EventPattern => patternOf([ACTIVATION_FAILED], scope),
  /** Failures for which a redrive can help, once the cause is removed. */
  redrivableFailures: (scope: FlowLogScope = {}): EventPattern =>
    patternOf([ACTIVATION_FAILED], { ...scope, redriveHelps: true }),
  batchesCompleted: (scope: BatchScope = {}): EventPattern => patternOf([BATCH_COMPLETED], scope),
  batchesPlanned: (scope: PlanScope = {}): EventPattern => patternOf([BATCH_PLANNED], scope),
  drifts: (scope: FlowLogScope = {}): EventPattern => patternOf([FLOW_LOG_DRIFTED], scope),
  /** The final ends of deactivations. No other pattern but `everything` matches an event of a deactivation. */
  deactivationEnds: (scope: FlowLogScope = {}): EventPattern =>
    patternOf([DEACTIVATION_COMPLETED, DEACTIVATION_FAILED], scope),
  policyRuns: (scope: PolicyScope = {}): EventPattern => patternOf([POLICY_RUN_COMPLETED], scope),
};

function patternOf(
  types: EventType[],
  wanted: Record<string, OneOrMore | boolean | undefined>,
): EventPattern {
  const given = Object.entries(wanted).flatMap(([field, value]) =>
    value === undefined ? [] : [[field, [value].flat()] as const],
  );
  const detail = given.length > 0 ? { detail: { data: Object.fromEntries(given) } } : {};
  return { source: [EVENT_SOURCE], 'detail-type': types, ...detail };
}

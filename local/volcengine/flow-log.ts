import * as v from 'valibot';

export const FLOW_LOG_STATUSES = ['Active', 'Pending', 'Inactive', 'Creating', 'Deleting', 'Failed'] as const;

/**
 * Two exist here only. `Absent`: DescribeFlowLogs does not show it, and every call gets NotFound. `Suspended` stands for a
 * status that no document names.
 */
const StatusSchema = v.picklist([...FLOW_LOG_STATUSES, 'Suspended', 'Absent']);
export type FlowLogStatus = v.InferOutput<typeof StatusSchema>;

export const FlowLogIdSchema = v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,64}$/));
export const DurationMsSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const CountSchema = v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), 0);
const TextSchema = v.optional(v.string(), '');

const PlannedChange = {
  status: v.optional(StatusSchema),
  frozen: v.optional(v.boolean()),
  lockReason: v.optional(v.string()),
};

/** The common fields of a seed and a stored flow log. */
const Attributes = {
  region: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,64}$/)),
  flowLogId: FlowLogIdSchema,
  status: v.optional(StatusSchema, 'Inactive'),
  /** How long an activation stays Pending. */
  pendingMs: v.optional(DurationMsSchema, 3000),
  /** How long one call is processed. Meanwhile its token gets 412, and every other call 409. */
  processingMs: v.optional(DurationMsSchema, 0),
  /** The status after Pending. */
  activatesTo: v.optional(v.picklist(['Active', 'Inactive', 'Deleting', 'Failed', 'Absent']), 'Active'),
  flowLogName: TextSchema,
  description: TextSchema,
  resourceType: v.optional(v.picklist(['vpc', 'subnet', 'eni']), 'vpc'),
  resourceId: v.optional(v.string(), 'vpc-fake'),
  trafficType: v.optional(v.picklist(['All', 'Allow', 'Drop']), 'All'),
  logProjectId: TextSchema,
  logTopicId: TextSchema,
  aggregationInterval: v.optional(v.picklist([1, 5, 10]), 10),
  vpcId: v.optional(v.string(), 'vpc-fake'),
  projectName: v.optional(v.string(), 'default'),
  tags: v.optional(
    v.array(v.strictObject({ key: v.pipe(v.string(), v.minLength(1)), value: v.string() })),
    [],
  ),
};

export const FlowLogSeedSchema = v.strictObject({
  ...Attributes,
  account: v.optional(v.string()),
  /** Shorthand for a financial lock; `businessStatus` and `lockReason` say it in detail. */
  frozen: v.optional(v.boolean(), false),
  businessStatus: v.optional(v.string()),
  lockReason: v.optional(v.string()),
  /** Changes without a call. Their times count from the seeding. */
  plan: v.optional(v.array(v.strictObject({ ...PlannedChange, afterMs: DurationMsSchema })), []),
});

export const FlowLogSchema = v.strictObject({
  ...Attributes,
  account: v.string(),
  businessStatus: v.string(),
  lockReason: v.string(),
  /** In order of time. */
  plan: v.array(v.strictObject({ ...PlannedChange, at: v.number() })),
  createdAt: v.number(),
  updatedAt: v.number(),
  /** The latest time at which it became Pending. */
  pendingAt: v.optional(v.number()),
  /** The status after Pending instead of `activatesTo`: the flow log is being deactivated. */
  pendingTo: v.optional(v.literal('Inactive')),
  /** When Pending ends; absent unless Pending and not frozen. */
  pendingUntil: v.optional(v.number()),
  /** The latest time at which it became Active. */
  activeAt: v.optional(v.number()),
  /** Calls of ActiveFlowLog for it, successful or not. */
  activeCalls: CountSchema,
  /** Calls that took it from Inactive to Pending. */
  effectiveActivations: CountSchema,
});

export type FlowLogSeed = v.InferInput<typeof FlowLogSeedSchema>;
export type ParsedFlowLogSeed = v.InferOutput<typeof FlowLogSeedSchema>;
/** Times are milliseconds since the epoch. */
export type FlowLog = v.InferOutput<typeof FlowLogSchema>;

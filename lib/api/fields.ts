import * as v from 'valibot';
import { PLAN_ID } from '../activation/batches/plan.ts';
import { ACCOUNT_ALIAS, BATCH_ID, FLOW_LOG_ID, REGION, REGION_LIMIT } from '../activation/model/ids.ts';
import { FAILURE_REASONS } from '../activation/model/outcome.ts';
import { PRINCIPAL_LIMIT } from '../activation/model/principal.ts';
import { OPERATION_ID } from '../activation/operations/operation.ts';
import { LOST_KEYS, objectWithFreeKeys } from '../http/json-object.ts';

const METADATA_LIMIT_BYTES = 4_096;

const regionRule = 'must be a region such as cn-beijing';

export const flowLogIdSchema = v.pipe(
  v.string('must be a string'),
  v.regex(FLOW_LOG_ID, 'must be 1 to 64 letters, digits or hyphens'),
  v.description("Volcengine's id of a flow log."),
  v.examples(['fl-2d6m9xk4q8zy85oxruvg1']),
);
export const regionSchema = v.pipe(
  v.string('must be a string'),
  v.maxLength(REGION_LIMIT, regionRule),
  v.regex(REGION, regionRule),
  v.description('A Volcengine region. An unknown region is refused, unless the configuration names it.'),
  v.examples(['cn-beijing']),
);
export const accountSchema = v.pipe(
  v.string('must be a string'),
  v.regex(ACCOUNT_ALIAS, 'must be an account alias of letters, digits, - or _'),
  v.description('The alias of a configured Volcengine account; never an account number.'),
  v.examples(['default']),
);

/** True for text that every store and JSON parser keeps unchanged. DynamoDB allows no empty attribute name. */
const isPlainText = (value: string, index: number) =>
  value.isWellFormed() && (index % 2 === 1 || value !== '');

export const metadataSchema = v.pipe(
  objectWithFreeKeys('must be an object of strings'),
  v.record(v.string(), v.string('must be a string')),
  v.check(
    (metadata) => Object.entries(metadata).flat().every(isPlainText),
    'must have keys, and no broken Unicode',
  ),
  v.check(
    (metadata) => Buffer.byteLength(JSON.stringify(metadata)) <= METADATA_LIMIT_BYTES,
    `must be at most ${METADATA_LIMIT_BYTES} bytes of JSON`,
  ),
  v.metadata({
    description:
      `Strings of your own, at most ${METADATA_LIMIT_BYTES} bytes as JSON, in well-formed Unicode. They come back ` +
      'in the activation and in its events.',
    propertyNames: { type: 'string', minLength: 1, not: { enum: LOST_KEYS } },
    examples: [{ ticket: 'OPS-42' }],
  }),
);

export const planIdSchema = v.pipe(
  v.string('must be a string'),
  v.regex(PLAN_ID, 'must be a plan id'),
  v.description('A plan: what a selector matched at one time. Kept for 90 days.'),
  v.examples(['p-0123456789abcdef0123456789abcdef']),
);

export const batchIdSchema = v.pipe(
  v.string('must be a batch id'),
  v.regex(BATCH_ID, 'must be a batch id'),
  v.description('A batch: what one request asked for.'),
  v.examples(['b-0123456789abcdef0123456789abcdef']),
);

export const operationIdSchema = v.pipe(
  v.string('must be an operation id'),
  v.regex(OPERATION_ID, 'must be an operation id'),
  v.description('An operation: one action for many activations. Kept for 90 days.'),
  v.examples(['o-0123456789abcdef0123456789abcdef']),
);

/** The parts of an activation id, in the order in which `activationIdOf` joins them. */
const parts = [ACCOUNT_ALIAS, REGION, FLOW_LOG_ID, BATCH_ID].map(({ source }) => source.slice(1, -1));

export const activationIdSchema = v.pipe(
  v.string(),
  v.regex(new RegExp(`^${parts.join('\\.')}$`)),
  v.description(
    'An activation: account alias, region, flow log and the batch that opened it, joined by dots.',
  ),
  v.examples(['default.cn-beijing.fl-2d6m9xk4q8zy85oxruvg1.b-0123456789abcdef0123456789abcdef']),
);

export const timeSchema = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.description('ISO 8601, in UTC, to the millisecond.'),
);

const timeRule = 'must be a time in ISO 8601 with a time zone, such as 2026-01-02T03:04:05Z';
const date = String.raw`\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])`;
const zone = String.raw`(Z|[+-]([01]\d|2[0-3]):[0-5]\d)`;

/** A time in a request. Each text of this form is a time for Date.parse. */
const requestTimeSchema = v.pipe(
  v.string(timeRule),
  v.regex(new RegExp(String.raw`^${date}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?${zone}$`), timeRule),
  v.examples(['2026-01-02T03:04:05Z']),
);

/** Of a filter. Without a description: what it selects differs. */
export const requestedReasonSchema = v.picklist(
  FAILURE_REASONS,
  `must be one of ${FAILURE_REASONS.join(', ')}`,
);

/** The rule of a filter that is set or absent. */
export const onlyTrue = 'must be true, or absent';

/** Of a list or an operation. Both are included. */
export const creationTimes = {
  createdFrom: v.optional(
    v.pipe(requestTimeSchema, v.description('Created at this time or later. In ISO 8601, with a time zone.')),
  ),
  createdUntil: v.optional(v.pipe(requestTimeSchema, v.description('Created at this time or earlier.'))),
};

/** The times in ms since the epoch, 0 for an earlier one. */
export function creationTimesOf({
  createdFrom,
  createdUntil,
}: {
  createdFrom?: string;
  createdUntil?: string;
}) {
  const timeOf = (text: string) => Math.max(0, Date.parse(text));
  return {
    ...(createdFrom !== undefined && { createdFrom: timeOf(createdFrom) }),
    ...(createdUntil !== undefined && { createdUntil: timeOf(createdUntil) }),
  };
}

export const generationSchema = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(1),
  v.description('Starts at 1. Every redrive adds 1.'),
);

/** In each response that may omit unreadable records. */
export const unreadableSchema = v.optional(
  v.pipe(
    v.array(v.object({ account: accountSchema, region: regionSchema, flowLogId: flowLogIdSchema })),
    v.minLength(1),
    v.description(
      'Flow logs whose record this version of the service cannot read, because another version wrote it. The rest of ' +
        'the response omits them. Nothing changes these records.',
    ),
  ),
);

export const countSchema = v.pipe(v.number(), v.integer(), v.minValue(0));

export const principalSchema = v.pipe(v.string(), v.maxLength(PRINCIPAL_LIMIT));

export const requestedBySchema = v.pipe(
  principalSchema,
  v.description(
    'Who requested it first: the ARN of an IAM principal, `webhook:<source>`, `schedule:<name>` or `policy:<name>`. A name ' +
      `longer than ${PRINCIPAL_LIMIT} characters is shortened in the middle. Absent if version 0.3 or earlier took the request.`,
  ),
  v.examples(['arn:aws:sts::123456789012:assumed-role/pipeline/deploy']),
);

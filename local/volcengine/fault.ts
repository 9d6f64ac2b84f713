import * as v from 'valibot';
import { publishedError } from './api-error.ts';
import { DurationMsSchema } from './flow-log.ts';
import { IdPatternSchema } from './id-pattern.ts';

const PositiveSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const StatusSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(200), v.maxValue(599));

const Selection = {
  /** An absent filter fits every call. */
  account: v.optional(v.string()),
  region: v.optional(v.string()),
  action: v.optional(
    v.picklist(['ActiveFlowLog', 'DeactiveFlowLog', 'DescribeFlowLogs', 'AssumeRole', 'AssumeRoleWithOIDC']),
  ),
  flowLogId: v.optional(IdPatternSchema),
  /** Which of the calls that fit, counted from 1; all of them if absent. */
  nth: v.optional(v.pipe(v.array(PositiveSchema), v.minLength(1))),
  /** The most times that it strikes. */
  times: v.optional(PositiveSchema),
  /** `nth` and `times` count each flow log by itself. */
  perFlowLog: v.optional(v.boolean(), false),
  probability: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 1),
  /** The seed of the random numbers behind `probability`: the same seed strikes the same calls. */
  seed: v.optional(v.pipe(v.number(), v.safeInteger()), 1),
  delayMs: v.optional(DurationMsSchema, 0),
};

const Processed = {
  /** The call takes effect first, and only its reply is lost or replaced. */
  processed: v.optional(v.boolean(), false),
};

/**
 * `delay` replies late. `error` replies with an error, also with status 200. `reset` closes the connection. `hang` never
 * replies. `garbage` and `html` reply with something other than JSON. Three faults change the true reply: `truncated`
 * cuts it in the middle, `bom` puts a byte order mark before it, `empty-error` adds an empty Error beside its Result.
 */
export const FaultSchema = v.pipe(
  v.variant('kind', [
    v.strictObject({ kind: v.literal('delay'), ...Selection, ...Processed }),
    v.strictObject({
      kind: v.literal('error'),
      ...Selection,
      ...Processed,
      code: v.pipe(v.string(), v.minLength(1)),
      /** Default: the published one of the code. */
      httpStatus: v.optional(StatusSchema),
      codeN: v.optional(v.pipe(v.number(), v.safeInteger())),
      message: v.optional(v.string(), 'An injected fault.'),
      retryAfterSeconds: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
      /** `simple`: `{HTTPCode, errorcode, message}`, the shape without ResponseMetadata; or with HTTPCode as a text. */
      shape: v.optional(v.picklist(['envelope', 'simple', 'simple-text']), 'envelope'),
    }),
    v.strictObject({ kind: v.literal('reset'), ...Selection, ...Processed }),
    v.strictObject({ kind: v.literal('hang'), ...Selection, ...Processed }),
    v.strictObject({ kind: v.literal('garbage'), ...Selection, ...Processed }),
    v.strictObject({
      kind: v.literal('html'),
      ...Selection,
      ...Processed,
      httpStatus: v.optional(StatusSchema, 502),
      retryAfterSeconds: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
    }),
    v.strictObject({ kind: v.picklist(['truncated', 'bom', 'empty-error']), ...Selection }),
  ]),
  v.forward(
    v.check(
      (fault) => fault.kind !== 'error' || (fault.httpStatus ?? publishedError(fault.code)) !== undefined,
      'Required, because the code is not a published one',
    ),
    ['httpStatus'],
  ),
);

export type FaultInput = v.InferInput<typeof FaultSchema>;
export type Fault = v.InferOutput<typeof FaultSchema>;

import * as v from 'valibot';
import type { ActivateOutcome, DescribeOutcome } from '../../lib/activation/model/outcome.ts';
import { MAX_DELAY_MS } from '../../lib/activation/model/policy.ts';
import { require, Violation } from './surface.ts';
import { CREDENTIALS } from './volcengine-input.ts';

const text = (limit: number) =>
  v.pipe(
    v.string(),
    v.maxLength(limit),
    v.check((value) => value.isWellFormed(), 'broken Unicode'),
  );

const error = v.strictObject({
  code: v.pipe(text(128), v.minLength(1)),
  message: text(500),
  httpStatus: v.optional(v.pipe(v.number(), v.integer())),
  requestId: v.optional(text(128)),
});
const retryAfterMs = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_DELAY_MS)));

/** The reasons that a call can fail for; the others are the workflow's own. */
const CALL_REASONS = [
  'not-found',
  'frozen',
  'client-token-reused',
  'client-token-malformed',
  'invalid-request',
  'unexpected',
] as const;

const failures = [
  v.strictObject({ kind: v.literal('retry'), error, retryAfterMs, soon: v.optional(v.boolean()) }),
  v.strictObject({ kind: v.literal('throttled'), error, retryAfterMs }),
  v.strictObject({ kind: v.literal('hold'), error, unsent: v.optional(v.literal(true)) }),
  v.strictObject({ kind: v.literal('verify'), error }),
  v.strictObject({ kind: v.literal('dead-letter'), reason: v.picklist(CALL_REASONS), error }),
] as const;

const view = v.strictObject({
  flowLogId: v.string(),
  status: v.pipe(text(64), v.minLength(1)),
  locked: v.boolean(),
  restoring: v.optional(v.literal(true)),
  lockReason: v.optional(v.pipe(text(500), v.minLength(1))),
});

const activateOutcome = v.variant('kind', [
  v.strictObject({
    kind: v.literal('accepted'),
    requestId: v.pipe(text(128), v.minLength(1)),
    asyncTaskId: v.optional(v.pipe(text(128), v.minLength(1))),
  }),
  ...failures,
]);
const describeOutcome = v.variant('kind', [
  v.strictObject({ kind: v.literal('described'), flowLogs: v.map(v.string(), view) }),
  ...failures,
]);

export const checkActivateOutcome = (outcome: ActivateOutcome) => checkShape(activateOutcome, outcome);

export const checkDescribeOutcome = (outcome: DescribeOutcome) => checkShape(describeOutcome, outcome);

function checkShape(schema: v.GenericSchema, outcome: { kind: string }): void {
  const parsed = v.safeParse(schema, outcome);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const where = v.getDotPath(issue) ?? '';
    throw new Violation(
      'unclassified',
      `${outcome.kind} is not in the closed list: ${where} ${issue.message}`,
    );
  }
  const written = 'error' in outcome ? JSON.stringify(outcome.error) : '';
  for (const [name, secret] of Object.entries(CREDENTIALS)) {
    require(!written.includes(secret), `the ${name} is in the error`);
  }
}

import * as v from 'valibot';
import type { Selector } from '../../activation/batches/selector.ts';
import { jsonObject } from '../../http/json-object.ts';
import { metadataSchema, planIdSchema } from '../fields.ts';
import { unknownField } from '../schema-helpers.ts';
import type { RequestDefaults } from './account-check.ts';
import { parseIdempotent } from './idempotent-request.ts';
import { resolveSelector, selectorRequestSchema } from './selector-request.ts';

export const batchRequestSchema = v.pipe(
  jsonObject('must be a JSON object'),
  v.strictObject(
    {
      selector: v.optional(selectorRequestSchema),
      planId: v.optional(planIdSchema),
      metadata: v.optional(metadataSchema),
      dryRun: v.optional(
        v.pipe(
          v.boolean('must be true or false'),
          v.description('Only make a plan of what would be activated. The default is false.'),
        ),
      ),
    },
    unknownField,
  ),
  v.forward(
    v.check(
      ({ selector, planId }) => selector !== undefined || planId !== undefined,
      'is missing, and planId too',
    ),
    ['selector'],
  ),
  v.forward(
    v.check(
      ({ selector, planId }) => selector === undefined || planId === undefined,
      'goes without a selector',
    ),
    ['planId'],
  ),
  v.forward(
    v.check(({ planId, dryRun }) => planId === undefined || dryRun === undefined, 'goes with a selector'),
    ['dryRun'],
  ),
  v.metadata({
    description: 'Either a selector, or the plan of an earlier dry run.',
    oneOf: [{ required: ['selector'] }, { required: ['planId'] }],
    dependentRequired: { dryRun: ['selector'] },
  }),
);

export type BatchRequest =
  | {
      kind: 'selector';
      selector: Selector;
      metadata: Record<string, string>;
      dryRun: boolean;
      idempotencyKey?: string;
    }
  /** A plan is executed once, with or without an idempotency key. */
  | { kind: 'plan'; planId: string; metadata?: Record<string, string> };

/** Throws the 422 Problem that names every bad field. */
export function parseBatchRequest(
  body: unknown,
  idempotencyKey: string | undefined,
  defaults: RequestDefaults,
): BatchRequest {
  const { content, idempotency } = parseIdempotent(batchRequestSchema, body, idempotencyKey);

  const { selector, planId, metadata, dryRun = false } = content;
  if (planId !== undefined) return { kind: 'plan', planId, ...(metadata && { metadata }) };
  return {
    kind: 'selector',
    selector: resolveSelector(selector ?? {}, defaults),
    metadata: metadata ?? {},
    dryRun,
    ...idempotency,
  };
}

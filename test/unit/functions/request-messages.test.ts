import fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { activationRequestSchema } from '../../../lib/api/requests/activation-request.ts';
import { batchRequestSchema } from '../../../lib/api/requests/batch-request.ts';
import { listQuerySchema } from '../../../lib/api/requests/list-query.ts';
import { bulkRedriveRequestSchema, redriveRequestSchema } from '../../../lib/api/requests/redrive-request.ts';
import { scheduledBatchSchema } from '../../../lib/api/requests/scheduled-batch-request.ts';
import { selectorRequestSchema } from '../../../lib/api/requests/selector-request.ts';
import { fieldOf } from '../../../lib/http/problem.ts';

const NAMES = [
  ...['flowLogIds', 'region', 'account', 'metadata', 'selector', 'planId', 'dryRun', 'tags', 'status'],
  ...['name', 'project', 'vpcId', 'resourceType', 'resourceId', 'schedule', 'scheduledAt', 'generation'],
  ...['reason', 'limit', 'flowLogId', 'batchId', 'cursor', 'owner', ''],
];

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'medium' },
    fc.constantFrom(null, true, 0, -1, 1.5, '', 'x', 'x'.repeat(700), '\ud800', 'Inactive', [], {}),
    fc.array(tie('value'), { maxLength: 12 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 8 }),
  ),
}));

const request = fc.oneof(value, fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 8 }));

test.each(
  Object.entries({
    activationRequestSchema,
    batchRequestSchema,
    bulkRedriveRequestSchema,
    listQuerySchema,
    redriveRequestSchema,
    scheduledBatchSchema,
    selectorRequestSchema,
  }),
)('%s refuses in words of our own', (_name, schema) => {
  fc.assert(
    fc.property(request, (body) => {
      const { issues = [] } = v.safeParse<v.GenericSchema>(schema, body, { abortPipeEarly: true });
      for (const { message } of issues) expect(message).not.toMatch(/^Invalid |Expected|received/);
    }),
    { numRuns: 1_000 },
  );
  const tags = v.safeParse<v.GenericSchema>(schema, { selector: { tags: { x: [] } }, tags: { x: [] } });
  for (const { message } of tags.issues ?? []) expect(message).not.toMatch(/^Invalid /);
});

test('a field or parameter without a name is shown as one', () => {
  expect(fieldOf([''])).toBe('""');
  expect(fieldOf(['metadata', ''])).toBe('metadata.""');
  expect(fieldOf([])).toBe('body');
});

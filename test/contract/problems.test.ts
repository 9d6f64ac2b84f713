import { glob, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import {
  PlanExecutedOtherwise,
  PlanOutdated,
  ScopeRefused,
  SelectionTooLarge,
  SelectorRefused,
} from '../../lib/activation/batches/errors.ts';
import {
  AccountPaused,
  ConfigurationUnread,
  DeactivationDisabled,
  DescribeFailed,
  IdempotencyKeyReused,
  InvalidCursor,
  NotCancellable,
  NotFound,
  NotRedrivable,
  OppositeRequestOpen,
  OutboxPending,
  RecordUnreadable,
  RequestUnfinished,
  StoreContended,
} from '../../lib/activation/model/errors.ts';
import { documentedProblem } from '../../lib/api/openapi/problem-documents.ts';
import { PROBLEMS } from '../../lib/api/problems/catalogue.ts';
import { toWebhookProblem } from '../../lib/api/problems/webhook-problems.ts';
import { activationRequestSchema } from '../../lib/api/requests/activation-request.ts';
import { callerOf } from '../../lib/api/requests/caller-scope.ts';
import { parseIdempotent } from '../../lib/api/requests/idempotent-request.ts';
import { unknownRoute } from '../../lib/api/routes.ts';
import { httpHandler } from '../../lib/http/http-handler.ts';
import { readJsonBody } from '../../lib/http/json-body.ts';
import { PROBLEM_PREFIX } from '../../lib/http/problem.ts';
import {
  ExpressionRefused,
  InvalidDeliveryId,
  SecretsUnavailable,
  SignatureRefused,
  UnknownSource,
} from '../../lib/webhooks/inbound/errors.ts';
import { batchIdOf } from '../support/fakes/activations.ts';
import { context, httpEvent } from '../support/fakes/lambda.ts';
import { codesIn, readPage, rowsOf, sectionOf } from './documents/page.ts';

const projectDir = new URL('../../', import.meta.url).pathname;
const json = { 'content-type': 'application/json' };
const body =
  (text: string, headers = json) =>
  () =>
    readJsonBody({ ...httpEvent('POST', '/activations'), headers, body: text });
const thrower = (error: unknown) => () => {
  throw error;
};
const nothing = { count: 0, flowLogIds: [] };
const noDifference = { appeared: nothing, gone: nothing, changed: { count: 0, flowLogs: [] } };

/** What leads to each problem type, by its code. */
const CAUSES: [code: string, cause: () => unknown][] = [
  ['unparsable-body', body('no JSON')],
  ['content-too-large', body(`"${'x'.repeat(1_000_000)}"`)],
  ['unsupported-media-type', body('{}', { 'content-type': 'text/plain' })],
  ['caller-unknown', () => callerOf(httpEvent('POST', '/activations', {}, null))],
  ['deactivation-disabled', thrower(new DeactivationDisabled())],
  ['opposite-request-open', thrower(new OppositeRequestOpen([], 'activation'))],
  ['activation-not-found', thrower(new NotFound('activation'))],
  ['batch-not-found', thrower(new NotFound('batch'))],
  ['plan-not-found', thrower(new NotFound('plan'))],
  ['operation-not-found', thrower(new NotFound('operation'))],
  ['report-not-found', thrower(new NotFound('report'))],
  ['account-not-found', thrower(new NotFound('account'))],
  ['account-paused', thrower(new AccountPaused('default'))],
  ['webhook-source-not-found', thrower(new UnknownSource())],
  ['unknown-route', thrower(unknownRoute('GET', '/nothing'))],
  ['method-not-allowed', thrower(unknownRoute('PUT', '/activations'))],
  ['repeated-header', () => parseIdempotent(activationRequestSchema, {}, 'a,b')],
  ['signature-refused', thrower(new SignatureRefused())],
  ['not-cancellable', thrower(new NotCancellable('why'))],
  ['not-redrivable', thrower(new NotRedrivable('why'))],
  ['plan-outdated', thrower(new PlanOutdated(noDifference))],
  ['plan-executed', thrower(new PlanExecutedOtherwise())],
  ['invalid-content', thrower(new InvalidCursor())],
  ['invalid-content', thrower(new InvalidDeliveryId('webhook-id'))],
  ['invalid-content', thrower(new ExpressionRefused('when', 'a', 'cannot be evaluated here'))],
  ['selection-too-large', thrower(new SelectionTooLarge('more than 5000 flow logs'))],
  ['selector-refused', thrower(new SelectorRefused('InvalidParameter', 'why'))],
  ['scope-refused', thrower(new ScopeRefused('why'))],
  ['idempotency-key-reused', thrower(new IdempotencyKeyReused())],
  ['internal-error', thrower(new Error('unexpected'))],
  ['request-unfinished', thrower(new RequestUnfinished(batchIdOf(1), 'why'))],
  ['secrets-unavailable', thrower(new SecretsUnavailable(1_000))],
  ['record-unreadable', thrower(new RecordUnreadable('fl-1'))],
  ['outbox-pending', thrower(new OutboxPending())],
  ['describe-failed', thrower(new DescribeFailed('why'))],
  ['configuration-unread', thrower(new ConfigurationUnread())],
  ['store-contended', thrower(new StoreContended())],
];

/** Codes of errors that no caller hears of under that name. */
const INTERNAL = [
  'plan-not-published',
  'policy-run-not-published',
  'policy-too-large',
  'not-retryable',
  'other-generation',
  'given-up',
];

const catalogue = Object.keys(PROBLEMS).flatMap((code) => {
  const problem = documentedProblem(code);
  return problem ? [{ code, problem }] : [];
});

describe('the catalogue of problem types', () => {
  test.each(CAUSES)('%s has the status, title and headers of the code', async (code, cause) => {
    const handler = httpHandler(async () => ({ status: 200, body: cause() }), toWebhookProblem);
    const response = await handler(httpEvent('POST', '/activations'), context());
    const { type, title, status } = JSON.parse(response.body ?? '{}');
    const expected = catalogue.find((known) => known.code === code)?.problem;
    expect({ type, title, status }).toEqual({
      type: PROBLEM_PREFIX + code,
      title: expected?.title,
      status: expected?.status,
    });
    expect(response.statusCode).toBe(expected?.status);
    const documented = Object.keys(expected?.headers ?? {}).map((name) => name.toLowerCase());
    const ofAll = ['content-type', 'x-request-id'];
    expect(Object.keys(response.headers ?? {}).sort()).toEqual([...documented, ...ofAll].sort());
  });

  test('has every type that there is a cause for, and no other', () => {
    expect([...new Set(CAUSES.map(([code]) => code))].sort()).toEqual(Object.keys(PROBLEMS).sort());
  });

  test('has every code that the sources name', async () => {
    const files = await Array.fromAsync(glob('{functions,lib}/**/*.ts', { cwd: projectDir }));
    const texts = await Promise.all(
      files
        .filter((file) =>
          /errors\.ts$|problem|^lib\/api\/(routes|requests\/(webhook|caller))|^lib\/http\//.test(file),
        )
        .map((file) => readFile(projectDir + file, 'utf8')),
    );
    const codes = texts
      .flatMap((text) => [...text.matchAll(/(?:code: |super\(\s*|roblem\(\s*)'([a-z-]+)'/g)])
      .map(([, code = '']) => code);
    expect(codes.length).toBeGreaterThan(15);
    const unknown = codes.filter((code) => !Object.keys(PROBLEMS).includes(code) && !INTERNAL.includes(code));
    expect(unknown).toEqual([]);
  });

  test('is that of docs/reference/errors.md', async () => {
    const page = await readPage('docs/reference/errors.md');
    const rows = rowsOf(sectionOf(page, 'Problems of the HTTP API'));
    const documented = rows.flatMap(([status, types = '']) =>
      codesIn(types)
        .filter((code) => /^[a-z-]+$/.test(code) && code !== 'detail')
        .map((code) => `${status} ${code}`),
    );
    const expected = catalogue.map(({ code, problem }) => `${problem.status} ${code}`);
    expect(documented.sort()).toEqual(expected.sort());
  });
});

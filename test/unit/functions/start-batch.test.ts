import { beforeEach, describe, expect, test } from 'vitest';
import { handleStart } from '../../../functions/start-batch.ts';
import { eachCategory } from '../../../lib/activation/batches/plan.ts';
import { callFailure, refusedPermanently } from '../../support/builders/call-failures.ts';
import { responseOf } from '../../support/builders/http-response.ts';
import { inMemoryDeps } from '../../support/builders/in-memory-deps.ts';
import { batchIdOf, START } from '../../support/fakes/activations.ts';
import { aFlowLog, flowLogIds } from '../../support/fakes/in-memory-flow-log-finder.ts';
import { httpEvent } from '../../support/fakes/lambda.ts';

const PLAN_ID = `p-${'9'.repeat(32)}`;

const createDeps = () => inMemoryDeps([aFlowLog('fl-1'), aFlowLog('fl-2', { status: 'Active' })]);
let deps = createDeps();
beforeEach(() => {
  deps = createDeps();
});

const post = (body: unknown, sent: Record<string, string> = {}, remainingMs = 29_000) => {
  const headers = { 'content-type': 'application/json', ...sent };
  const event = httpEvent('POST', '/batches', { headers, body: JSON.stringify(body) });
  return responseOf((request, context) => handleStart(deps, request, context), event, remainingMs);
};
const problem = (status: number, code: string, more: object = {}) => ({
  status,
  body: { type: `urn:flow-log-activator:problem:${code}`, ...more },
});

const counts = { ...eachCategory(() => 0), wouldActivate: 1, alreadyActive: 1 };

test('202 with the plan, its counts, and the batches that were started', async () => {
  const { status, body } = await post({ selector: { name: '*' }, metadata: { ticket: 'OPS-1' } });
  const [batchId] = deps.store.batches.keys();
  expect({ status, body }).toEqual({
    status: 202,
    body: { planId: PLAN_ID, counts, batches: [{ batchId, total: 1 }] },
  });
  expect([...deps.store.batches.values()]).toMatchObject([{ source: 'api', metadata: { ticket: 'OPS-1' } }]);
});

test('200 without batches if there is nothing to start', async () => {
  const { status, body } = await post({ selector: { name: 'none' } });
  expect(status).toBe(200);
  expect(body).toMatchObject({ planId: PLAN_ID, batches: [] });
  expect(deps.store.writes).toEqual([]);
});

test('dry run: 200 with the plan and the selector with its defaults, and nothing is started', async () => {
  const selector = { tags: { env: 'prod' }, status: ['Inactive', 'Inactive', 'Pending'] };
  deps.finder.flowLogs = [aFlowLog('fl-1', { tags: [{ key: 'env', value: 'prod' }] }), aFlowLog('fl-2')];
  const { status, body } = await post({ selector, dryRun: true });
  expect({ status, body }).toEqual({
    status: 200,
    body: {
      planId: PLAN_ID,
      selector: {
        account: 'default',
        region: 'cn-beijing',
        tags: { env: ['prod'] },
        status: ['Inactive', 'Pending'],
      },
      counts: { ...counts, alreadyActive: 0 },
      ids: { ...eachCategory(() => []), wouldActivate: ['fl-1'] },
      more: false,
    },
  });
  expect(deps.store.writes).toEqual([]);
});

test('a plan is executed: 202, the same 202 for a repetition, and 409 with the difference if it is outdated', async () => {
  await post({ selector: {}, dryRun: true });
  const first = await post({ planId: PLAN_ID });
  expect(first).toMatchObject({ status: 202, body: { planId: PLAN_ID, counts, batches: [{ total: 1 }] } });
  deps.finder.flowLogs = [];
  expect(await post({ planId: PLAN_ID })).toEqual(first);
  expect(await post({ planId: PLAN_ID, metadata: { a: '1' } })).toMatchObject(problem(409, 'plan-executed'));

  deps = createDeps();
  await post({ selector: {}, dryRun: true });
  deps.finder.flowLogs = [aFlowLog('fl-2')];
  const { status, body, headers } = await post({ planId: PLAN_ID });
  expect(headers?.['content-type']).toBe('application/problem+json');
  expect({ status, body }).toEqual({
    status: 409,
    body: {
      type: 'urn:flow-log-activator:problem:plan-outdated',
      title: 'The plan is out of date',
      status: 409,
      detail: 'the flow logs are not those of the plan any more: 0 appeared, 1 are gone, 1 changed',
      difference: {
        appeared: { count: 0, flowLogIds: [] },
        gone: { count: 1, flowLogIds: ['fl-1'] },
        changed: {
          count: 1,
          flowLogs: [{ flowLogId: 'fl-2', from: 'alreadyActive', to: 'wouldActivate' }],
        },
      },
    },
  });
});

test('an unknown plan is 404', async () => {
  expect(await post({ planId: PLAN_ID })).toMatchObject(problem(404, 'plan-not-found'));
});

test('the same key with another body is 422, naming the header', async () => {
  const key = { 'idempotency-key': 'k' };
  const first = await post({ selector: {} }, key);
  expect(await post({ selector: { status: 'Inactive', region: 'cn-beijing' } }, key)).toEqual(first);
  const errors = [{ field: 'Idempotency-Key' }];
  expect(await post({ selector: {}, dryRun: true }, key)).toMatchObject(
    problem(422, 'idempotency-key-reused', { errors }),
  );
});

test('more than 5,000 flow logs are too many for a request', async () => {
  deps.finder.flowLogs = flowLogIds(5_001).map((id) => aFlowLog(id, { status: 'Active' }));
  const detail = expect.stringContaining('more than 5000 flow logs: narrow it by vpcId');
  const errors = [{ field: 'selector' }];
  expect(await post({ selector: {} })).toMatchObject(problem(422, 'selection-too-large', { detail, errors }));
});

test('a request without time to open stores its batches, and returns them', async () => {
  const { body } = await post({ selector: {}, dryRun: true });
  const plan = await deps.plans.read(body.planId, START);
  if (plan) await deps.plans.markExecuted(plan, { at: START, source: 'api', metadata: {} });
  const late = await post({ planId: PLAN_ID }, {}, 2_000);
  expect(late).toMatchObject({ status: 202, body: { batches: [{ total: 1 }] } });
  expect(deps.store.batches.size).toBe(1);
  expect(deps.store.current.size).toBe(0);
  expect(await post({ planId: PLAN_ID })).toEqual(late);
  expect(deps.store.current.size).toBe(1);
});

test('a selector with a query that is too long is 422 at once; one that just fits is sent', async () => {
  const values = (count: number, length: number) =>
    Array.from({ length: count }, (_, index) => `${index}`.padEnd(length, 'x'));
  const tags = { env: values(10, 256), team: values(10, 256), owner: values(7, 256) };
  const { status, body } = await post({ selector: { tags } });
  expect(status).toBe(422);
  const message = expect.stringMatching(/^makes a query that is \d+ bytes longer than servers take/);
  expect(body.errors).toEqual([{ field: 'selector', message }]);
  // A character of three bytes takes nine characters in a query.
  const wide = { env: values(10, 85).map((it) => it.replaceAll('x', '冻')) };
  expect(await post({ selector: { tags: wide } })).toMatchObject({ status: 422 });
  expect(deps.finder.calls).toEqual([]);
  const fitting = { env: values(10, 256), team: values(10, 256) };
  expect(await post({ selector: { tags: fitting } })).toMatchObject({ status: 200 });
  expect(deps.finder.calls).toHaveLength(1);
});

test('503 without a reply of DescribeFlowLogs, and 422 for a selector that it refuses', async () => {
  deps.finder.failures.push(callFailure('hold', 'AccessDenied'));
  expect(await post({ selector: {} })).toMatchObject(problem(503, 'describe-failed'));
  deps.finder.failures.push(refusedPermanently('invalid-request', 'InvalidParameter.VpcId'));
  const errors = [{ field: 'selector' }];
  expect(await post({ selector: { vpcId: 'x' } })).toMatchObject(
    problem(422, 'selector-refused', { errors }),
  );
});

const elevenTags = Object.fromEntries([...'abcdefghijk'].map((key) => [key, true]));

/** The request, and the named fields. */
const refused: [string, unknown, string[]][] = [
  ['nothing', {}, ['selector']],
  ['a list', [], ['body']],
  ['both', { selector: {}, planId: PLAN_ID }, ['planId']],
  ['a dry run of a plan', { planId: PLAN_ID, dryRun: true }, ['dryRun']],
  ['another id', { planId: batchIdOf(1) }, ['planId']],
  ['a selector that is a text', { selector: '*' }, ['selector']],
  ['unknown fields', { selector: { vpc: 'x' }, dry: true }, ['selector.vpc', 'dry']],
  ['an odd region', { selector: { region: 'Beijing' } }, ['selector.region']],
  ['an unknown account', { selector: { account: 'other' } }, ['account']],
  ['a region that the account may not use', { selector: { account: 'narrow' } }, ['region']],
  ['an empty name', { selector: { name: '' } }, ['selector.name']],
  ['a name too long', { selector: { name: '*'.repeat(129) } }, ['selector.name']],
  ['an odd id', { selector: { vpcId: 'a b', resourceId: '' } }, ['selector.vpcId', 'selector.resourceId']],
  ['an unknown resource type', { selector: { resourceType: 'VPC' } }, ['selector.resourceType']],
  ['a status from which nothing is activated', { selector: { status: 'Active' } }, ['selector.status']],
  ['no status', { selector: { status: [] } }, ['selector.status']],
  ['tags that are a list', { selector: { tags: [] } }, ['selector.tags']],
  ['a tag that must not be there', { selector: { tags: { env: false } } }, ['selector.tags.env']],
  ['a tag with no values', { selector: { tags: { env: [] } } }, ['selector.tags.env']],
  ['a tag with too many', { selector: { tags: { env: Array(11).fill('x') } } }, ['selector.tags.env']],
  ['a tag without a key', { selector: { tags: { '': true } } }, ['selector.tags.""']],
  ['too many tags', { selector: { tags: elevenTags } }, ['selector.tags']],
  ['a tag named as what objects have', { selector: { tags: { constructor: true } } }, ['selector.tags']],
  ['broken Unicode', { selector: { project: '\ud800' } }, ['selector.project']],
  ['an odd dryRun', { selector: {}, dryRun: 'yes' }, ['dryRun']],
  ['metadata of numbers', { selector: {}, metadata: { a: 1 } }, ['metadata.a']],
];

describe('refused with the field names, without a call, and nothing is written', () => {
  test.each(refused)('%s', async (_what, body, fields) => {
    const { status, body: problem } = await post(body);
    expect(status).toBe(422);
    expect(problem.errors.map(({ field }: { field: string }) => field)).toEqual(fields);
    expect(deps.finder.calls).toEqual([]);
    expect(deps.store.writes).toEqual([]);
    expect(deps.plans.plans.size).toBe(0);
  });

  test('a key of spaces', async () => {
    expect((await post({ selector: {} }, { 'idempotency-key': 'a b' })).body.errors).toMatchObject([
      { field: 'Idempotency-Key' },
    ]);
  });
});

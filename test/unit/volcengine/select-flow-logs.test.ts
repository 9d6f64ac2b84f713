import { describe, expect, test } from 'vitest';
import type { FlowLogFilter } from '../../../lib/activation/batches/selector.ts';
import type { VolcengineReply } from '../../../lib/volcengine/response-collector.ts';
import { bytesTooLong, createFlowLogFinder } from '../../../lib/volcengine/select-flow-logs.ts';
import { aSelector } from '../../support/fakes/in-memory-flow-log-finder.ts';
import { refusal, reply, type ScriptedTransport, scriptedTransport, success } from './scripted-transport.ts';

const row = (FlowLogId: unknown, rest: object = {}) => ({ FlowLogId, Status: 'Inactive', ...rest });

function find(transport: ScriptedTransport, filter: FlowLogFilter = {}, nextToken?: string) {
  const credentials = async () => ({ accessKeyId: 'AK', secretAccessKey: 'SK' });
  const finder = createFlowLogFinder({ transport, credentials, clock: () => 0 });
  return finder.page({ account: 'main', region: 'cn-beijing' }, filter, nextToken);
}

/** The outcome of one reply. */
const found = (given: VolcengineReply, filter?: FlowLogFilter) => find(scriptedTransport(given), filter);

describe('the question', () => {
  test('has MaxResults, every filter, and the token', async () => {
    const transport = scriptedTransport(success({ FlowLogs: [] }));
    const tags = { env: ['prod', 'staging'], owner: true as const, team: ['', 'net'] };
    const resource = { resourceType: 'eni', resourceId: 'eni-1' } as const;
    await find(transport, { project: 'network', vpcId: 'vpc-1', ...resource, tags }, 'token=1');
    expect(transport.queries()).toEqual([
      {
        Action: 'DescribeFlowLogs',
        Version: '2020-04-01',
        MaxResults: '100',
        NextToken: 'token=1',
        ProjectName: 'network',
        VpcId: 'vpc-1',
        ResourceType: 'eni',
        ResourceId: 'eni-1',
        'TagFilters.1.Key': 'env',
        'TagFilters.1.Values.1': 'prod',
        'TagFilters.1.Values.2': 'staging',
        'TagFilters.2.Key': 'owner',
        'TagFilters.3.Key': 'team',
      },
    ]);
  });

  test('of a whole selector has no name and no status: those are checked here', async () => {
    const transport = scriptedTransport(success({ FlowLogs: [] }));
    await find(transport, aSelector({ name: 'prod-*' }));
    expect(Object.keys(transport.queries()[0] ?? {}).sort()).toEqual(['Action', 'MaxResults', 'Version']);
  });
});

describe('the length of the question', () => {
  test('is that of the request that is sent, but for a thousand bytes for a NextToken', async () => {
    const tags = { env: Array.from({ length: 10 }, (_, index) => `${index}/冻`.repeat(80)) };
    const transport = scriptedTransport(success({ FlowLogs: [] }));
    await find(transport, { tags });
    const line = `GET ${transport.requests[0]?.path} HTTP/1.1`;
    expect(bytesTooLong({ tags })).toBe(line.length - 7_000);
  });

  test('of few filters is none too long', () => {
    expect(bytesTooLong({})).toBe(0);
    expect(bytesTooLong({ project: '冻'.repeat(128), tags: { ['冻'.repeat(128)]: true } })).toBe(0);
  });
});

describe('the reply', () => {
  test('what is not shown is empty', async () => {
    const shown = { flowLogId: 'fl-1', status: 'Inactive', locked: true, lockReason: 'debt' };
    const empty = { name: '', resourceType: '', resourceId: '', vpcId: '', project: '', tags: [] };
    expect(await found(success({ FlowLogs: [row('fl-1', { LockReason: 'debt' })] }))).toEqual({
      kind: 'page',
      flowLogs: [{ ...shown, ...empty }],
    });
  });

  test.each([[''], [null], [undefined]])('NextToken %j is the end', async (NextToken) => {
    expect(await found(success({ FlowLogs: [], NextToken }))).toEqual({ kind: 'page', flowLogs: [] });
  });

  test.each([[{ FlowLogs: null }], [{}], [undefined], [null]])(
    '%j is a page without rows',
    async (result) => {
      expect(await found(success(result))).toEqual({ kind: 'page', flowLogs: [] });
    },
  );

  test('a null list with a NextToken goes on', async () => {
    const page = { kind: 'page', flowLogs: [], nextToken: 'next' };
    expect(await found(success({ FlowLogs: null, NextToken: 'next' }))).toEqual(page);
  });

  test.each([[null], [undefined]])('Tags %j are none', async (Tags) => {
    const page = { kind: 'page', flowLogs: [{ tags: [] }] };
    expect(await found(success({ FlowLogs: [row('fl-1', { Tags })] }))).toMatchObject(page);
  });

  test('without rows or RequestId is not believed', async () => {
    const body = { ResponseMetadata: { Action: 'DescribeFlowLogs' }, Result: { FlowLogs: [] } };
    expect(await found(reply(body))).toMatchObject({ kind: 'retry' });
  });

  test('names, tags and tokens that are sent as numbers keep their digits', async () => {
    const tagged = row('fl-1', { ProjectName: 42, Tags: [{ Key: 1, Value: 2 }] });
    expect(await found(success({ FlowLogs: [tagged], NextToken: 7 }))).toMatchObject({
      kind: 'page',
      flowLogs: [{ project: '42', tags: [{ key: '1', value: '2' }] }],
      nextToken: '7',
    });
  });

  test.each([
    ['a list that is none', { FlowLogs: {} }],
    ['an id that is missing', { FlowLogs: [row('fl-1'), row(undefined)] }],
    ['an id that no activation can have', { FlowLogs: [row('fl.1')] }],
    ['a row that is no object', { FlowLogs: [null] }],
    ['tags that are no list', { FlowLogs: [row('fl-1', { Tags: {} })] }],
    ['a tag without a key', { FlowLogs: [row('fl-1', { Tags: [{ Value: 'x' }] })] }],
    ['a tag with an odd value', { FlowLogs: [row('fl-1', { Tags: [{ Key: 'x', Value: true }] })] }],
    ['a token that is no text', { FlowLogs: [row('fl-1')], NextToken: {} }],
  ])('with %s is not whole: asked again, not taken in part', async (_what, result) => {
    expect(await found(success(result))).toMatchObject({ kind: 'retry', error: { code: 'InvalidBody' } });
  });

  test('that is an error is classified as any', async () => {
    const invalid = { kind: 'dead-letter', reason: 'invalid-request' };
    expect(await found(refusal(403, { Code: 'AccessDenied', Message: 'm' }))).toMatchObject({ kind: 'hold' });
    expect(await found(refusal(400, { Code: 'InvalidParameter.VpcId' }))).toMatchObject(invalid);
    expect(await found(reply('<html>', 502))).toMatchObject({ kind: 'retry' });
    for (const status of [413, 414, 431]) {
      expect(await found(reply('<html>', status))).toMatchObject(invalid);
    }
  });
});

test('a server that overlooks the filters is believed no row: they come with what they are checked by', async () => {
  const rows = [row('fl-1', { VpcId: 'vpc-1' }), row('fl-2', { VpcId: 'vpc-2' })];
  const page = await found(success({ FlowLogs: rows }), { vpcId: 'vpc-1' });
  expect(page.kind === 'page' && page.flowLogs.map(({ vpcId }) => vpcId)).toEqual(['vpc-1', 'vpc-2']);
});

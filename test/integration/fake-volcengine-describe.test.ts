import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeVolcengine, startFakeVolcengine } from '../../local/volcengine/start-fake-volcengine.ts';
import { describeFlowLogs } from './fake-volcengine-client.ts';

const region = 'cn-beijing';
const COUNT = 25;

let fake: FakeVolcengine;

beforeAll(async () => {
  fake = await startFakeVolcengine({
    seeds: idsUpTo(COUNT).map((flowLogId, index) => ({
      region,
      flowLogId,
      status: index % 5 === 0 ? ('Active' as const) : ('Inactive' as const),
    })),
  });
  await fake.seed([
    {
      region: 'cn-shanghai',
      flowLogId: 'fl-a',
      flowLogName: 'edge',
      description: 'of the edge',
      resourceType: 'eni',
      resourceId: 'eni-1',
      trafficType: 'Drop',
      logProjectId: 'project-1',
      logTopicId: 'topic-1',
      aggregationInterval: 1,
      vpcId: 'vpc-1',
      projectName: 'shop',
      tags: [
        { key: 'env', value: 'test' },
        { key: 'team', value: 'net' },
      ],
    },
    { region: 'cn-shanghai', flowLogId: 'fl-b', status: 'Active', tags: [{ key: 'env', value: 'live' }] },
    { region: 'cn-shanghai', flowLogId: 'fl-c', status: 'Absent' },
  ]);
});

afterAll(() => fake.close());

function idOf(index: number): string {
  return `fl-${String(index).padStart(3, '0')}`;
}

function idsUpTo(count: number): string[] {
  return Array.from({ length: count }, (_, index) => idOf(index));
}

function numbered(ids: string[]): Record<string, string> {
  return Object.fromEntries(ids.map((id, index) => [`FlowLogIds.${index + 1}`, id]));
}

async function idsOf(parameters: Record<string, string>, inRegion = region): Promise<string[]> {
  const answer = await describeFlowLogs(fake.url, parameters, { region: inRegion });
  return (answer.Result?.FlowLogs ?? []).map((flowLog) => flowLog.FlowLogId);
}

describe('the pages of DescribeFlowLogs', () => {
  it('hold 10 flow logs unless MaxResults says otherwise', async () => {
    expect(await idsOf({})).toHaveLength(10);
    expect(await idsOf(numbered(idsUpTo(COUNT)))).toHaveLength(10);
    expect(await idsOf({ MaxResults: '100' })).toHaveLength(COUNT);
  });

  it('show every flow log once, whatever is created in between', async () => {
    const seen: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = { MaxResults: '7', Status: 'Inactive', ...(nextToken && { NextToken: nextToken }) };
      const answer = await describeFlowLogs(fake.url, page);
      seen.push(...(answer.Result?.FlowLogs ?? []).map((flowLog) => flowLog.FlowLogId));
      nextToken = answer.Result?.NextToken;
      await fake.seed({ region, flowLogId: 'fl-000-late', status: 'Inactive' });
    } while (nextToken && seen.length <= COUNT);
    await fake.seed({ region, flowLogId: 'fl-000-late', status: 'Absent' });
    expect(seen).toEqual(idsUpTo(COUNT).filter((_, index) => index % 5 !== 0));
  });

  it('refuse a NextToken of another question', async () => {
    const { Result } = await describeFlowLogs(fake.url, { Status: 'Inactive' });
    const NextToken = Result?.NextToken ?? '';
    expect(NextToken).not.toBe('');
    const others: Record<string, string>[] = [
      { NextToken },
      { NextToken: 'made-up' },
      { Status: 'Inactive', NextToken: '' },
    ];
    for (const parameters of others) {
      const answer = await describeFlowLogs(fake.url, parameters);
      expect(answer).toMatchObject({ status: 400, code: 'InvalidParameter.NextToken' });
    }
  });
});

describe('the filters of DescribeFlowLogs', () => {
  it.each<[Record<string, string>, string[]]>([
    [{}, ['fl-a', 'fl-b']],
    [numbered(['fl-b', 'fl-c', 'fl-none', 'fl-b']), ['fl-b']],
    [{ FlowLogName: 'edge' }, ['fl-a']],
    [{ FlowLogName: 'edg' }, []],
    [{ Description: 'of the edge' }, ['fl-a']],
    [{ ResourceType: 'eni' }, ['fl-a']],
    [{ ResourceId: 'eni-1' }, ['fl-a']],
    [{ TrafficType: 'Drop' }, ['fl-a']],
    [{ LogProjectId: 'project-1' }, ['fl-a']],
    [{ LogTopicId: 'topic-1' }, ['fl-a']],
    [{ AggregationInterval: '10' }, ['fl-b']],
    [{ Status: 'Active' }, ['fl-b']],
    [{ VpcId: 'vpc-1' }, ['fl-a']],
    [{ ProjectName: 'default' }, ['fl-b']],
    [{ ProjectName: 'default', Status: 'Inactive' }, []],
    [{ 'TagFilters.1.Key': 'env' }, ['fl-a', 'fl-b']],
    [{ 'TagFilters.1.Key': 'env', 'TagFilters.1.Values.1': 'live', 'TagFilters.1.Values.2': 'x' }, ['fl-b']],
    [{ 'TagFilters.1.Key': 'env', 'TagFilters.2.Key': 'team', 'TagFilters.2.Values.1': 'net' }, ['fl-a']],
  ])('%j show %j', async (parameters, ids) => {
    expect(await idsOf(parameters, 'cn-shanghai')).toEqual(ids);
  });

  it.each<[string, Record<string, string>, string]>([
    ['101 ids', numbered(idsUpTo(101)), 'InvalidParameter.FlowLogIds'],
    ['ids from 0', { 'FlowLogIds.0': 'fl-1' }, 'InvalidParameter.FlowLogIds'],
    ['a gap', { 'FlowLogIds.1': 'fl-1', 'FlowLogIds.3': 'fl-3' }, 'InvalidParameter.FlowLogIds'],
    ['an empty id', { 'FlowLogIds.1': '' }, 'MissingParameter.FlowLogIds.1'],
    ['MaxResults 0', { MaxResults: '0' }, 'InvalidParameter.MaxResults'],
    ['MaxResults 101', { MaxResults: '101' }, 'InvalidParameter.MaxResults'],
    ['MaxResults ten', { MaxResults: 'ten' }, 'InvalidParameter.MaxResults'],
    ['an unknown status', { Status: 'active' }, 'InvalidParameter.Status'],
    ['a tag filter without a key', { 'TagFilters.1.Values.1': 'x' }, 'MissingParameter.TagFilters.1.Key'],
    ['FlowLogId', { FlowLogId: 'fl-1' }, 'InvalidParameter'],
    ['PageSize', { PageSize: '10' }, 'InvalidParameter'],
  ])('refuse %s', async (_, parameters, code) => {
    expect(await describeFlowLogs(fake.url, parameters)).toMatchObject({ status: 400, code });
  });
});

it('DescribeFlowLogs shows every field', async () => {
  const answer = await describeFlowLogs(fake.url, { 'FlowLogIds.1': 'fl-a' }, { region: 'cn-shanghai' });
  expect(answer.Result?.FlowLogs).toEqual([
    {
      FlowLogId: 'fl-a',
      FlowLogName: 'edge',
      Description: 'of the edge',
      ResourceType: 'eni',
      ResourceId: 'eni-1',
      TrafficType: 'Drop',
      LogProjectId: 'project-1',
      LogTopicId: 'topic-1',
      AggregationInterval: 1,
      Status: 'Inactive',
      BusinessStatus: 'Normal',
      LockReason: '',
      VpcId: 'vpc-1',
      ProjectName: 'shop',
      Tags: [
        { Key: 'env', Value: 'test' },
        { Key: 'team', Value: 'net' },
      ],
      AccountId: '2100000000',
      CreatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      UpdatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    },
  ]);
});

describe('the answers of other servers of this kind', () => {
  const scope = { region: 'cn-guangzhou' };
  const ask = (parameters: Record<string, string>) => describeFlowLogs(fake.url, parameters, scope);

  it.each([
    ['[]', { FlowLogs: [] }],
    ['null', { FlowLogs: null }],
    ['absent', {}],
  ] as const)('an empty list can be %s, of flow logs and of tags', async (emptyList, shown) => {
    await fake.changeSettings({ emptyList });
    await fake.seed({ ...scope, flowLogId: 'fl-untagged' });
    const empty = await ask({ Status: 'Active' });
    expect({ FlowLogs: [], ...empty.Result }).toMatchObject({ FlowLogs: [], ...shown });
    expect(Object.hasOwn(empty.Result ?? {}, 'FlowLogs')).toBe('FlowLogs' in shown);
    const [row] = (await ask({})).Result?.FlowLogs ?? [];
    expect(row && 'Tags' in row).toBe(emptyList !== 'absent');
    await fake.changeSettings({ emptyList: null });
  });

  it('without rows there can be no Result at all', async () => {
    await fake.changeSettings({ emptyList: 'no-result' });
    const answer = await ask({ Status: 'Active' });
    expect(answer).toMatchObject({ status: 200, ResponseMetadata: { Action: 'DescribeFlowLogs' } });
    expect(answer).not.toHaveProperty('Result');
    await fake.changeSettings({ emptyList: null });
  });

  it('one id, unknown or malformed, can make it refuse the whole call', async () => {
    await fake.changeSettings({ refusedIds: { unknown: true, malformed: 'fl-odd*' } });
    await fake.seed({ ...scope, flowLogId: 'fl-known' });
    expect(await ask(numbered(['fl-known']))).toMatchObject({ status: 200 });
    const unknown = await ask(numbered(['fl-known', 'fl-gone']));
    expect(unknown).toMatchObject({ status: 404, code: 'InvalidFlowLog.NotFound' });
    const malformed = await ask(numbered(['fl-known', 'fl-odd1']));
    expect(malformed).toMatchObject({ status: 400, code: 'InvalidFlowLogId.Malformed' });
    await fake.changeSettings({ refusedIds: null });
  });
});

import { describe, expect, test } from 'vitest';
import type { VolcengineReply } from '../../../lib/volcengine/response-collector.ts';
import {
  apiOver,
  refusal,
  reply,
  type ScriptedTransport,
  scriptedTransport,
  success,
} from './scripted-transport.ts';

const SCOPE = { account: 'main', region: 'cn-beijing' };
const row = (FlowLogId: string, rest: object = {}) => ({ FlowLogId, Status: 'Active', ...rest });
const rows = (ids: string[]) => ids.map((id) => row(id));
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `fl-${index + 1}`);

const ask = (transport: ScriptedTransport, flowLogIds: string[]) =>
  apiOver(transport).describeFlowLogs(SCOPE, flowLogIds);
/** The outcome of one reply, asked for these ids. */
const described = (given: VolcengineReply, flowLogIds = ['fl-1']) =>
  ask(scriptedTransport(given), flowLogIds);

describe('requests', () => {
  test('100 ids a call, each once, with MaxResults 100', async () => {
    const ids = numbered(201);
    const transport = scriptedTransport(
      success({ FlowLogs: rows(ids.slice(0, 100)) }),
      success({ FlowLogs: rows(ids.slice(100, 200)) }),
      success({ FlowLogs: rows(['fl-201']) }),
    );
    const outcome = await ask(transport, [...ids, 'fl-1', 'fl-201']);
    expect(outcome).toMatchObject({ kind: 'described' });
    expect(outcome.kind === 'described' && [...outcome.flowLogs.keys()]).toEqual(ids);
    const queries = transport.queries();
    expect(queries.map((query) => [query.Action, query.Version, query.MaxResults])).toEqual(
      Array(3).fill(['DescribeFlowLogs', '2020-04-01', '100']),
    );
    const asked = queries.map((query) =>
      numbered(101)
        .map((_, index) => query[`FlowLogIds.${index + 1}`])
        .filter((id) => id !== undefined),
    );
    expect(asked).toEqual([ids.slice(0, 100), ids.slice(100, 200), ['fl-201']]);
  });

  test('none for no ids: without a filter it would list everything', async () => {
    const transport = scriptedTransport();
    expect(await ask(transport, [])).toEqual({ kind: 'described', flowLogs: new Map() });
    expect(transport.requests).toEqual([]);
  });

  test('follows NextToken, odd characters in it or not, until nothing is missing', async () => {
    const transport = scriptedTransport(
      success({ FlowLogs: [row('fl-1')], NextToken: 'a+b/c=\ud800' }),
      success({ FlowLogs: [], NextToken: 'second' }),
      success({ FlowLogs: [row('fl-2')], NextToken: 'never asked for' }),
    );
    const outcome = await ask(transport, ['fl-1', 'fl-2']);
    expect(outcome).toMatchObject({ kind: 'described', flowLogs: { size: 2 } });
    const tokens = transport.queries().map((query) => query.NextToken);
    expect(tokens).toEqual([undefined, 'a+b/c=\ufffd', 'second']);
    expect(transport.queries().map((query) => query['FlowLogIds.2'])).toEqual(['fl-2', 'fl-2', 'fl-2']);
  });

  test('does not turn in a circle for ever', async () => {
    const transport = scriptedTransport(success({ FlowLogs: [], NextToken: 'again' }));
    expect(await ask(transport, ['fl-1'])).toMatchObject({ kind: 'retry', error: { code: 'InvalidBody' } });
    expect(transport.requests).toHaveLength(20);
  });

  test('the first failure ends it and is the outcome', async () => {
    const throttled = refusal(429, { Code: 'FlowLimitExceeded' });
    const transport = scriptedTransport(success({ FlowLogs: [] }), throttled);
    expect(await ask(transport, numbered(300))).toMatchObject({ kind: 'throttled' });
    expect(transport.requests).toHaveLength(2);
  });
});

describe('rows', () => {
  const open = (status: string) => ({ status, locked: false });
  const locked = (lockReason: string) => ({ status: 'Active', locked: true, lockReason });
  const financial = { BusinessStatus: 'FinancialLocked' };
  const odd = { Status: 1, BusinessStatus: 7, LockReason: {} };

  test.each([
    [{}, open('Active')],
    [{ Status: 'Pending', BusinessStatus: 'Normal', LockReason: '' }, open('Pending')],
    [{ Status: 'Novel', BusinessStatus: null, LockReason: null }, open('Novel')],
    [{ LockReason: 'overdue' }, locked('overdue')],
    [financial, locked('FinancialLocked')],
    [{ ...financial, LockReason: 'overdue' }, locked('overdue')],
    [{ LockReason: 'unlock' }, { ...open('Active'), restoring: true }],
    [
      { Status: 'Inactive', ...financial, LockReason: 'unlock' },
      { ...open('Inactive'), restoring: true },
    ],
    [{ ...financial, LockReason: '' }, locked('FinancialLocked')],
    [{ BusinessStatus: 'Expired', LockReason: 'unlock' }, locked('Expired')],
    [{ LockReason: 'Unlocked' }, locked('Unlocked')],
    [{ Status: undefined }, open('Unknown')],
    [odd, open('Unknown')],
    [{ Status: '' }, open('Unknown')],
  ])('%o', async (rest, view) => {
    expect(await described(success({ FlowLogs: [row('fl-1', rest)] }))).toStrictEqual({
      kind: 'described',
      flowLogs: new Map([['fl-1', { flowLogId: 'fl-1', ...view }]]),
    });
  });

  test('what was not asked for is left out, and what is missing is absent', async () => {
    const shown = success({ FlowLogs: rows(['fl-9', '__proto__', 'fl-1']) });
    const outcome = await described(shown, ['fl-1', 'fl-2', 'constructor']);
    expect(outcome.kind === 'described' && [...outcome.flowLogs.keys()]).toEqual(['fl-1']);
  });
});

describe('an empty list', () => {
  test.each<[string, unknown]>([
    ['[]', { FlowLogs: [] }],
    ['null', { FlowLogs: null }],
    ['absent', { TotalCount: 0 }],
    ['absent, as all of Result', undefined],
    ['absent, with Result null', null],
    ['null, with NextToken null', { FlowLogs: null, NextToken: null }],
  ])('%s: nothing there', async (_shape, result) => {
    const transport = scriptedTransport(success(result));
    expect(await ask(transport, ['fl-1'])).toEqual({ kind: 'described', flowLogs: new Map() });
    expect(transport.requests).toHaveLength(1);
  });

  test('with a NextToken is not the end', async () => {
    const transport = scriptedTransport(
      success({ FlowLogs: null, NextToken: 'next' }),
      success({ FlowLogs: [row('fl-1')] }),
    );
    expect(await ask(transport, ['fl-1'])).toMatchObject({ kind: 'described', flowLogs: { size: 1 } });
    expect(transport.queries().map(({ NextToken }) => NextToken)).toEqual([undefined, 'next']);
  });

  test.each([[{ FlowLogs: [] }], [{ FlowLogs: null }], [{}]])(
    '%j without a RequestId proves nothing',
    async (Result) => {
      const outcome = await described(reply({ ResponseMetadata: {}, Result }));
      expect(outcome).toMatchObject({ kind: 'retry', error: { code: 'InvalidBody' } });
    },
  );
});

describe('a reply that leaves doubt makes nothing absent', () => {
  test.each<[string, unknown]>([
    ['a Result that is a list', [row('fl-1')]],
    ['a Result that is a text', 'null'],
    ['a Result that is false', false],
    ['FlowLogs an object', { FlowLogs: { 0: row('fl-1'), length: 1 } }],
    ['FlowLogs a string', { FlowLogs: 'fl-1' }],
    ['a row without an id', { FlowLogs: [row('fl-1'), { Status: 'Active' }] }],
    ['a row with an odd id', { FlowLogs: [row('fl-1'), { FlowLogId: 2 }] }],
    ['rows that are none', { FlowLogs: [null, 1, 'fl-1', []] }],
    ['an odd NextToken', { FlowLogs: [row('fl-1')], NextToken: 5 }],
  ])('%s', async (_name, result) => {
    const outcome = await described(success(result), ['fl-1', 'fl-2']);
    expect(outcome).toMatchObject({ kind: 'retry', error: { code: 'InvalidBody', requestId: 'request-1' } });
  });

  test('on an earlier page just as well', async () => {
    const transport = scriptedTransport(
      success({ FlowLogs: [{}], NextToken: 'next' }),
      success({ FlowLogs: [row('fl-1')] }),
    );
    expect(await ask(transport, ['fl-1', 'fl-2'])).toMatchObject({ kind: 'retry' });
  });

  test('but where all were shown there is none', async () => {
    expect(await described(success({ FlowLogs: [{}, row('fl-1')] }))).toMatchObject({ kind: 'described' });
  });

  test('nor does HTML in a 200', async () => {
    expect(await described(reply('<html>'))).toMatchObject({ kind: 'retry' });
  });
});

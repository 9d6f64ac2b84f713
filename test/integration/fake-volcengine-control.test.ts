import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  DEFAULT_CREDENTIAL,
  type FakeVolcengine,
  startFakeVolcengine,
} from '../../local/volcengine/start-fake-volcengine.ts';
import { activate, callRaw, control as controlAt, describeFlowLogs } from './fake-volcengine-client.ts';

const region = 'cn-beijing';
const seed = { region, flowLogId: 'fl-1' };
const second = { account: 'second', accessKey: 'second-key', secretKey: 'second-secret' };

/** Is replaced by a body of this size, which would make a poor title. */
const TOO_LARGE = 16 * 1024 * 1024 + 1;

let fake: FakeVolcengine;

beforeEach(async () => {
  fake = await startFakeVolcengine({
    credentials: [DEFAULT_CREDENTIAL, second],
    seeds: [{ region, flowLogId: 'fl-seeded' }],
  });
});

afterEach(() => fake.close());

const control = (method: string, path: string, body?: unknown) => controlAt(fake.url, method, path, body);

describe('/_fake/flow-logs', () => {
  it.each(['PUT', 'POST'])('%s seeds one or many, and GET shows them', async (method) => {
    expect(await control(method, 'flow-logs', { region, flowLogId: 'fl-1', status: 'Active' })).toMatchObject(
      {
        status: 200,
        body: { flowLogs: [{ account: 'default', flowLogId: 'fl-1', status: 'Active', frozen: false }] },
      },
    );
    await control(method, 'flow-logs', [
      { region, flowLogId: 'fl-2', frozen: true },
      { region, flowLogId: 'fl-1', account: 'second' },
    ]);
    const { body } = await control('GET', 'flow-logs');
    expect(body).toMatchObject({
      flowLogs: [
        { account: 'default', flowLogId: 'fl-1' },
        { account: 'default', flowLogId: 'fl-2', frozen: true },
        { account: 'default', flowLogId: 'fl-seeded' },
        { account: 'second', flowLogId: 'fl-1' },
      ],
    });
    expect(await control('GET', 'flow-logs?account=second&flowLogId=fl-1')).toMatchObject({
      body: { flowLogs: [{ account: 'second' }] },
    });
  });

  it('an account does not see what belongs to another', async () => {
    await control('PUT', 'flow-logs', { region, flowLogId: 'fl-1', account: 'second' });
    expect(await activate(fake.url, 'fl-1')).toMatchObject({ status: 404 });
    expect(await activate(fake.url, 'fl-1', 't', { credential: second })).toMatchObject({ status: 200 });
  });
});

describe('wrong input', () => {
  it.each<[string, string, unknown, number, RegExp]>([
    ['PUT', 'flow-logs', { flowLogId: 'fl-1' }, 400, /flowLogs\.0\.region/],
    ['PUT', 'flow-logs', [seed, { ...seed, flowLogId: 'f l' }], 400, /flowLogs\.1\.flowLogId/],
    ['PUT', 'flow-logs', { ...seed, state: 'Active' }, 400, /flowLogs\.0\.state/],
    ['PUT', 'flow-logs', { ...seed, status: 'active' }, 400, /flowLogs\.0\.status/],
    ['PUT', 'flow-logs', { ...seed, pendingMs: -1 }, 400, /flowLogs\.0\.pendingMs/],
    ['PUT', 'flow-logs', { ...seed, plan: [{ status: 'Active' }] }, 400, /flowLogs\.0\.plan\.0\.afterMs/],
    ['PUT', 'flow-logs', { ...seed, account: 'third' }, 400, /flowLogs\.0\.account/],
    ['PUT', 'flow-logs', '{', 400, /JSON/],
    ['GET', 'flow-logs?id=1', undefined, 400, /query\.id/],
    ['POST', 'faults', { kind: 'explode' }, 400, /faults\.0\.kind/],
    ['POST', 'faults', { kind: 'error', code: 'Unpublished' }, 400, /faults\.0\.httpStatus/],
    ['POST', 'faults', { kind: 'error' }, 400, /faults\.0\.code/],
    ['POST', 'faults', { kind: 'reset', nth: [0] }, 400, /faults\.0\.nth\.0/],
    ['POST', 'faults', { kind: 'reset', probability: 2 }, 400, /faults\.0\.probability/],
    ['POST', 'faults', { kind: 'reset', account: 'third' }, 400, /faults\.0\.account/],
    [
      'POST',
      'settings',
      { throttle: { callsPerSecond: 0, burst: 1 } },
      400,
      /settings\.throttle\.callsPerSecond/,
    ],
    ['POST', 'settings', { forgetTokens: 'all' }, 400, /settings\.forgetTokens/],
    ['POST', 'settings', { clockSkew: 1 }, 400, /settings\.clockSkew/],
    [
      'POST',
      'settings',
      { clockSkewMs: 1, credentials: [{ ...second, account: 'third' }] },
      400,
      /settings\.credentials\.0\.account/,
    ],
    [
      'POST',
      'settings',
      { clockSkewMs: 1, credentials: [second, second] },
      400,
      /^(?!.*second-key).*the account second has an accessKey that is given twice/,
    ],
    ['GET', 'calls?since=-1', undefined, 400, /query\.since/],
    ['DELETE', 'flow-logs', undefined, 405, /GET, PUT, POST/],
    ['GET', 'toString', undefined, 404, /\/_fake\/flow-logs/],
    ['PUT', 'flow-logs', TOO_LARGE, 413, /16777216 bytes/],
  ])('%s /_fake/%s %j is refused with %i', async (method, path, body, status, message) => {
    const before = [fake.flowLogs(), fake.faults(), (await control('GET', 'settings')).body];
    const answer = await control(method, path, body === TOO_LARGE ? 'x'.repeat(TOO_LARGE) : body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ message: expect.stringMatching(message) });
    expect([fake.flowLogs(), fake.faults(), (await control('GET', 'settings')).body]).toEqual(before);
  });
});

describe('/_fake/faults', () => {
  it('are added, counted and removed', async () => {
    await control('POST', 'faults', [{ kind: 'error', code: 'InternalError', nth: [2] }]);
    await activate(fake.url, 'fl-seeded');
    await activate(fake.url, 'fl-seeded');
    expect(await control('GET', 'faults')).toMatchObject({ body: { faults: [{ fits: 2, strikes: 1 }] } });
    expect(await control('DELETE', 'faults')).toMatchObject({ status: 200 });
    expect(await control('GET', 'faults')).toMatchObject({ body: { faults: [] } });
  });
});

describe('/_fake/settings', () => {
  it('rotates the credentials of one account', async () => {
    const rotated = { account: 'default', accessKey: 'new-key', secretKey: 'new-secret' };
    await control('POST', 'settings', { credentials: [rotated] });
    expect(await activate(fake.url, 'fl-seeded')).toMatchObject({ status: 401, code: 'InvalidAccessKey' });
    expect(await activate(fake.url, 'fl-seeded', 't', { credential: rotated })).toMatchObject({
      status: 200,
    });
    expect(await describeFlowLogs(fake.url, {}, { credential: second })).toMatchObject({ status: 200 });
  });

  it('shows no secret', async () => {
    expect(JSON.stringify((await control('GET', 'settings')).body)).not.toContain('secret');
  });

  it('moves the clock that signatures are checked by, which the Date header gives away', async () => {
    await control('POST', 'settings', { clockSkewMs: 3_600_000 });
    const refused = await callRaw(fake.url, { Action: 'DescribeFlowLogs' });
    expect(JSON.parse(refused.text)).toMatchObject({
      ResponseMetadata: { Error: { Code: 'InvalidTimestamp' } },
    });
    const date = new Date(refused.headers.date ?? '');
    expect(await describeFlowLogs(fake.url, {}, { date })).toMatchObject({ status: 200 });
  });
});

describe('/_fake/calls', () => {
  it('shows every call after the Nth', async () => {
    await activate(fake.url, 'fl-seeded', 't-1');
    await activate(fake.url, 'fl-none');
    await describeFlowLogs(fake.url, { 'FlowLogIds.1': 'fl-1', 'FlowLogIds.2': 'fl-2' });
    const { body } = await control('GET', 'calls?since=0');
    expect(body).toMatchObject({
      lastSeq: 3,
      calls: [
        {
          seq: 1,
          at: expect.any(Number),
          requestId: expect.any(String),
          account: 'default',
          region,
          accessKey: DEFAULT_CREDENTIAL.accessKey,
          action: 'ActiveFlowLog',
          flowLogIds: ['fl-seeded'],
          clientToken: 't-1',
          httpStatus: 200,
          effective: true,
        },
        { seq: 2, httpStatus: 404, code: 'InvalidFlowLog.NotFound', effective: false },
        { seq: 3, action: 'DescribeFlowLogs', flowLogIds: ['fl-1', 'fl-2'], httpStatus: 200 },
      ],
    });
    expect(await control('GET', 'calls?since=2')).toMatchObject({ body: { calls: [{ seq: 3 }] } });
  });
});

describe('/_fake/reset', () => {
  it('is as it was started', async () => {
    await activate(fake.url, 'fl-seeded', 't');
    await fake.seed({ region, flowLogId: 'fl-1' });
    fake.addFaults({ kind: 'hang' });
    await fake.changeSettings({ clockSkewMs: 3_600_000, throttle: { callsPerSecond: 1, burst: 1 } });
    expect(await control('POST', 'reset')).toMatchObject({ status: 200 });
    expect(fake.calls()).toEqual([]);
    expect(fake.flowLogs()).toMatchObject([{ flowLogId: 'fl-seeded', status: 'Inactive', activeCalls: 0 }]);
    expect(await describeFlowLogs(fake.url)).toMatchObject({ status: 200 });
    expect(await activate(fake.url, 'fl-seeded', 't')).toMatchObject({ status: 200 });
    expect(fake.flowLogs()).toMatchObject([{ effectiveActivations: 1 }]);
  });
});

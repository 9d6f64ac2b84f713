import { Client } from '@volcengine/sdk-core';
import * as v from 'valibot';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  DEFAULT_CREDENTIAL,
  type FakeVolcengineOptions,
  startFakeVolcengine,
} from '../../local/volcengine/start-fake-volcengine.ts';
import { type CallOptions, callApi, callRaw, control, VpcCommand } from './fake-volcengine-client.ts';

const NOW = Date.parse('2026-03-04T05:06:07Z');
const TRN = 'trn:iam::2100000001:role/flow-logs';
const ROLE = { roleTrn: TRN, account: 'second', trusts: 'default', externalId: 'ours-7' };
const STRANGER = { account: 'stranger', accessKey: 'stranger-key', secretKey: 'stranger-secret' };
const SESSION_NAME_REFUSED = 'InvalidParameter.RoleSessionName';
const QUESTION = { RoleTrn: TRN, RoleSessionName: 'ops', ExternalId: 'ours-7' };

const AnswerSchema = v.object({
  ResponseMetadata: v.object({
    Service: v.string(),
    Action: v.string(),
    Version: v.string(),
    Error: v.optional(v.object({ Code: v.string(), Message: v.string() })),
  }),
  Result: v.optional(
    v.object({
      Credentials: v.object({
        CurrentTime: v.string(),
        ExpiredTime: v.string(),
        AccessKeyId: v.string(),
        SecretAccessKey: v.string(),
        SessionToken: v.string(),
      }),
      AssumedRoleUser: v.object({ Trn: v.string(), AssumedRoleId: v.string() }),
    }),
  ),
});

async function start(options: FakeVolcengineOptions = {}) {
  const clock = { now: NOW };
  const fake = await startFakeVolcengine({
    now: () => clock.now,
    credentials: [DEFAULT_CREDENTIAL, STRANGER],
    roles: [ROLE],
    seeds: [
      { region: 'cn-beijing', flowLogId: 'fl-1', account: 'default' },
      { region: 'cn-beijing', flowLogId: 'fl-2', account: options.roles ? 'default' : 'second' },
    ],
    ...options,
  });
  onTestFinished(() => fake.close());

  async function ask(parameters: Record<string, string> = {}, call: CallOptions = {}) {
    const query = { Action: 'AssumeRole', Version: '2018-01-01', ...QUESTION, ...parameters };
    const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
    const raw = await callRaw(fake.url, given, { service: 'sts', date: new Date(clock.now), ...call });
    const { ResponseMetadata: metadata, Result: result } = v.parse(AnswerSchema, JSON.parse(raw.text));
    return { status: raw.status, metadata, code: metadata.Error?.Code, result };
  }
  async function session(parameters?: Record<string, string>) {
    const { result } = await ask(parameters);
    if (result === undefined) throw new Error('no credentials');
    const { AccessKeyId, SecretAccessKey, SessionToken } = result.Credentials;
    return { accessKey: AccessKeyId, secretKey: SecretAccessKey, sessionToken: SessionToken };
  }
  async function describeAs(credential: CallOptions['credential'], options: CallOptions = {}) {
    const date = new Date(clock.now);
    const call = { ...(credential && { credential }), date, ...options };
    const { status, code, Result } = await callApi(fake.url, { Action: 'DescribeFlowLogs' }, call);
    return { status, code, seen: Result?.FlowLogs?.map(({ FlowLogId }) => FlowLogId) };
  }
  return { fake, clock, ask, session, describeAs };
}

test('the official SDK assumes a role and is the other account', async () => {
  const { fake } = await start({ now: Date.now, roles: [{ roleTrn: TRN, account: 'second' }], seeds: [] });
  await fake.seed({ region: 'cn-beijing', flowLogId: 'fl-second', account: 'second' });
  const { accessKey: accessKeyId, secretKey: secretAccessKey } = DEFAULT_CREDENTIAL;
  const keys = { accessKeyId, secretAccessKey };
  const endpoint = { host: new URL(fake.url).host, protocol: 'http', region: 'cn-beijing' } as const;
  const assumeRoleParams = { ...keys, ...endpoint, accountId: '2100000001', roleName: 'flow-logs' };
  const client = new Client({ ...endpoint, assumeRoleParams, autoRetry: false });
  const answer = await client.send(new VpcCommand('DescribeFlowLogs', {}));
  expect(answer).toMatchObject({
    Result: { FlowLogs: [{ FlowLogId: 'fl-second', AccountId: '2100000001' }] },
  });
  expect(fake.calls()).toMatchObject([
    { action: 'AssumeRole', account: 'default', accessKey: accessKeyId, roleTrn: TRN, httpStatus: 200 },
    { action: 'DescribeFlowLogs', account: 'second', accessKey: expect.stringMatching(/^AKTP/) },
  ]);
});

describe('AssumeRole', () => {
  test('answers as the reference says', async () => {
    const { ask } = await start();
    const { status, metadata, result } = await ask({ DurationSeconds: '900' });
    expect(status).toBe(200);
    expect(metadata).toMatchObject({ Service: 'sts', Action: 'AssumeRole', Version: '2018-01-01' });
    expect(result).toMatchObject({
      Credentials: { CurrentTime: '2026-03-04T13:06:07+08:00', ExpiredTime: '2026-03-04T13:21:07+08:00' },
      AssumedRoleUser: { Trn: 'trn:sts::2100000001:assumed-role/flow-logs/ops' },
    });
  });

  test.each([
    ['', 3_600],
    ['899', 3_600],
    ['900', 900],
    ['43200', 43_200],
    ['43201', 43_200],
  ])('DurationSeconds %s gives credentials for %i s', async (DurationSeconds, seconds) => {
    const { ask } = await start();
    const { result } = await ask({ DurationSeconds });
    const { CurrentTime = '', ExpiredTime = '' } = result?.Credentials ?? {};
    expect(Date.parse(ExpiredTime) - Date.parse(CurrentTime)).toBe(seconds * 1_000);
  });

  test.each<[string, Record<string, string>, CallOptions, number, string]>([
    ['another external id', { ExternalId: 'theirs' }, {}, 403, 'AccessDenied'],
    ['no external id', { ExternalId: '' }, {}, 403, 'AccessDenied'],
    ['an account that the role does not trust', {}, { credential: STRANGER }, 403, 'AccessDenied'],
    ['a role that is not there', { RoleTrn: `${TRN}-2` }, {}, 403, 'AccessDenied'],
    ['no role', { RoleTrn: '' }, {}, 400, 'MissingParameter.RoleTrn'],
    ['a TRN of a user', { RoleTrn: 'trn:iam::2100000001:user/x' }, {}, 400, 'InvalidTRN'],
    ['no session name', { RoleSessionName: '' }, {}, 400, 'MissingParameter.RoleSessionName'],
    ['a session name with a space', { RoleSessionName: 'a b' }, {}, 400, SESSION_NAME_REFUSED],
    ['a session name too long', { RoleSessionName: 'a'.repeat(65) }, {}, 400, SESSION_NAME_REFUSED],
    ['a duration that is no number', { DurationSeconds: '1h' }, {}, 400, 'InvalidParameter.DurationSeconds'],
    ['a parameter it does not have', { RoleArn: 'x' }, {}, 400, 'InvalidParameter'],
    ['the version of VPC', { Version: '2020-04-01' }, {}, 404, 'InvalidActionOrVersion'],
    ['an action of VPC', { Action: 'DescribeFlowLogs' }, {}, 404, 'InvalidActionOrVersion'],
    ['a signature for vpc', {}, { service: 'vpc' }, 404, 'InvalidActionOrVersion'],
    ['a signature for another service', {}, { service: 'ecs' }, 400, 'InvalidCredential'],
    ['a wrong secret', {}, { credential: { ...STRANGER, secretKey: 'x' } }, 401, 'SignatureDoesNotMatch'],
  ])('is refused with %s', async (_what, parameters, call, status, code) => {
    const { fake, ask } = await start();
    expect(await ask(parameters, call)).toMatchObject({ status, code, result: undefined });
    expect(fake.calls()).toMatchObject([{ httpStatus: status, code }]);
  });

  test('meets faults and the throttle like any action', async () => {
    const { fake, ask } = await start({ throttle: { callsPerSecond: 1, burst: 2 } });
    fake.addFaults({ kind: 'error', code: 'InternalError', action: 'AssumeRole', nth: [1] });
    expect(await ask()).toMatchObject({ status: 500, code: 'InternalError' });
    expect(await ask()).toMatchObject({ status: 200 });
    expect(await ask()).toMatchObject({ status: 200 });
    expect(await ask()).toMatchObject({ status: 429 });
  });
});

describe('temporary credentials', () => {
  test('are the account of the role, and end by the clock of the fake', async () => {
    const { clock, session, describeAs } = await start();
    expect(await describeAs(DEFAULT_CREDENTIAL)).toMatchObject({ seen: ['fl-1'] });
    const credential = await session({ DurationSeconds: '900' });
    clock.now = NOW + 899_999;
    expect(await describeAs(credential)).toMatchObject({ status: 200, seen: ['fl-2'] });
    clock.now += 1;
    expect(await describeAs(credential)).toMatchObject({ status: 401, code: 'InvalidSecretToken' });
    expect(await describeAs(await session())).toMatchObject({ status: 200 });
  });

  test('are refused without their token, and with that of others', async () => {
    const { session, describeAs } = await start();
    const { sessionToken, ...keys } = await session();
    const other = await session();
    expect(await describeAs(keys)).toMatchObject({ code: 'InvalidSecretToken' });
    const { code: ofOtherToken } = await describeAs({ ...keys, sessionToken: other.sessionToken });
    expect(ofOtherToken).toBe('InvalidSecretToken');
    const { code: ofOtherSecret } = await describeAs({ ...keys, sessionToken, secretKey: other.secretKey });
    expect(ofOtherSecret).toBe('SignatureDoesNotMatch');
    expect(await describeAs({ ...keys, sessionToken })).toMatchObject({ status: 200 });
  });

  test('may assume another role, where it trusts their account', async () => {
    const third = { roleTrn: 'trn:iam::2100000002:role/third', account: 'third', trusts: 'second' };
    const { ask, session } = await start({ roles: [ROLE, third], seeds: [] });
    const question = { RoleTrn: third.roleTrn };
    expect(await ask(question)).toMatchObject({ code: 'AccessDenied' });
    expect(await ask(question, { credential: await session() })).toMatchObject({ status: 200 });
  });

  test('outlive the keys that asked for them', async () => {
    const { fake, session, describeAs } = await start();
    const credential = await session();
    await fake.changeSettings({ credentials: [{ ...DEFAULT_CREDENTIAL, accessKey: 'new' }] });
    expect(await describeAs(credential)).toMatchObject({ status: 200 });
  });
});

describe('the control routes', () => {
  test('list sessions without their secrets, and expire all', async () => {
    const { fake, session, describeAs } = await start();
    const credential = await session();
    const { accessKey } = credential;
    const shown = { accessKey, account: 'second', roleTrn: TRN };
    const sessions = async (method: string) => (await control(fake.url, method, 'sessions')).body;
    expect(await sessions('GET')).toEqual({ sessions: [{ ...shown, expired: false }] });
    expect(await sessions('DELETE')).toEqual({ sessions: [{ ...shown, expired: true }] });
    expect(await describeAs(credential)).toMatchObject({ code: 'InvalidSecretToken' });
    await fake.reset();
    expect(await describeAs(credential)).toMatchObject({ code: 'InvalidAccessKey' });
  });

  test('set the roles, and show no external id', async () => {
    const { fake, ask } = await start();
    const set = (settings: unknown) => control(fake.url, 'POST', 'settings', settings);
    const roles = [{ roleTrn: TRN, account: 'third', externalId: 'other-id' }];
    const { body } = await set({ roles });
    expect(body).toMatchObject({ roles: [{ roleTrn: TRN, account: 'third', wantsExternalId: true }] });
    expect(JSON.stringify(body)).not.toContain('other-id');
    expect(await ask()).toMatchObject({ code: 'AccessDenied' });
    expect(await ask({ ExternalId: 'other-id' })).toMatchObject({ status: 200 });
    await fake.seed({ region: 'cn-beijing', flowLogId: 'fl-3', account: 'third' });
    expect((await set({ roles: [{ roleTrn: 'x', account: 'third' }] })).status).toBe(400);
    await fake.reset();
    expect(await ask()).toMatchObject({ status: 200 });
  });

  test('without roles any is there whose account id is known', async () => {
    const { fake, ask } = await start();
    await fake.changeSettings({ roles: null });
    expect(await ask({ RoleTrn: 'trn:iam::2100000000:role/any' })).toMatchObject({ status: 200 });
    expect(await ask({ RoleTrn: 'trn:iam::2100000009:role/any' })).toMatchObject({ code: 'AccessDenied' });
  });
});

import { describe, expect, test } from 'vitest';
import { createRoleAssumer, type Role } from '../../../lib/volcengine/assume-role.ts';
import { AssumeRoleFailed } from '../../../lib/volcengine/assume-role-failed.ts';
import type { CredentialsProvider } from '../../../lib/volcengine/credentials.ts';
import {
  apiOver,
  NOW,
  REQUEST,
  refusal,
  reply,
  type ScriptedTransport,
  scriptedTransport,
  success,
} from './scripted-transport.ts';

const KEYS = { accessKeyId: 'AKLTexample-key', secretAccessKey: 'secret-of-the-test' };
const ROLE: Role = { roleTrn: 'trn:iam::2100000001:role/flow-logs', via: 'main' };
const CREDENTIALS = {
  CurrentTime: '2021-12-21T14:07:34+08:00',
  ExpiredTime: '2021-12-21T15:07:34+08:00',
  AccessKeyId: 'AKTPexample',
  SecretAccessKey: 'temporary-secret',
  SessionToken: 'temporary-token',
};

const regionOf = (via: string) => (via === 'main' ? 'cn-shanghai' : 'ap-southeast-1');

function assumerWith(transport: ScriptedTransport, credentials: CredentialsProvider = async () => KEYS) {
  return createRoleAssumer({ transport, credentials, clock: () => NOW, regionOf });
}

const assumed = () => success({ Credentials: CREDENTIALS });
const QUERY = { Action: 'AssumeRole', Version: '2018-01-01', RoleTrn: ROLE.roleTrn };
const FAILED = 'AssumeRole with the credentials of "main" failed:';

async function failureOf(promise: Promise<unknown>): Promise<AssumeRoleFailed> {
  const error = await promise.catch((reason: unknown) => reason);
  if (error instanceof AssumeRoleFailed) return error;
  throw new Error(`not an AssumeRoleFailed: ${String(error)}`);
}

describe('the request', () => {
  test('is signed for sts with the keys of via, and names role, session, duration and external id', async () => {
    const transport = scriptedTransport(assumed());
    const asked: string[] = [];
    const assumeRole = assumerWith(transport, async (account) => {
      asked.push(account);
      return KEYS;
    });
    await assumeRole({ ...ROLE, externalId: 'ours/7', sessionName: 'ops', durationSeconds: 900 });
    expect(asked).toEqual(['main']);
    expect(transport.queries()).toEqual([
      { ...QUERY, RoleSessionName: 'ops', DurationSeconds: '900', ExternalId: 'ours/7' },
    ]);
    expect(transport.requests[0]?.headers.authorization).toContain(
      'Credential=AKLTexample-key/20260101/cn-shanghai/sts/request',
    );
  });

  test('leaves out what is not configured, and has a session name of its own', async () => {
    const transport = scriptedTransport(assumed());
    await assumerWith(transport)(ROLE);
    expect(transport.queries()).toEqual([{ ...QUERY, RoleSessionName: 'flow-log-activator' }]);
  });
});

describe('the reply', () => {
  test('gives credentials, and a life that is by the server clock alone', async () => {
    const transport = scriptedTransport(assumed());
    expect(await assumerWith(transport)(ROLE)).toEqual({
      credentials: {
        accessKeyId: 'AKTPexample',
        secretAccessKey: 'temporary-secret',
        sessionToken: 'temporary-token',
      },
      lifetimeMs: 3_600_000,
    });
  });

  const early = '2021-12-21T15:07:34+10:00';
  test.each([
    ['no credentials', {}],
    ['a list', { Credentials: [CREDENTIALS] }],
    ['no key id', { Credentials: { ...CREDENTIALS, AccessKeyId: '' } }],
    ['no secret', { Credentials: { ...CREDENTIALS, SecretAccessKey: undefined } }],
    ['a token that is no text', { Credentials: { ...CREDENTIALS, SessionToken: 7 } }],
    ['no end', { Credentials: { ...CREDENTIALS, ExpiredTime: undefined } }],
    ['an end that is no time', { Credentials: { ...CREDENTIALS, ExpiredTime: 'later' } }],
    // By what it shows later than the beginning: offsets count.
    ['an end before the beginning', { Credentials: { ...CREDENTIALS, ExpiredTime: early } }],
  ])('with %s is a failure that repeats nothing of it', async (_what, result) => {
    const error = await failureOf(assumerWith(scriptedTransport(success(result)))(ROLE));
    expect(error.message).toBe(`${FAILED} InvalidBody (HTTP 200, request request-1)`);
    expect(error.message).not.toContain('temporary');
  });
});

describe('a failure', () => {
  test('is told by code, status and request id: what the server wrote may quote the external id', async () => {
    const error = { Code: 'AccessDenied', Message: `no external id hunter2 for ${KEYS.secretAccessKey}` };
    const assumeRole = assumerWith(scriptedTransport(refusal(403, error)));
    const { message } = await failureOf(assumeRole({ ...ROLE, externalId: 'hunter2' }));
    expect(message).toBe(`${FAILED} AccessDenied (HTTP 403, request request-1)`);
  });

  test.each([
    ['a code that is a sentence', refusal(400, { Code: 'the id is hunter2' }), '(unreadable) (HTTP 400'],
    ['a page of HTML', reply('<html>hunter2</html>', 502), 'InvalidBody (HTTP 502)'],
  ])('of %s', async (_what, given, told) => {
    const { message } = await failureOf(assumerWith(scriptedTransport(given))(ROLE));
    expect(message).toContain(`${FAILED} ${told}`);
    expect(message).not.toContain('hunter2');
  });

  test('to get the credentials of via says why there are none', async () => {
    const assumeRole = assumerWith(scriptedTransport(), async () => {
      throw new RangeError('hunter2');
    });
    expect((await failureOf(assumeRole(ROLE))).message).toBe(
      `${FAILED} No credentials for account "main": the provider failed (RangeError)`,
    );
  });

  test('keeps the pause that the server asks for', async () => {
    const throttled = refusal(429, { Code: 'FlowLimitExceeded' }, { retryAfter: '7' });
    expect((await failureOf(assumerWith(scriptedTransport(throttled))(ROLE))).retryAfterMs).toBe(7_000);
  });

  test('of the keys of via makes the next call read them again', async () => {
    const transport = scriptedTransport(refusal(401, { Code: 'InvalidAccessKey' }), assumed());
    const asked: unknown[] = [];
    const assumeRole = assumerWith(transport, async (_account, options) => {
      asked.push(options);
      return KEYS;
    });
    await failureOf(assumeRole(ROLE));
    await assumeRole(ROLE);
    expect(asked).toEqual([undefined, { refresh: true, refused: expect.objectContaining(KEYS) }]);
  });

  test('that only says our clock is off is repeated by the right one, once', async () => {
    const date = 'Thu, 01 Jan 2026 05:00:00 GMT';
    const off = refusal(400, { Code: 'InvalidTimestamp' }, { date });
    const transport = scriptedTransport(off, assumed());
    await assumerWith(transport)(ROLE);
    const dates = transport.requests.map(({ headers }) => headers['x-date']);
    expect(dates).toEqual(['20260101T000000Z', '20260101T050000Z']);
    const stubborn = scriptedTransport(off);
    await failureOf(assumerWith(stubborn)(ROLE));
    expect(stubborn.requests).toHaveLength(2);
  });

  test('is what a held call says, which was not made', async () => {
    const assumeRole = assumerWith(scriptedTransport(refusal(403, { Code: 'AccessDenied' })));
    const transport = scriptedTransport(success({}));
    const api = apiOver(transport, { credentials: async () => (await assumeRole(ROLE)).credentials });
    const cause = `${FAILED} AccessDenied (HTTP 403, request request-1)`;
    const message = `No credentials for account "second": ${cause}`;
    const error = { code: 'CredentialsUnavailable', message };
    const flowLog = { ...REQUEST.flowLog, account: 'second' };
    const outcome = await api.activeFlowLog({ ...REQUEST, flowLog });
    expect(outcome).toEqual({ kind: 'hold', unsent: true, error });
    expect(transport.requests).toEqual([]);
  });
});

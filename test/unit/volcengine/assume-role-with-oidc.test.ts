import { describe, expect, test } from 'vitest';
import { AssumeRoleFailed } from '../../../lib/volcengine/assume-role-failed.ts';
import {
  createOidcRoleAssumer,
  type IdentityTokens,
  type OidcRole,
} from '../../../lib/volcengine/assume-role-with-oidc.ts';
import {
  NOW,
  refusal,
  reply,
  type ScriptedTransport,
  scriptedTransport,
  success,
} from './scripted-transport.ts';

const ROLE: OidcRole = { roleTrn: 'trn:iam::2100000001:role/flow-logs' };
const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.c2lnbmF0dXJl';
const CREDENTIALS = {
  CurrentTime: '2021-12-21T14:07:34+08:00',
  Expiration: '2021-12-21T15:07:34+08:00',
  AccessKeyId: 'AKTPexample',
  SecretAccessKey: 'temporary-secret',
  SessionToken: 'temporary-token',
};
const FAILED = 'AssumeRoleWithOIDC failed:';

const assumed = (more = {}) => success({ Credentials: { ...CREDENTIALS, ...more } });

function assume(
  transport: ScriptedTransport,
  role: OidcRole = ROLE,
  identityToken: IdentityTokens = async () => TOKEN,
) {
  const regionOf = () => 'cn-beijing';
  return createOidcRoleAssumer({ transport, clock: () => NOW, identityToken, regionOf })('second', role);
}

async function failureOf(promise: Promise<unknown>): Promise<AssumeRoleFailed> {
  const error = await promise.catch((reason: unknown) => reason);
  if (error instanceof AssumeRoleFailed) return error;
  throw new Error(`not an AssumeRoleFailed: ${String(error)}`);
}

describe('the request', () => {
  test('is an unsigned form with a token for the audience', async () => {
    const transport = scriptedTransport(assumed());
    const audiences: string[] = [];
    const role = { ...ROLE, audience: 'sts.volcengineapi.com/ops', sessionName: 'ops', durationSeconds: 900 };
    await assume(transport, role, async (audience) => {
      audiences.push(audience);
      return TOKEN;
    });
    expect(audiences).toEqual(['sts.volcengineapi.com/ops']);
    expect(transport.requests).toEqual([]);
    expect(transport.forms).toEqual([
      {
        path: '/?Action=AssumeRoleWithOIDC&Version=2018-01-01',
        form: {
          RoleTrn: ROLE.roleTrn,
          RoleSessionName: 'ops',
          DurationSeconds: '900',
          OIDCToken: TOKEN,
        },
      },
    ]);
  });

  test('leaves out what is not configured, and has an audience and a session name of its own', async () => {
    const transport = scriptedTransport(assumed());
    const audiences: string[] = [];
    await assume(transport, ROLE, async (audience) => {
      audiences.push(audience);
      return TOKEN;
    });
    expect(audiences).toEqual(['sts.volcengineapi.com']);
    expect(transport.forms[0]?.form).toEqual({
      RoleTrn: ROLE.roleTrn,
      RoleSessionName: 'flow-log-activator',
      OIDCToken: TOKEN,
    });
  });
});

describe('the reply', () => {
  const credentials = {
    accessKeyId: 'AKTPexample',
    secretAccessKey: 'temporary-secret',
    sessionToken: 'temporary-token',
  };
  const hour = { credentials, lifetimeMs: 3_600_000 };
  const date = 'Tue, 21 Dec 2021 06:07:34 GMT';

  test.each([
    ['Expiration', assumed()],
    ['ExpiredTime', assumed({ Expiration: undefined, ExpiredTime: CREDENTIALS.Expiration })],
    ['the time of the reply for CurrentTime', { ...assumed({ CurrentTime: undefined }), date }],
  ])('gives credentials that live by the server clock alone, with %s', async (_what, given) => {
    expect(await assume(scriptedTransport(given))).toEqual(hour);
  });

  test.each([
    ['no credentials', success({})],
    ['no key id', assumed({ AccessKeyId: '' })],
    ['no end', assumed({ Expiration: undefined })],
    ['no beginning', assumed({ CurrentTime: undefined })],
    ['an end before the beginning', assumed({ Expiration: '2021-12-21T13:07:34+08:00' })],
  ])('with %s is a failure that repeats nothing of it', async (_what, given) => {
    const { message } = await failureOf(assume(scriptedTransport(given)));
    expect(message).toBe(`${FAILED} InvalidBody (HTTP 200, request request-1)`);
  });
});

describe('a failure', () => {
  test.each([
    [
      'no role',
      refusal(403, { Code: 'AccessDenied', Message: TOKEN }),
      'AccessDenied (HTTP 403, request request-1)',
    ],
    [
      'a code that is a sentence',
      refusal(400, { Code: `not ${TOKEN}` }),
      '(unreadable) (HTTP 400, request request-1)',
    ],
    ['a page of HTML', reply(`<html>${TOKEN}</html>`, 502), 'InvalidBody (HTTP 502)'],
    ['no network', { kind: 'network-failure', code: 'Timeout', message: TOKEN } as const, 'Timeout'],
  ])(
    'of Volcengine (%s) is told by code, status and request id, without the token',
    async (_what, given, told) => {
      const { message } = await failureOf(assume(scriptedTransport(given)));
      expect(message).toBe(`${FAILED} ${told}`);
      expect(message).not.toContain(TOKEN);
    },
  );

  test.each([
    ['OutboundWebIdentityFederationDisabledException', 'OutboundWebIdentityFederationDisabledException'],
    ['AccessDenied', 'AccessDenied'],
    ['hunter2 is not allowed', 'unknown error'],
  ])('of AWS (%s) is told by its name alone, and nothing is sent', async (name, told) => {
    const transport = scriptedTransport(assumed());
    const failing = async () => {
      throw Object.assign(new Error(`hunter2 ${TOKEN}`), { name });
    };
    const { message } = await failureOf(assume(transport, ROLE, failing));
    expect(message).toBe(`${FAILED} AWS gave no identity token (${told})`);
    expect(transport.forms).toEqual([]);
  });

  test('keeps the pause that the server asks for', async () => {
    const throttled = refusal(429, { Code: 'FlowLimitExceeded' }, { retryAfter: '7' });
    expect((await failureOf(assume(scriptedTransport(throttled)))).retryAfterMs).toBe(7_000);
  });
});

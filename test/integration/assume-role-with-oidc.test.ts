import { describe, expect, test } from 'vitest';
import { AUDIENCE, SUBJECT, startIssuer } from './oidc-tokens.ts';
import { startContainer } from './start-container.ts';

const START = Date.parse('2026-03-04T05:06:07Z');
const MINUTE_MS = 60_000;
const SECOND = { roleTrn: 'trn:iam::2100000001:role/flow-logs' };
const THIRD = { roleTrn: 'trn:iam::2100000002:role/flow-logs', via: 'second' };

type Issuer = Awaited<ReturnType<typeof startIssuer>>;
type Start = { token?: (issuer: Issuer, audience: string) => Promise<string>; algorithm?: string };

/** No account has a key. `token`: what AWS would give. */
async function start({ token = (issuer) => issuer.sign({}), algorithm }: Start = {}) {
  const clock = { now: START };
  const issuer = await startIssuer(() => clock.now, algorithm);
  let tokens = 0;
  const { volcengine, api, log } = await startContainer({
    fake: {
      now: () => clock.now,
      roles: [
        {
          roleTrn: SECOND.roleTrn,
          account: 'second',
          oidc: {
            issuerUrl: issuer.url,
            clientIds: [AUDIENCE],
            subject: 'arn:aws:iam::123456789012:role/flow-log-activator-prod-*',
          },
        },
        { roleTrn: THIRD.roleTrn, account: 'third', trusts: 'second' },
      ],
      autoCreate: { pattern: 'fl-*' },
    },
    accounts: { second: { assumeRoleWithOidc: SECOND }, third: { assumeRole: THIRD } },
    secret: { value: '' },
    clock: () => clock.now,
    identityToken: (audience) => {
      tokens += 1;
      return token(issuer, audience);
    },
  });
  const activate = (account: string, flowLogId = 'fl-1') =>
    api.activeFlowLog({
      flowLog: { account, region: 'cn-beijing', flowLogId },
      clientToken: `${account}-${flowLogId}`,
    });
  const assumed = () => volcengine.calls().filter(({ action }) => action.startsWith('AssumeRole'));
  return { volcengine, clock, issuer, log, activate, assumed, tokens: () => tokens };
}

test.each(['RS256', 'ES384'])(
  'fifty calls at once, by a token that is signed by %s: one token, one role',
  async (algorithm) => {
    const { volcengine, activate, assumed, tokens } = await start({ algorithm });
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) => activate('second', `fl-${index}`)),
    );
    expect(outcomes.every(({ kind }) => kind === 'accepted')).toBe(true);
    expect(tokens()).toBe(1);
    expect(assumed()).toMatchObject([
      { action: 'AssumeRoleWithOIDC', roleTrn: SECOND.roleTrn, httpStatus: 200 },
    ]);
    const activations = volcengine.calls().filter(({ action }) => action === 'ActiveFlowLog');
    expect(new Set(activations.map(({ account }) => account))).toEqual(new Set(['second']));
    expect(new Set(activations.map(({ accessKey }) => accessKey)).size).toBe(1);
  },
);

test('another role is assumed by way of it', async () => {
  const { activate, assumed } = await start();
  expect(await activate('third')).toMatchObject({ kind: 'accepted' });
  expect(assumed()).toMatchObject([
    { action: 'AssumeRoleWithOIDC', roleTrn: SECOND.roleTrn },
    { action: 'AssumeRole', roleTrn: THIRD.roleTrn, account: 'second' },
  ]);
});

test('credentials are renewed by a new token before they end, and never refused', async () => {
  const { volcengine, clock, activate, tokens } = await start();
  for (let minute = 0; minute < 120; minute += 1) {
    expect(await activate('second', `fl-${minute}`)).toMatchObject({ kind: 'accepted' });
    clock.now += MINUTE_MS;
  }
  expect(volcengine.calls().filter(({ httpStatus }) => httpStatus !== 200)).toEqual([]);
  expect(tokens()).toBe(3);
});

test('sessions that are ended at Volcengine cost one refused call, then a new token', async () => {
  const { volcengine, activate, tokens } = await start();
  await activate('second');
  volcengine.expireSessions();
  expect(await activate('second', 'fl-2')).toMatchObject({ kind: 'hold' });
  expect(await activate('second', 'fl-2')).toMatchObject({ kind: 'accepted' });
  expect(tokens()).toBe(2);
});

describe('a token that Volcengine does not accept holds the call, which is not sent:', () => {
  const seconds = START / 1_000;
  const cases: [string, Start['token'], string][] = [
    ['signed by another key', (issuer) => issuer.forge({}), 'InvalidIdentityToken'],
    ['signed by a key that is not published', (issuer) => issuer.signUnknown({}), 'InvalidIdentityToken'],
    ['of another issuer', (issuer) => issuer.sign({ iss: 'https://elsewhere.test' }), 'InvalidIdentityToken'],
    ['for another audience', (issuer) => issuer.sign({ aud: 'sts.amazonaws.com' }), 'InvalidIdentityToken'],
    ['that has expired', (issuer) => issuer.sign({ iat: seconds - 900, exp: seconds - 61 }), 'ExpiredToken'],
    [
      'of the future',
      (issuer) => issuer.sign({ iat: seconds + 61, exp: seconds + 900 }),
      'InvalidIdentityToken',
    ],
    ['without an end', (issuer) => issuer.sign({ exp: undefined }), 'InvalidIdentityToken'],
    [
      'of another role',
      (issuer) => issuer.sign({ sub: 'arn:aws:iam::123456789012:role/other' }),
      'AccessDenied',
    ],
    ['that is none', async () => 'no-token', 'InvalidIdentityToken'],
  ];
  test.each(cases)('%s', async (_what, token, code) => {
    const { activate, assumed, volcengine, log } = await start({ ...(token && { token }) });
    const outcome = await activate('second');
    expect(outcome).toMatchObject({
      kind: 'hold',
      unsent: true,
      error: {
        code: 'CredentialsUnavailable',
        message: expect.stringMatching(
          new RegExp(
            `^No credentials for account "second": AssumeRoleWithOIDC failed: ${code} \\(HTTP 40[03], `,
          ),
        ),
      },
    });
    expect(assumed()).toMatchObject([{ code }]);
    expect(volcengine.calls()).toHaveLength(1);
    expect(JSON.stringify([outcome, log.lines])).not.toMatch(/eyJ|no-token/);
  });
});

test.each([
  ['within a minute of its end', { iat: START / 1_000 - 900, exp: START / 1_000 - 59 }],
  ['that begins within a minute', { iat: START / 1_000 + 59, exp: START / 1_000 + 300 }],
  ['for several audiences', { aud: ['elsewhere', AUDIENCE] }],
  ['of another role of the stack', { sub: SUBJECT.replace('ActivateFlowLog', 'PollActivations') }],
])('a token %s is accepted', async (_what, claims) => {
  const { activate } = await start({ token: (issuer) => issuer.sign(claims) });
  expect(await activate('second')).toMatchObject({ kind: 'accepted' });
});

test('AWS gives no token: the call is held, with the reason, and nobody is asked at each call', async () => {
  const disabled = Object.assign(new Error('hunter2'), {
    name: 'OutboundWebIdentityFederationDisabledException',
  });
  let isEnabled = false;
  const { clock, activate, assumed, log, tokens } = await start({
    token: (issuer) => (isEnabled ? issuer.sign({}) : Promise.reject(disabled)),
  });
  const outcome = await activate('second');
  expect(outcome).toMatchObject({
    kind: 'hold',
    error: { message: expect.stringContaining('(OutboundWebIdentityFederationDisabledException)') },
  });
  expect(JSON.stringify([outcome, log.lines])).not.toContain('hunter2');
  expect(await activate('second')).toMatchObject({ kind: 'hold' });
  expect(tokens()).toBe(1);
  expect(assumed()).toEqual([]);
  isEnabled = true;
  clock.now += 5_000;
  expect(await activate('second')).toMatchObject({ kind: 'accepted' });
});

test.each(['reset', 'hang', 'garbage', 'html', 'truncated'] as const)(
  'an AssumeRoleWithOIDC that ends in %s holds the call, and the next one after the pause goes through',
  async (kind) => {
    const { volcengine, clock, activate } = await start();
    volcengine.addFaults({ kind, action: 'AssumeRoleWithOIDC', times: 1 });
    expect(await activate('second')).toMatchObject({ kind: 'hold', unsent: true });
    clock.now += 5_000;
    expect(await activate('second')).toMatchObject({ kind: 'accepted' });
  },
  20_000,
);

test('the fake takes the token in a form only', async () => {
  const { volcengine, issuer } = await start();
  const query = new URLSearchParams({
    Action: 'AssumeRoleWithOIDC',
    Version: '2018-01-01',
    RoleTrn: SECOND.roleTrn,
    RoleSessionName: 'ops',
    OIDCToken: await issuer.sign({}),
  });
  const response = await fetch(`${volcengine.url}/?${query}`);
  expect([response.status, await response.text()]).toMatchObject([
    405,
    expect.stringContaining('MethodNotAllowed'),
  ]);
});

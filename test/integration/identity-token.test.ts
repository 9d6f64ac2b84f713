import { createRemoteJWKSet, jwtVerify } from 'jose';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { fetchIdentityToken } from '../../lib/aws/identity-token.ts';
import { startSts } from '../../local/sts/start-sts.ts';

const NOW = Date.parse('2026-03-04T05:06:07Z');
const AUDIENCE = 'sts.volcengineapi.com';
const ACTION = { Action: 'GetWebIdentityToken', Version: '2011-06-15' };
const USUAL = { ...ACTION, 'Audience.member.1': AUDIENCE, SigningAlgorithm: 'RS256' };

beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  return () => vi.unstubAllEnvs();
});

async function start() {
  const sts = await startSts({ region: 'eu-west-1', account: '123456789012', now: () => NOW });
  onTestFinished(() => sts.close());
  vi.stubEnv('AWS_ENDPOINT_URL_STS', sts.url);
  const ask = async (form: Record<string, string>, authorization = 'AWS4-HMAC-SHA256 Credential=local') => {
    const headers = { authorization };
    const response = await fetch(sts.url, { method: 'POST', headers, body: new URLSearchParams(form) });
    return { status: response.status, text: await response.text() };
  };
  const verify = (token: string) => {
    const keys = createRemoteJWKSet(new URL(`${sts.url}/.well-known/jwks.json`));
    return jwtVerify(token, keys, { issuer: sts.url, audience: AUDIENCE, currentDate: new Date(NOW) });
  };
  return { sts, ask, verify };
}

test('the SDK gets a token for five minutes, which the keys of its issuer verify', async () => {
  const { sts, verify } = await start();
  const { payload, protectedHeader } = await verify(await fetchIdentityToken(AUDIENCE));
  expect(protectedHeader).toMatchObject({ alg: 'RS256', typ: 'JWT' });
  expect(payload).toMatchObject({
    iss: sts.url,
    aud: AUDIENCE,
    sub: 'arn:aws:iam::123456789012:role/flow-log-activator-local',
    iat: NOW / 1_000,
    exp: NOW / 1_000 + 300,
    'https://sts.amazonaws.com/': { aws_account: '123456789012', source_region: 'eu-west-1' },
  });
  const discovery = await fetch(`${sts.url}/.well-known/openid-configuration`);
  expect(await discovery.json()).toMatchObject({
    issuer: sts.url,
    jwks_uri: `${sts.url}/.well-known/jwks.json`,
  });
});

test('several audiences, tags and the other algorithm are in the token', async () => {
  const { ask, verify } = await start();
  const { text } = await ask({
    ...USUAL,
    SigningAlgorithm: 'ES384',
    'Audience.member.2': 'elsewhere',
    'Tags.member.1.Key': 'team',
    'Tags.member.1.Value': 'network',
  });
  const { payload, protectedHeader } = await verify(
    /<WebIdentityToken>(.*)<\/WebIdentityToken>/.exec(text)?.[1] ?? '',
  );
  expect(protectedHeader.alg).toBe('ES384');
  expect(payload).toMatchObject({
    aud: [AUDIENCE, 'elsewhere'],
    'https://sts.amazonaws.com/': { request_tags: { team: 'network' } },
  });
});

describe('a request is refused', () => {
  test.each([
    ['without a signature', USUAL, '', 403, 'MissingAuthenticationToken'],
    ['without an audience', { ...ACTION, SigningAlgorithm: 'RS256' }, undefined, 400, 'ValidationError'],
    ['for another algorithm', { ...USUAL, SigningAlgorithm: 'HS256' }, undefined, 400, 'ValidationError'],
    ['for a second', { ...USUAL, DurationSeconds: '1' }, undefined, 400, 'ValidationError'],
    ['of another action', { ...USUAL, Action: 'AssumeRole' }, undefined, 400, 'ValidationError'],
  ])('%s', async (_what, form, authorization, status, code) => {
    const { ask } = await start();
    expect(await ask(form, authorization)).toMatchObject({
      status,
      text: expect.stringContaining(`<Code>${code}</Code>`),
    });
  });
});

test('a refusal of AWS has the name of its code', async () => {
  await start();
  const named = await fetchIdentityToken('').catch((error: unknown) => error);
  expect(named).toMatchObject({ name: 'ValidationError' });
});

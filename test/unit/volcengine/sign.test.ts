import { type BinaryLike, createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type GetRequest, signGet } from '../../../lib/volcengine/sign.ts';
import { signingKey } from '../../../lib/volcengine/signing-key.ts';

const REQUEST = {
  credentials: { accessKeyId: 'AKLTexample', secretAccessKey: 'c2VjcmV0LWV4YW1wbGU=' },
  service: 'vpc',
  region: 'cn-beijing',
  host: 'open.volcengineapi.com',
  query: { Version: '2020-04-01', Action: 'ActiveFlowLog', FlowLogId: 'fl-1', ClientToken: 'token' },
  timeMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
};

function hmac(key: BinaryLike, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

describe('signGet', () => {
  test('signs as documented, written out step by step', () => {
    const canonicalRequest = [
      'GET',
      '/',
      'Action=ActiveFlowLog&ClientToken=token&FlowLogId=fl-1&Version=2020-04-01',
      'host:open.volcengineapi.com',
      'x-date:20260102T030405Z',
      '',
      'host;x-date',
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    ].join('\n');
    const scope = '20260102/cn-beijing/vpc/request';
    const digest = createHash('sha256').update(canonicalRequest).digest('hex');
    let key = hmac('c2VjcmV0LWV4YW1wbGU=', '20260102');
    for (const step of ['cn-beijing', 'vpc', 'request']) key = hmac(key, step);
    const signature = hmac(key, `HMAC-SHA256\n20260102T030405Z\n${scope}\n${digest}`).toString('hex');
    expect(signGet(REQUEST)).toEqual({
      path: '/?Action=ActiveFlowLog&ClientToken=token&FlowLogId=fl-1&Version=2020-04-01',
      headers: {
        host: 'open.volcengineapi.com',
        'x-date': '20260102T030405Z',
        authorization: `HMAC-SHA256 Credential=AKLTexample/${scope}, SignedHeaders=host;x-date, Signature=${signature}`,
      },
    });
  });

  test('sends and signs a session token, and no empty one', () => {
    const temporary = { ...REQUEST, credentials: { ...REQUEST.credentials, sessionToken: 'STS2token' } };
    const { headers } = signGet(temporary);
    expect(headers['x-security-token']).toBe('STS2token');
    expect(headers.authorization).toContain('SignedHeaders=host;x-date;x-security-token,');
    const empty = { ...REQUEST, credentials: { ...REQUEST.credentials, sessionToken: '' } };
    expect(signGet(empty)).toEqual(signGet(REQUEST));
  });

  test('sorts by the raw key and escapes all that RFC 3986 reserves', () => {
    const query = { 'FlowLogIds.2': "!'()*", 'FlowLogIds.10': ' %+/', a: '冻~-_.', Z: '' };
    expect(signGet({ ...REQUEST, query }).path).toBe(
      '/?FlowLogIds.10=%20%25%2B%2F&FlowLogIds.2=%21%27%28%29%2A&Z=&a=%E5%86%BB~-_.',
    );
  });

  test('any text survives, lone surrogates as U+FFFD', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 0xd800, max: 0xdfff }), (text, unit) => {
        const NextToken = `${text}${String.fromCharCode(unit)}`;
        const { path } = signGet({ ...REQUEST, query: { NextToken } });
        expect(path).toMatch(/^\/\?NextToken=([A-Za-z0-9_.~-]|%[0-9A-F]{2})*$/);
        expect(decodeURIComponent(path.slice('/?NextToken='.length))).toBe(NextToken.toWellFormed());
      }),
      { seed: 20200401 },
    );
  });

  test.each([
    ['secret', { credentials: { accessKeyId: 'AKLTexample', secretAccessKey: 'other' } }],
    ['session token', { credentials: { ...REQUEST.credentials, sessionToken: 'STS2token' } }],
    ['region', { region: 'cn-shanghai' }],
    ['service', { service: 'sts' }],
    ['host', { host: 'localhost:3000' }],
    ['day', { timeMs: REQUEST.timeMs + 86_400_000 }],
    ['second', { timeMs: REQUEST.timeMs + 1000 }],
    ['query', { query: {} }],
  ])('another %s, another signature', (_what, change) => {
    const signatureOf = (request: GetRequest) =>
      signGet(request).headers.authorization?.split('Signature=')[1];
    const signature = signatureOf(REQUEST);
    expect(signatureOf({ ...REQUEST, ...change })).not.toBe(signature);
    expect(signatureOf(REQUEST)).toBe(signature);
  });

  test('what is changed in place, handed in or given out, is not remembered', () => {
    const original = signGet(REQUEST);
    const credentials = { ...REQUEST.credentials };
    const first = signGet({ ...REQUEST, credentials });
    first.headers.host = 'elsewhere';
    first.headers['x-date'] = 'never';
    expect(signGet({ ...REQUEST, credentials })).toEqual(original);
    credentials.accessKeyId = 'AKLTother';
    const second = signGet({ ...REQUEST, credentials });
    expect(second.headers.authorization).toContain('Credential=AKLTother/');
    credentials.secretAccessKey = 'other';
    expect(signGet({ ...REQUEST, credentials }).headers.authorization).not.toBe(second.headers.authorization);
  });
});

describe('signingKey', () => {
  test('is derived once per secret, day, region and service, and forgotten in the end', () => {
    const first = signingKey('secret', '20260101', 'cn-beijing', 'vpc');
    expect(signingKey('secret', '20260101', 'cn-beijing', 'vpc')).toBe(first);
    expect(signingKey('secret', '20260102', 'cn-beijing', 'vpc').equals(first)).toBe(false);
    for (let other = 0; other < 256; other++) signingKey(`secret-${other}`, '20260101', 'cn-beijing', 'vpc');
    const again = signingKey('secret', '20260101', 'cn-beijing', 'vpc');
    expect(again).not.toBe(first);
    expect(again.equals(first)).toBe(true);
  });
});

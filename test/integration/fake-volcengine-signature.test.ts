import { Client } from '@volcengine/sdk-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeVolcengine, startFakeVolcengine } from '../../local/volcengine/start-fake-volcengine.ts';
import { type Outgoing, sendRaw } from '../support/send-raw.ts';
import { type CallOptions, type Credential, callApi, callRaw, VpcCommand } from './fake-volcengine-client.ts';

const NOW = Date.parse('2026-03-04T05:06:07Z');
const LASTING = { accessKey: 'lasting', secretKey: 'secret/with+signs' };
const TEMPORARY = { accessKey: 'temporary', secretKey: 'other', sessionToken: 'session-token==' };
const QUESTION = { Action: 'DescribeFlowLogs', MaxResults: '5' };

let fake: FakeVolcengine;
let real: FakeVolcengine;

beforeAll(async () => {
  const credentials = [
    { account: 'a', ...LASTING },
    { account: 'b', ...TEMPORARY },
  ];
  fake = await startFakeVolcengine({ now: () => NOW, credentials });
  real = await startFakeVolcengine({ credentials });
  await real.seed([
    {
      region: 'cn-beijing',
      flowLogId: 'fl-1',
      flowLogName: "a name (with) 'all' the ~signs*!+ä",
      pendingMs: 60_000,
    },
  ]);
});

afterAll(async () => {
  await fake.close();
  await real.close();
});

type Refusal = { status: number; code: string; codeN?: number };
const MISMATCH: Refusal = { status: 401, code: 'SignatureDoesNotMatch', codeN: 100010 };
const INVALID_AUTHORIZATION: Refusal = { status: 400, code: 'InvalidAuthorization' };
const INVALID_CREDENTIAL: Refusal = { status: 400, code: 'InvalidCredential' };
const INVALID_TIMESTAMP: Refusal = { status: 400, code: 'InvalidTimestamp', codeN: 100006 };
const INVALID_TOKEN: Refusal = { status: 401, code: 'InvalidSecretToken' };

function officialClient({ accessKey, secretKey, ...more }: Credential) {
  const credential = { accessKeyId: accessKey, secretAccessKey: secretKey, ...more };
  const host = new URL(real.url).host;
  return new Client({ host, protocol: 'http', region: 'cn-beijing', autoRetry: false, ...credential });
}

describe('the official SDK', () => {
  it('activates and describes', async () => {
    const client = officialClient(LASTING);
    const accepted = await client.send(
      new VpcCommand('ActiveFlowLog', { FlowLogId: 'fl-1', ClientToken: 't-1' }),
    );
    expect(accepted).toMatchObject({
      ResponseMetadata: { Action: 'ActiveFlowLog' },
      Result: { RequestId: expect.any(String) },
    });

    const FlowLogIds = Array.from({ length: 12 }, (_, index) => `fl-${index + 1}`);
    const described = await client.send(
      new VpcCommand('DescribeFlowLogs', { FlowLogIds, FlowLogName: "a name (with) 'all' the ~signs*!+ä" }),
    );
    expect(described).toMatchObject({ Result: { FlowLogs: [{ FlowLogId: 'fl-1', Status: 'Pending' }] } });
  });

  it('is accepted with a temporary credential, which sees its own account only', async () => {
    const described = await officialClient(TEMPORARY).send(new VpcCommand('DescribeFlowLogs', {}));
    expect(described).toMatchObject({ Result: { FlowLogs: [] } });
  });

  it('is refused with a wrong secret', async () => {
    const client = officialClient({ ...LASTING, secretKey: 'wrong' });
    await expect(client.send(new VpcCommand('DescribeFlowLogs', {}))).rejects.toMatchObject({
      status: 401,
      data: { ResponseMetadata: { Error: { Code: 'SignatureDoesNotMatch', CodeN: 100010 } } },
    });
  });
});

describe('a signature', () => {
  const fresh: CallOptions = { credential: LASTING, date: new Date(NOW) };

  it.each<[string, CallOptions]>([
    ['as the official signer writes it', {}],
    ['with more signed headers', { headers: { 'X-Trace-Id': '  two   spaces ', Accept: '*/*' } }],
    ['of a temporary credential', { credential: TEMPORARY }],
    ['14 minutes old', { date: new Date(NOW - 14 * 60_000) }],
    ['14 minutes early', { date: new Date(NOW + 14 * 60_000) }],
    ['whose query is sent in another order', { tamper: (it) => (it.target = reverseQuery(it.target)) }],
    ['with an unsigned header added', { tamper: (it) => (it.headers['X-Added'] = '1') }],
  ])('is accepted %s', async (_, options) => {
    expect(await callApi(fake.url, QUESTION, { ...fresh, ...options })).toMatchObject({ status: 200 });
  });

  const tampered = (tamper: (outgoing: Outgoing) => unknown): CallOptions => ({ tamper });
  const sending = (name: string, value: string | string[]) =>
    tampered(({ headers }) => (headers[name] = value));
  const withAuthorization = (change: (value: string) => string) =>
    tampered(({ headers }) => (headers.Authorization = change(String(headers.Authorization))));
  const replacing = (from: string | RegExp, to: string) => withAuthorization((it) => it.replace(from, to));

  it.each<[string, CallOptions, Refusal]>([
    [
      'no Authorization',
      tampered((it) => delete it.headers.Authorization),
      { status: 401, code: 'MissingAuthenticationToken', codeN: 100003 },
    ],
    ['another scheme', replacing('HMAC-SHA256', 'AWS4-HMAC-SHA256'), INVALID_AUTHORIZATION],
    ['a part twice', withAuthorization((it) => `${it}, SignedHeaders=host`), INVALID_AUTHORIZATION],
    [
      'no signature',
      replacing(/, Signature.*/, ''),
      { status: 401, code: 'MissingSignature', codeN: 100005 },
    ],
    [
      'a changed signature',
      withAuthorization((it) => it.replace(/.$/, (last) => (last === '0' ? '1' : '0'))),
      MISMATCH,
    ],
    [
      'an upper-case signature',
      withAuthorization((it) => it.replace(/[^=]+$/, (hex) => hex.toUpperCase())),
      MISMATCH,
    ],
    ['a cut signature', withAuthorization((it) => it.slice(0, -1)), MISMATCH],
    ['a short scope', replacing('/vpc/request', '/request'), INVALID_CREDENTIAL],
    ['another service', { service: 'ecs' }, INVALID_CREDENTIAL],
    ['another day in the scope', replacing('20260304', '20260305'), INVALID_CREDENTIAL],
    ['another region in the scope', replacing('cn-beijing', 'cn-shanghai'), MISMATCH],
    [
      'an unknown access key',
      { credential: { ...LASTING, accessKey: 'nobody' } },
      { status: 401, code: 'InvalidAccessKey', codeN: 100009 },
    ],
    ['another secret', { credential: { ...LASTING, secretKey: 'wrong' } }, MISMATCH],
    [
      'no X-Date',
      tampered((it) => delete it.headers['X-Date']),
      { status: 400, code: 'MissingRequestInfo', codeN: 100004 },
    ],
    ['X-Date in another form', sending('X-Date', '2026-03-04T05:06:07Z'), INVALID_TIMESTAMP],
    ['an X-Date that is no time', sending('X-Date', '20261304T050607Z'), INVALID_TIMESTAMP],
    ['a changed X-Date', sending('X-Date', '20260304T050608Z'), MISMATCH],
    [
      'X-Date sent twice',
      tampered((it) => (it.headers['X-Date'] = [`${it.headers['X-Date']}`, '20260304T050608Z'])),
      INVALID_AUTHORIZATION,
    ],
    [
      'Authorization sent twice',
      tampered((it) => (it.headers.Authorization = [`${it.headers.Authorization}`, 'x'])),
      INVALID_AUTHORIZATION,
    ],
    ['16 minutes late', { date: new Date(NOW - 16 * 60_000) }, INVALID_TIMESTAMP],
    ['16 minutes early', { date: new Date(NOW + 16 * 60_000) }, INVALID_TIMESTAMP],
    ['a changed Host', sending('Host', 'localhost:80'), MISMATCH],
    ['Host without its port', sending('Host', '127.0.0.1'), MISMATCH],
    ['an unsigned Host', replacing('host;', ''), INVALID_AUTHORIZATION],
    ['an unsigned X-Date', replacing(';x-date', ''), INVALID_AUTHORIZATION],
    ['signed headers out of order', replacing('host;x-date', 'x-date;host'), INVALID_AUTHORIZATION],
    ['signed headers in upper case', replacing('host;', 'Host;'), INVALID_AUTHORIZATION],
    [
      'a signed header that is not sent',
      { headers: { 'X-Trace': '1' }, tamper: (it) => delete it.headers['X-Trace'] },
      MISMATCH,
    ],
    [
      'a changed signed header',
      { headers: { 'X-Trace': '1' }, tamper: (it) => (it.headers['X-Trace'] = '2') },
      MISMATCH,
    ],
    [
      'a changed parameter',
      tampered((it) => (it.target = it.target.replace('MaxResults=5', 'MaxResults=6'))),
      MISMATCH,
    ],
    ['an added parameter', tampered((it) => (it.target += '&Status=Active')), MISMATCH],
    ['a parameter less', tampered((it) => (it.target = it.target.replace('&MaxResults=5', ''))), MISMATCH],
    ['a body that was not signed', tampered((it) => addBody(it, 'x')), MISMATCH],
    ['an unsigned X-Content-Sha256', sending('X-Content-Sha256', 'f'.repeat(64)), INVALID_AUTHORIZATION],
    ['an X-Content-Sha256 of another body', { headers: { 'X-Content-Sha256': 'f'.repeat(64) } }, MISMATCH],
    ['an unsigned X-Security-Token', sending('X-Security-Token', 'mine'), INVALID_AUTHORIZATION],
    [
      'a token with a lasting credential',
      { credential: { ...LASTING, sessionToken: 'mine' } },
      INVALID_TOKEN,
    ],
    ['another token', { credential: { ...TEMPORARY, sessionToken: 'mine' } }, INVALID_TOKEN],
    [
      'no token with a temporary credential',
      { credential: { accessKey: TEMPORARY.accessKey, secretKey: TEMPORARY.secretKey } },
      INVALID_TOKEN,
    ],
  ])('is refused with %s', async (_, options, { status, code, codeN }) => {
    const answer = await callApi(fake.url, QUESTION, { ...fresh, ...options });
    expect(answer).toMatchObject({ status, code });
    expect(answer.ResponseMetadata.Error?.CodeN).toBe(codeN);
    expect(fake.calls().at(-1)).toMatchObject({ httpStatus: status, code, effective: false });
  });
});

describe('a request that is not for the API', () => {
  it.each([
    ['POST', '/?Action=DescribeFlowLogs&Version=2020-04-01', 405, 'MethodNotAllowed'],
    ['GET', '/vpc', 404, 'ServiceNotFound'],
    ['GET', '/?Action=%ff', 400, 'InvalidParameter'],
  ])('%s %s is refused with %i %s', async (method, target, status, code) => {
    const answer = await sendRaw(fake.url, { method, target, headers: {} });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({ ResponseMetadata: { Error: { Code: code } } });
  });
});

it('shows its own time in the Date header', async () => {
  const answer = await callRaw(fake.url, QUESTION, { credential: LASTING, date: new Date(NOW) });
  expect(answer.headers.date).toBe('Wed, 04 Mar 2026 05:06:07 GMT');
});

function reverseQuery(target: string): string {
  return `/?${target.slice(2).split('&').reverse().join('&')}`;
}

function addBody(outgoing: Outgoing, body: string): void {
  outgoing.body = body;
  outgoing.headers['Content-Length'] = String(body.length);
}

import { Client, Command } from '@volcengine/sdk-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeVolcengine, startFakeVolcengine } from '../../local/volcengine/start-fake-volcengine.ts';
import { type CallOptions, callApi, callRaw, type Outgoing, sendRaw } from './fake-volcengine-client.ts';

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

class VpcCommand extends Command {
  override requestConfig: {
    params: Record<string, string>;
    method: string;
    serviceName: string;
    contentType: string;
  };

  constructor(action: string, input: Record<string, unknown>) {
    super(input);
    this.requestConfig = {
      params: { Action: action, Version: '2020-04-01' },
      method: 'GET',
      serviceName: 'vpc',
      contentType: 'application/json',
    };
  }
}

function officialClient({
  accessKey,
  secretKey,
  sessionToken,
}: {
  accessKey: string;
  secretKey: string;
  sessionToken?: string;
}) {
  return new Client({
    host: new URL(real.url).host,
    protocol: 'http',
    region: 'cn-beijing',
    accessKeyId: accessKey,
    secretAccessKey: secretKey,
    autoRetry: false,
    ...(sessionToken === undefined ? {} : { sessionToken }),
  });
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

  const authorization = (change: (value: string) => string) => (it: Outgoing) => {
    it.headers.Authorization = change(String(it.headers.Authorization));
  };

  it.each<[string, CallOptions, number, string, number?]>([
    [
      'no Authorization',
      { tamper: (it) => delete it.headers.Authorization },
      401,
      'MissingAuthenticationToken',
      100003,
    ],
    [
      'another scheme',
      { tamper: authorization((it) => it.replace('HMAC-SHA256', 'AWS4-HMAC-SHA256')) },
      400,
      'InvalidAuthorization',
    ],
    [
      'a part twice',
      { tamper: authorization((it) => `${it}, SignedHeaders=host`) },
      400,
      'InvalidAuthorization',
    ],
    [
      'no signature',
      { tamper: authorization((it) => it.replace(/, Signature.*/, '')) },
      401,
      'MissingSignature',
      100005,
    ],
    [
      'a changed signature',
      { tamper: authorization((it) => it.replace(/.$/, (last) => (last === '0' ? '1' : '0'))) },
      401,
      'SignatureDoesNotMatch',
      100010,
    ],
    [
      'an upper-case signature',
      { tamper: authorization((it) => it.replace(/[^=]+$/, (hex) => hex.toUpperCase())) },
      401,
      'SignatureDoesNotMatch',
      100010,
    ],
    [
      'a cut signature',
      { tamper: authorization((it) => it.slice(0, -1)) },
      401,
      'SignatureDoesNotMatch',
      100010,
    ],
    [
      'a short scope',
      { tamper: authorization((it) => it.replace('/vpc/request', '/request')) },
      400,
      'InvalidCredential',
    ],
    ['another service', { service: 'ecs' }, 400, 'InvalidCredential'],
    [
      'another day in the scope',
      { tamper: authorization((it) => it.replace('20260304', '20260305')) },
      400,
      'InvalidCredential',
    ],
    [
      'another region in the scope',
      { tamper: authorization((it) => it.replace('cn-beijing', 'cn-shanghai')) },
      401,
      'SignatureDoesNotMatch',
      100010,
    ],
    [
      'an unknown access key',
      { credential: { ...LASTING, accessKey: 'nobody' } },
      401,
      'InvalidAccessKey',
      100009,
    ],
    [
      'another secret',
      { credential: { ...LASTING, secretKey: 'wrong' } },
      401,
      'SignatureDoesNotMatch',
      100010,
    ],
    ['no X-Date', { tamper: (it) => delete it.headers['X-Date'] }, 400, 'MissingRequestInfo', 100004],
    [
      'X-Date in another form',
      { tamper: (it) => (it.headers['X-Date'] = '2026-03-04T05:06:07Z') },
      400,
      'InvalidTimestamp',
      100006,
    ],
    [
      'an X-Date that is no time',
      { tamper: (it) => (it.headers['X-Date'] = '20261304T050607Z') },
      400,
      'InvalidTimestamp',
      100006,
    ],
    [
      'a changed X-Date',
      { tamper: (it) => (it.headers['X-Date'] = '20260304T050608Z') },
      401,
      'SignatureDoesNotMatch',
      100010,
    ],
    [
      'X-Date sent twice',
      { tamper: (it) => (it.headers['X-Date'] = [`${it.headers['X-Date']}`, '20260304T050608Z']) },
      400,
      'InvalidAuthorization',
    ],
    [
      'Authorization sent twice',
      { tamper: (it) => (it.headers.Authorization = [`${it.headers.Authorization}`, 'x']) },
      400,
      'InvalidAuthorization',
    ],
    ['16 minutes late', { date: new Date(NOW - 16 * 60_000) }, 400, 'InvalidTimestamp', 100006],
    ['16 minutes early', { date: new Date(NOW + 16 * 60_000) }, 400, 'InvalidTimestamp', 100006],
    [
      'a changed Host',
      { tamper: (it) => (it.headers.Host = 'localhost:80') },
      401,
      'SignatureDoesNotMatch',
      100010,
    ],
    [
      'Host without its port',
      { tamper: (it) => (it.headers.Host = '127.0.0.1') },
      401,
      'SignatureDoesNotMatch',
      100010,
    ],
    [
      'an unsigned Host',
      { tamper: authorization((it) => it.replace('host;', '')) },
      400,
      'InvalidAuthorization',
    ],
    [
      'an unsigned X-Date',
      { tamper: authorization((it) => it.replace(';x-date', '')) },
      400,
      'InvalidAuthorization',
    ],
    [
      'signed headers out of order',
      { tamper: authorization((it) => it.replace('host;x-date', 'x-date;host')) },
      400,
      'InvalidAuthorization',
    ],
    [
      'signed headers in upper case',
      { tamper: authorization((it) => it.replace('host;', 'Host;')) },
      400,
      'InvalidAuthorization',
    ],
    [
      'a signed header that is not sent',
      { headers: { 'X-Trace': '1' }, tamper: (it) => delete it.headers['X-Trace'] },
      401,
      'SignatureDoesNotMatch',
      100010,
    ],
    [
      'a changed signed header',
      { headers: { 'X-Trace': '1' }, tamper: (it) => (it.headers['X-Trace'] = '2') },
      401,
      'SignatureDoesNotMatch',
      100010,
    ],
    [
      'a changed parameter',
      { tamper: (it) => (it.target = it.target.replace('MaxResults=5', 'MaxResults=6')) },
      401,
      'SignatureDoesNotMatch',
      100010,
    ],
    [
      'an added parameter',
      { tamper: (it) => (it.target += '&Status=Active') },
      401,
      'SignatureDoesNotMatch',
      100010,
    ],
    [
      'a parameter less',
      { tamper: (it) => (it.target = it.target.replace('&MaxResults=5', '')) },
      401,
      'SignatureDoesNotMatch',
      100010,
    ],
    [
      'a body that was not signed',
      { tamper: (it) => addBody(it, 'x') },
      401,
      'SignatureDoesNotMatch',
      100010,
    ],
    [
      'an unsigned X-Content-Sha256',
      { tamper: (it) => (it.headers['X-Content-Sha256'] = 'f'.repeat(64)) },
      400,
      'InvalidAuthorization',
    ],
    [
      'an X-Content-Sha256 of another body',
      { headers: { 'X-Content-Sha256': 'f'.repeat(64) } },
      401,
      'SignatureDoesNotMatch',
      100010,
    ],
    [
      'an unsigned X-Security-Token',
      { tamper: (it) => (it.headers['X-Security-Token'] = 'mine') },
      400,
      'InvalidAuthorization',
    ],
    [
      'a token with a lasting credential',
      { credential: { ...LASTING, sessionToken: 'mine' } },
      401,
      'InvalidSecretToken',
    ],
    ['another token', { credential: { ...TEMPORARY, sessionToken: 'mine' } }, 401, 'InvalidSecretToken'],
    [
      'no token with a temporary credential',
      { credential: { accessKey: TEMPORARY.accessKey, secretKey: TEMPORARY.secretKey } },
      401,
      'InvalidSecretToken',
    ],
  ])('is refused with %s', async (_, options, status, code, codeN) => {
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

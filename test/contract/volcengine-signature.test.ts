import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Signer } from '@volcengine/openapi';
import { Client, Command } from '@volcengine/sdk-core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signGet } from '../../lib/volcengine/sign.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom(...`!'()*~-_.%+&=/?:@ $,;"冻结é😀`), maxLength: 20 }),
);
/** No key is all digits: @volcengine/openapi sorts into an object, whose order puts those first. */
const key = fc.tuple(fc.constantFrom('a', 'Z', '_', '冻'), text).map((parts) => parts.join(''));
const flowLogIds = fc
  .array(text, { minLength: 1, maxLength: 100 })
  .map((ids) => Object.fromEntries(ids.map((id, index) => [`FlowLogIds.${index + 1}`, id])));
const query = fc.oneof(fc.dictionary(key, text, { noNullPrototype: true }), flowLogIds);
const headerText = fc.stringMatching(/^[\x21-\x7e]{1,60}$/);
const credentials = fc.record(
  {
    accessKeyId: headerText,
    secretAccessKey: fc.string({ minLength: 1, unit: 'grapheme' }),
    sessionToken: headerText,
  },
  { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
);
const KEYS = { accessKeyId: 'AK', secretAccessKey: 'SK' };
const hundredIds = Object.fromEntries(
  Array.from({ length: 100 }, (_, index) => [`FlowLogIds.${index + 1}`, `fl-${index}!'()*`]),
);
/** In the alphabet of a TRN, `:` and `/` are the ones to escape. */
const assumeRole = {
  RoleTrn: 'trn:iam::2100000001:role/flow-logs',
  RoleSessionName: 'flow-log-activator',
  DurationSeconds: '3600',
  Action: 'AssumeRole',
  Version: '2018-01-01',
};

describe('the Signer of @volcengine/openapi', () => {
  test('agrees, whatever is signed', () => {
    const day = new Date('2026-01-01');
    fc.assert(
      fc.property(
        query,
        credentials,
        fc.constantFrom('vpc', 'sts'),
        fc.constantFrom('cn-beijing', 'ap-southeast-1'),
        fc.constantFrom('open.volcengineapi.com', 'localhost:3000', '[::1]:8080'),
        fc.date({ min: new Date('2020-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
        (params, keys, service, region, host, date) => {
          const theirs = { region, method: 'GET', params, headers: { Host: host } as Record<string, string> };
          const { secretAccessKey, ...rest } = keys;
          new Signer(theirs, service).addAuthorization({ ...rest, secretKey: secretAccessKey }, date);
          const request = { service, region, host, query: params, timeMs: date.getTime() };
          const ours = signGet({ credentials: keys, ...request });
          expect(ours.headers.authorization).toBe(theirs.headers.Authorization);
          expect(ours.headers['x-date']).toBe(theirs.headers['X-Date']);
          expect(ours.headers['x-security-token']).toBe(theirs.headers['X-Security-Token']);
        },
      ),
      {
        examples: [
          [hundredIds, { ...KEYS, sessionToken: 'T' }, 'vpc', 'cn-beijing', 'localhost:3000', day],
          [assumeRole, KEYS, 'sts', 'cn-beijing', 'open.volcengineapi.com', day],
        ],
        numRuns: 100,
        seed: 20200401,
      },
    );
  });
});

class DescribeFlowLogs extends Command {
  constructor(params: Record<string, string>) {
    super(params);
    this.requestConfig = { method: 'GET', serviceName: 'vpc', params };
  }
}

describe('a live client of @volcengine/sdk-core', () => {
  const received: Pick<IncomingMessage, 'headers' | 'url'>[] = [];
  const server = createServer((request, response) => {
    received.push({ headers: request.headers, url: request.url });
    response.setHeader('content-type', 'application/json').end('{"ResponseMetadata":{"RequestId":"r"}}');
  });
  beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'));
  afterAll(() => once(server.close(), 'close'));

  const endpointOf = () => {
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { host, protocol: 'http', region: 'cn-beijing' } as const;
  };
  type Signed = Pick<Parameters<typeof signGet>[0], 'credentials' | 'service' | 'query'>;
  /** We would have sent the same. */
  const expectAlike = (request: (typeof received)[number] | undefined, signed: Signed) => {
    const { host, region } = endpointOf();
    const timeMs = toTimeMs(String(request?.headers['x-date']));
    const ours = signGet({ ...signed, region, host, timeMs });
    expect(request?.url).toBe(ours.path);
    expect(request?.headers).toMatchObject(ours.headers);
  };

  test('assumes a role by a request that we would sign alike', async () => {
    const client = { ...KEYS, ...endpointOf() };
    const assumeRoleParams = { ...client, accountId: '2100000001', roleName: 'flow-logs' };
    const call = new DescribeFlowLogs({ Action: 'DescribeFlowLogs' });
    await new Client({ ...client, assumeRoleParams, autoRetry: false }).send(call);
    // The first of two: the call itself comes after it.
    const [request] = received.splice(0);
    const sent = new URL(request?.url ?? '', 'http://sts').searchParams;
    const query = { ...assumeRole, RoleSessionName: sent.get('RoleSessionName') ?? '' };
    expectAlike(request, { credentials: KEYS, service: 'sts', query });
  });

  test('sends what we would sign', async () => {
    const sendAndCompare = async (params: Record<string, string>, keys: Signed['credentials']) => {
      const client = new Client({ ...keys, ...endpointOf(), autoRetry: false });
      await client.send(new DescribeFlowLogs(params));
      expectAlike(received.pop(), { credentials: keys, service: 'vpc', query: params });
    };
    await fc.assert(
      fc.asyncProperty(
        query.map((params) => ({ ...params, Action: 'DescribeFlowLogs' })),
        credentials,
        sendAndCompare,
      ),
      {
        examples: [
          [hundredIds, KEYS],
          [
            { ClientToken: 'a b', FlowLogId: "!'()*" },
            { ...KEYS, sessionToken: 'T+/=' },
          ],
        ],
        numRuns: 50,
        seed: 20200401,
      },
    );
    expect(received).toEqual([]);
  });
});

function toTimeMs(basic: string): number {
  return Date.parse(basic.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, '$1-$2-$3:$4:$5'));
}

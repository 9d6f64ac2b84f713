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
          new Signer(theirs, service).addAuthorization(
            {
              accessKeyId: keys.accessKeyId,
              secretKey: keys.secretAccessKey,
              sessionToken: keys.sessionToken,
            },
            date,
          );
          const ours = signGet({
            credentials: keys,
            service,
            region,
            host,
            query: params,
            timeMs: date.getTime(),
          });
          expect(ours.headers.authorization).toBe(theirs.headers.Authorization);
          expect(ours.headers['x-date']).toBe(theirs.headers['X-Date']);
          expect(ours.headers['x-security-token']).toBe(theirs.headers['X-Security-Token']);
        },
      ),
      {
        examples: [
          [
            hundredIds,
            { accessKeyId: 'AK', secretAccessKey: 'SK', sessionToken: 'T' },
            'vpc',
            'cn-beijing',
            'localhost:3000',
            new Date('2026-01-01'),
          ],
          [
            assumeRole,
            { accessKeyId: 'AK', secretAccessKey: 'SK' },
            'sts',
            'cn-beijing',
            'open.volcengineapi.com',
            new Date('2026-01-01'),
          ],
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

  test('assumes a role by a request that we would sign alike', async () => {
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const keys = { accessKeyId: 'AK', secretAccessKey: 'SK' };
    const endpoint = { host, protocol: 'http', region: 'cn-beijing' } as const;
    const assumeRoleParams = { ...keys, ...endpoint, accountId: '2100000001', roleName: 'flow-logs' };
    const client = new Client({ ...keys, ...endpoint, assumeRoleParams, autoRetry: false });
    await client.send(new DescribeFlowLogs({ Action: 'DescribeFlowLogs' }));
    // The first of two: the call itself comes after it.
    const [request] = received.splice(0);
    const sent = new URL(request?.url ?? '', 'http://sts').searchParams;
    const ours = signGet({
      credentials: keys,
      service: 'sts',
      region: 'cn-beijing',
      host,
      query: { ...assumeRole, RoleSessionName: sent.get('RoleSessionName') ?? '' },
      timeMs: toTimeMs(String(request?.headers['x-date'])),
    });
    expect(request?.url).toBe(ours.path);
    expect(request?.headers).toMatchObject(ours.headers);
  });

  test('sends what we would sign', async () => {
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const sendAndCompare = async (
      params: Record<string, string>,
      keys: { accessKeyId: string; secretAccessKey: string; sessionToken?: string },
    ) => {
      const client = new Client({ ...keys, host, protocol: 'http', region: 'cn-beijing', autoRetry: false });
      await client.send(new DescribeFlowLogs(params));
      const request = received.pop();
      const timeMs = toTimeMs(String(request?.headers['x-date']));
      const ours = signGet({
        credentials: keys,
        service: 'vpc',
        region: 'cn-beijing',
        host,
        query: params,
        timeMs,
      });
      expect(request?.url).toBe(ours.path);
      expect(request?.headers).toMatchObject(ours.headers);
    };
    await fc.assert(
      fc.asyncProperty(
        query.map((params) => ({ ...params, Action: 'DescribeFlowLogs' })),
        credentials,
        sendAndCompare,
      ),
      {
        examples: [
          [hundredIds, { accessKeyId: 'AK', secretAccessKey: 'SK' }],
          [
            { ClientToken: 'a b', FlowLogId: "!'()*" },
            { accessKeyId: 'AK', secretAccessKey: 'SK', sessionToken: 'T+/=' },
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

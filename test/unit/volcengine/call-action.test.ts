import { describe, expect, test } from 'vitest';
import type { CallTarget } from '../../../lib/volcengine/hosts.ts';
import {
  apiOver,
  apiWith,
  CREDENTIALS,
  REQUEST,
  refusal,
  scriptedTransport,
  success,
} from './scripted-transport.ts';

describe('InvalidTimestamp', () => {
  const refused = (date?: string) =>
    refusal(400, { Code: 'InvalidTimestamp' }, date === undefined ? {} : { date });

  test('corrects the clock by the answer, and the next request is signed by it', async () => {
    const { api, transport } = apiWith(refused('Thu, 01 Jan 2026 05:00:00 GMT'), success({}));
    expect(await api.activeFlowLog(REQUEST)).toMatchObject({ kind: 'retry', soon: true });
    expect(await api.activeFlowLog(REQUEST)).toMatchObject({ kind: 'accepted' });
    const dates = transport.requests.map(({ headers }) => headers['x-date']);
    expect(dates).toEqual(['20260101T000000Z', '20260101T050000Z']);
  });

  test.each([undefined, 'garbage', 'Thu, 01 Jan 1970 00:00:00 GMT'])(
    'is no hurry with the Date %s',
    async (date) => {
      const { api, transport } = apiWith(refused(date), success({}));
      expect(await api.activeFlowLog(REQUEST)).toStrictEqual({ kind: 'retry', error: expect.anything() });
      await api.activeFlowLog(REQUEST);
      expect(transport.requests[1]?.headers['x-date']).toBe('20260101T000000Z');
    },
  );

  test('other errors do not touch the clock', async () => {
    const date = 'Thu, 01 Jan 2026 05:00:00 GMT';
    const { api, transport } = apiWith(refusal(500, { Code: 'InternalError' }, { date }), success({}));
    await api.activeFlowLog(REQUEST);
    await api.activeFlowLog(REQUEST);
    expect(transport.requests[1]?.headers['x-date']).toBe('20260101T000000Z');
  });
});

test('what this deployment does not serve is held, and not sent', async () => {
  const transport = scriptedTransport();
  const api = apiOver(transport, { scopeRefusal: ({ region }) => `the region ${region} is not enabled` });
  expect(await api.activeFlowLog(REQUEST)).toEqual({
    kind: 'hold',
    error: { code: 'ScopeRefused', message: 'the region cn-beijing is not enabled' },
    unsent: true,
  });
  expect(await api.describeFlowLogs(REQUEST.flowLog, ['fl-1'])).toMatchObject({ kind: 'hold', unsent: true });
  expect(transport.requests).toEqual([]);
});

describe('credentials', () => {
  test.each([
    ['InvalidAccessKey', 401, true],
    ['SignatureDoesNotMatch', 401, true],
    ['InvalidSecretToken', 401, true],
    ['Novel', 401, true],
    ['AccessDenied', 403, false],
    ['InternalError', 500, false],
  ])(
    'after %s (%i) they are refreshed: %s, once, and for that account only',
    async (Code, status, refreshed) => {
      const asked: [string, boolean | undefined][] = [];
      const transport = scriptedTransport(refusal(status, { Code }), success({}));
      const api = apiOver(transport, {
        credentials: async (account, options) => {
          asked.push([account, options?.refresh]);
          return CREDENTIALS;
        },
      });
      const other = { ...REQUEST, flowLog: { ...REQUEST.flowLog, account: 'other' } };
      for (const request of [REQUEST, other, REQUEST, REQUEST]) await api.activeFlowLog(request);
      expect(asked).toEqual([
        ['main', undefined],
        ['other', undefined],
        ['main', refreshed ? true : undefined],
        ['main', undefined],
      ]);
    },
  );

  test.each([
    ['cannot be parsed', '{"secretKey":"hunter2'],
    ['has no key id', '{"secretAccessKey":"hunter2"}'],
    ['has no secret', '{"accessKeyId":"AK","secretAccessKey":""}'],
    ['has a number for a secret', '{"accessKeyId":"AK","secretAccessKey":7}'],
    ['has a line break in it', '{"accessKeyId":"AK\\n","secretAccessKey":"hunter2"}'],
    [
      'has an odd session token',
      '{"accessKeyId":"AK","secretAccessKey":"SK","sessionToken":"hunter2\\r\\n"}',
    ],
    ['is null', 'null'],
  ])('hold, without a request or a secret, when the stored secret %s', async (_name, stored) => {
    const transport = scriptedTransport(success({}));
    const api = apiOver(transport, { credentials: async () => JSON.parse(stored) });
    const outcome = await api.activeFlowLog(REQUEST);
    expect(outcome).toMatchObject({ kind: 'hold', error: { code: 'CredentialsUnavailable' } });
    expect(JSON.stringify(outcome)).not.toContain('hunter2');
    expect(transport.requests).toEqual([]);
  });

  test('asks for a refresh again while the provider fails', async () => {
    const asked: (boolean | undefined)[] = [];
    const api = apiOver(scriptedTransport(refusal(401, { Code: 'InvalidAccessKey' })), {
      credentials: async (_account, options) => {
        asked.push(options?.refresh);
        if (asked.length === 2) throw new Error('unavailable');
        return CREDENTIALS;
      },
    });
    for (let call = 0; call < 3; call++) await api.activeFlowLog(REQUEST);
    expect(asked).toEqual([undefined, true, true]);
  });
});

test('each call can have a transport of its own, and is signed for its host', async () => {
  const near = scriptedTransport(success({}));
  const far = { ...scriptedTransport(success({})), host: 'vpc.ap-southeast-2.volcengineapi.com' };
  const targets: CallTarget[] = [];
  const api = apiOver(near, {
    transport: (target) => {
      targets.push(target);
      return target.region === 'ap-southeast-2' ? far : near;
    },
  });
  await api.activeFlowLog(REQUEST);
  await api.describeFlowLogs({ account: 'second', region: 'ap-southeast-2' }, ['fl-1']);
  expect(targets).toEqual([
    { account: 'main', service: 'vpc', region: 'cn-beijing' },
    { account: 'second', service: 'vpc', region: 'ap-southeast-2' },
  ]);
  expect(near.requests.map(({ headers }) => headers.host)).toEqual(['volcengine.test']);
  expect(far.requests.map(({ headers }) => headers.host)).toEqual(['vpc.ap-southeast-2.volcengineapi.com']);
});

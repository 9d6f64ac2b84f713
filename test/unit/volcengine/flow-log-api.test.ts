import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ERROR_TABLE } from '../../../lib/volcengine/error-table.ts';
import type { NetworkFailure } from '../../../lib/volcengine/network-failure.ts';
import type { VolcengineReply } from '../../../lib/volcengine/response-collector.ts';
import { apiWith, CREDENTIALS, REQUEST, refusal, reply, success } from './scripted-transport.ts';

const activate = (given: VolcengineReply | NetworkFailure) => apiWith(given).api.activeFlowLog(REQUEST);

describe('activeFlowLog', () => {
  test('is one signed request with the token, and accepted by its RequestId', async () => {
    const { api, transport } = apiWith(success({ RequestId: 'inner' }));
    expect(await api.activeFlowLog(REQUEST)).toStrictEqual({ kind: 'accepted', requestId: 'request-1' });
    expect(transport.queries()).toEqual([
      { Action: 'ActiveFlowLog', Version: '2020-04-01', FlowLogId: 'fl-1', ClientToken: 'client-token' },
    ]);
    expect(transport.requests[0]?.headers).toMatchObject({
      host: 'volcengine.test',
      'x-date': '20260101T000000Z',
      'x-security-token': CREDENTIALS.sessionToken,
      authorization: expect.stringContaining('Credential=AKLTexample-key/20260101/cn-beijing/vpc/request'),
    });
  });

  test('names the task that it started, if Volcengine does', async () => {
    const accepted = { kind: 'accepted', requestId: 'request-1' };
    const named = await activate(success({ AsyncTaskId: 'task-1' }));
    expect(named).toStrictEqual({ ...accepted, asyncTaskId: 'task-1' });
    for (const AsyncTaskId of ['', null, true, {}]) {
      expect(await activate(success({ AsyncTaskId }))).toStrictEqual(accepted);
    }
    const body = '{"ResponseMetadata":{"RequestId":"r"},"Result":{"AsyncTaskId":12345678901234567890}}';
    expect(await activate({ ...success({}), body })).toMatchObject({ asyncTaskId: '12345678901234567890' });
    expect(await activate(success({ AsyncTaskId: 7 }))).toMatchObject({ asyncTaskId: '7' });
    const long = await activate(success({ AsyncTaskId: `${'t'.repeat(127)}\u{1f600}` }));
    expect(long).toMatchObject({ asyncTaskId: `${'t'.repeat(127)}\ufffd` });
  });

  test.each([
    ['ResponseMetadata alone', { ResponseMetadata: { RequestId: 'r' } }],
    ['Result alone', { ResponseMetadata: {}, Result: { RequestId: 'r' } }],
    ['Error null', { ResponseMetadata: { RequestId: 'r', Error: null }, Result: null }],
  ])('accepted: the RequestId in %s', async (_name, body) => {
    expect(await activate(reply(body))).toStrictEqual({ kind: 'accepted', requestId: 'r' });
  });

  test.each([
    ['empty', { Code: '', CodeN: 0, Message: '' }],
    ['with no more than a CodeN', { CodeN: 0 }],
    ['empty, its CodeN a text', { Code: '', CodeN: '0' }],
    ['of nulls', { Code: null, CodeN: null, Message: null }],
  ])('accepted: beside a Result an Error %s is none', async (_name, error) => {
    for (const Result of [{ RequestId: 'inner' }, {}, null]) {
      const body = { ResponseMetadata: { RequestId: 'r', Error: error }, Result };
      expect(await activate(reply(body))).toStrictEqual({ kind: 'accepted', requestId: 'r' });
      expect(await activate(reply(body, 500))).toMatchObject({ kind: 'retry' });
    }
    const alone = { ResponseMetadata: { RequestId: 'r', Error: error } };
    expect(await activate(reply(alone))).toMatchObject({ kind: 'retry' });
  });

  test('an Error with a CodeN, or with anything for a Code, is one', async () => {
    for (const error of [{ Code: '', CodeN: 100018 }, { Code: ' ' }, { Code: false }, { CodeN: -1 }, '', 0]) {
      const body = { ResponseMetadata: { RequestId: 'r', Error: error }, Result: {} };
      expect((await activate(reply(body))).kind).not.toBe('accepted');
    }
  });

  test('a byte order mark before the JSON is no part of it', async () => {
    const body = JSON.stringify({ ResponseMetadata: { RequestId: 'r' }, Result: {} });
    expect(await activate(reply(`\uFEFF${body}`))).toMatchObject({ kind: 'accepted' });
    const error = JSON.stringify({ ResponseMetadata: { Error: { Code: 'InvalidFlowLog.NotFound' } } });
    expect(await activate(reply(`\uFEFF${error}`, 404))).toMatchObject({ reason: 'not-found' });
  });

  test.each([
    ['InvalidFlowLog.NotFound', 404, { kind: 'dead-letter', reason: 'not-found' }],
    ['InvalidAccessKey', 401, { kind: 'hold' }],
    ['Throttling', 400, { kind: 'throttled' }],
    ['InternalError', 500, { kind: 'retry' }],
    ['Novel', 400, { kind: 'dead-letter', reason: 'unexpected' }],
    ['Novel', 503, { kind: 'retry' }],
  ])('the simple shape of an error, %s with %i', async (errorcode, status, expected) => {
    const message = 'the message';
    for (const HTTPCode of [status, String(status)]) {
      for (const wire of [status, 200]) {
        const outcome = await activate(reply({ HTTPCode, errorcode, message }, wire));
        expect(outcome).toMatchObject({ ...expected, error: { code: errorcode, message, httpStatus: wire } });
      }
    }
  });

  test('the simple shape can say freeze, or a number; without a code it is foreign', async () => {
    const frozen = { HTTPCode: 400, errorcode: 'InvalidFlowLog.InvalidStatus', message: 'in freeze' };
    expect(await activate(reply(frozen, 400))).toMatchObject({ reason: 'frozen' });
    const throttled = { HTTPCode: 429, errorcode: 100018 };
    expect(await activate(reply(throttled, 400))).toMatchObject({ kind: 'throttled' });
    const foreign = { kind: 'hold', error: { code: 'InvalidBody' } };
    expect(await activate(reply({ HTTPCode: 404, errorcode: '', message: '' }, 404))).toMatchObject(foreign);
  });

  test.each([
    ['no RequestId', { ResponseMetadata: { Action: 'ActiveFlowLog' }, Result: {} }],
    ['a RequestId that is none', { ResponseMetadata: { RequestId: 7 }, Result: { RequestId: [] } }],
    ['no envelope', { RequestId: 'r' }],
    ['an array', [{ ResponseMetadata: { RequestId: 'r' } }]],
    ['a list as metadata', { ResponseMetadata: [] }],
    ['JSON null', 'null'],
    ['nothing', ''],
    ['HTML', '<html>OK</html>'],
    ['half a reply', '{"ResponseMetadata":{"RequestId":"r"'],
  ])('ambiguous, so retry: a 200 with %s', async (_name, body) => {
    const outcome = await activate(reply(body));
    expect(outcome).toMatchObject({ kind: 'retry', error: { code: 'InvalidBody', httpStatus: 200 } });
  });

  test.each(ERROR_TABLE)(
    '$code is heeded in a 200 as in its own status',
    async ({ code, documentedStatus, decision }) => {
      for (const status of [200, ...documentedStatus]) {
        const outcome = await activate(refusal(status, { Code: code, Message: 'frozen? no: a message' }));
        const expected = code === 'InvalidFlowLog.InvalidStatus' ? 'dead-letter' : decision.kind;
        expect(outcome).toMatchObject({
          kind: expected,
          error: { code, message: 'frozen? no: a message', httpStatus: status, requestId: 'request-1' },
        });
      }
    },
  );

  test.each([
    ['Code a number', { Code: 100018 }, 400, 'throttled', { code: 'FlowLimitExceeded' }],
    ['CodeN a string', { Code: 'Novel', CodeN: '100018' }, 400, 'throttled', { code: 'Novel' }],
    ['Error a code', 'InternalError', 200, 'retry', { code: 'InternalError' }],
    ['Error a sentence', 'it broke', 500, 'retry', { code: 'NoErrorCode', message: 'it broke' }],
    ['Error empty', {}, 200, 'retry', { code: 'NoErrorCode' }],
    ['Error false', false, 200, 'retry', {}],
    ['Message an object', { Code: 'AccessDenied', Message: {} }, 403, 'hold', { message: 'HTTP 403' }],
  ])('types swapped: %s', async (_name, given, status, kind, error) => {
    expect(await activate(refusal(status, given))).toMatchObject({ kind, error });
  });

  test('types swapped: Error a list', async () => {
    const unexpected = { kind: 'dead-letter', reason: 'unexpected' };
    expect(await activate(refusal(400, [{ Code: 'InternalError' }]))).toMatchObject(unexpected);
  });

  test('an error status without an error in it is no success', async () => {
    const body = { ResponseMetadata: { RequestId: 'r' } };
    expect(await activate(reply(body, 500))).toMatchObject({ kind: 'retry', error: { requestId: 'r' } });
    expect(await activate(reply(body, 302))).toMatchObject({ kind: 'hold' });
    expect(await activate(reply(body, 418))).toMatchObject({ kind: 'dead-letter', reason: 'unexpected' });
  });

  test('a foreign 404 does not mean that the flow log is missing', async () => {
    expect(await activate(reply('<html>Not Found</html>', 404))).toMatchObject({ kind: 'hold' });
    expect(await activate(reply({ message: 'no Route matched' }, 404))).toMatchObject({ kind: 'hold' });
  });

  test('a failure of the way', async () => {
    const error = { code: 'ConnectionReset', message: 'read ECONNRESET' } as const;
    expect(await activate({ kind: 'network-failure', ...error })).toStrictEqual({ kind: 'retry', error });
  });

  test('Retry-After, of Volcengine or of a gateway', async () => {
    const error = { Code: 'FlowLimitExceeded' };
    const throttled = await activate(refusal(429, error, { retryAfter: '7' }));
    expect(throttled).toMatchObject({ kind: 'throttled', retryAfterMs: 7000 });
    const busy = await activate(reply('', 503, { retryAfter: '7' }));
    expect(busy).toMatchObject({ kind: 'retry', retryAfterMs: 7000 });
    expect(await activate(reply('', 503, { retryAfter: 'x' }))).not.toHaveProperty('retryAfterMs');
  });

  test('keeps 500 characters of a message, and no credential that it quotes', async () => {
    const long = `x-security-token:${CREDENTIALS.sessionToken} ${CREDENTIALS.secretAccessKey} AKLTexample-key Signature=0f0f `;
    const outcome = await activate(
      refusal(400, { Code: `C${'c'.repeat(1000)}`, Message: long.padEnd(2000, '冻') }),
    );
    if (!('error' in outcome)) throw new Error('no error');
    expect(outcome.error.message).toHaveLength(500);
    expect(outcome.error.message).toContain('x-security-token:*** *** *** Signature=*** 冻');
    expect(outcome.error.code).toHaveLength(128);
  });

  test('never throws, and never accepts what carries an error, whatever JSON comes', async () => {
    const json = fc.jsonValue();
    const envelope = fc.record({
      ResponseMetadata: fc.record({ RequestId: json, Error: json }),
      Result: json,
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(json, envelope), fc.integer({ min: 200, max: 599 }), async (body, status) => {
        const outcome = await activate(reply(JSON.stringify(body), status));
        const metadata = Object(Object(body).ResponseMetadata);
        if (outcome.kind === 'accepted') {
          expect(status).toBeLessThan(300);
          const { Code, CodeN } = Object(metadata.Error);
          expect(['', null, undefined]).toContain(Code);
          expect(['', '0', 0, null, undefined]).toContain(CodeN);
        }
      }),
      { seed: 20200401 },
    );
  });
});

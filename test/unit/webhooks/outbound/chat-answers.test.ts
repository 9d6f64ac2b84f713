import { describe, expect, test } from 'vitest';
import { CHAT_ANSWERS, classifyChatAttempt } from '../../../../lib/webhooks/outbound/chat/chat-answers.ts';
import { CHAT_FORMATS, type ChatFormatName } from '../../../../lib/webhooks/outbound/chat/chat-messages.ts';

const judge = (format: ChatFormatName, body: string, httpStatus = 200, retryAfterMs?: number) =>
  classifyChatAttempt(format, { kind: 'response', httpStatus, excerpt: 'why', body }, retryAfterMs);
const said = (format: ChatFormatName, code: string | number) =>
  format === 'slack' ? String(code) : JSON.stringify({ errcode: Number(code), errmsg: 'why' });

describe('delivered is what the chat says so of, with a success:', () => {
  test.each<[ChatFormatName, string]>([
    ['feishu', '{"code":0,"msg":"success","data":{}}'],
    ['feishu', '{"Extra":null,"StatusCode":0,"StatusMessage":"success"}'],
    ['lark', '{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}'],
    ['dingtalk', '{"errcode":0,"errmsg":"ok"}'],
    ['wecom', '{"errcode":0,"errmsg":"ok"}'],
    ['slack', 'ok'],
    ['slack', 'ok\n'],
  ])('%s %s', (format, body) => {
    expect(judge(format, body)).toEqual({ kind: 'delivered', signal: { kind: 'up' } });
    expect(judge(format, body, 502).kind).toBe('retry');
  });

  test.each(CHAT_FORMATS)('%s: not an empty body, a page, or another JSON', (format) => {
    for (const body of [
      '',
      '<html>ok</html>',
      '{}',
      '[0]',
      'null',
      '{"code":null}',
      '{"errcode":"x"}',
      'OK',
    ]) {
      expect([body, judge(format, body)]).toMatchObject([body, { kind: 'retry', signal: { kind: 'up' } }]);
    }
  });
});

describe.each(CHAT_FORMATS)('%s', (format) => {
  test.each(Object.entries(CHAT_ANSWERS[format]))('%s', (code, answer) => {
    const verdict = judge(format, said(format, code));
    expect(verdict).toMatchObject({ failure: { httpStatus: 200, code, excerpt: 'why' } });
    if (answer.kind === 'refused') {
      expect(verdict).toMatchObject({ kind: 'refused', signal: { kind: 'up' } });
      return;
    }
    const { afterMs } = answer;
    expect(verdict).toMatchObject({
      kind: 'retry',
      retryAfterMs: afterMs,
      signal: { kind: 'down', retryAfterMs: afterMs },
    });
    expect(judge(format, said(format, code), 429, afterMs + 1)).toMatchObject({ retryAfterMs: afterMs + 1 });
  });
});

test.each<[ChatFormatName, string, string]>([
  ['feishu', 'a wrong signature or clock', said('feishu', 19021)],
  ['feishu', 'an address that is not on the list', said('feishu', 19022)],
  ['feishu', 'a keyword that is missing', said('feishu', 19024)],
  ['dingtalk', 'a wrong signature, clock, keyword or address', said('dingtalk', 310000)],
  ['dingtalk', 'a busy system', said('dingtalk', -1)],
  ['wecom', 'a busy system', said('wecom', -1)],
  ['slack', 'a fault of its own', 'rollup_error'],
  ['feishu', 'a code of a later version', '{"code":"77777"}'],
])('%s is tried again after %s', (format, _what, body) => {
  expect(judge(format, body)).toMatchObject({ kind: 'retry', failure: { code: expect.any(String) } });
});

test('without a chat’s word the status decides, as for any endpoint', () => {
  expect(judge('slack', '<html>', 503)).toMatchObject({ kind: 'retry', signal: { kind: 'down' } });
  expect(judge('wecom', '', 410)).toMatchObject({ kind: 'gone' });
  expect(judge('feishu', '', 429, 7_000)).toMatchObject({ kind: 'retry', retryAfterMs: 7_000 });
  const none = { kind: 'no-response', code: 'ECONNRESET', message: 'm' } as const;
  expect(classifyChatAttempt('slack', none, undefined)).toMatchObject({
    kind: 'retry',
    signal: { kind: 'down' },
  });
});

test('an error in JSON, and a limit that Slack names, are read too', () => {
  expect(judge('slack', '{"ok":false,"error":"invalid_token"}', 403)).toMatchObject({
    kind: 'refused',
    failure: { code: 'invalid_token' },
  });
});

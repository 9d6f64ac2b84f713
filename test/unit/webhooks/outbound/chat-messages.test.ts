import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EVENT_SCHEMAS } from '../../../../events/event-schemas.ts';
import {
  activationCompletedExample,
  activationFailedExample,
  activationSubmittedExample,
  batchCompletedExample,
  batchPlannedExample,
  deactivationCompletedExample,
  deactivationFailedExample,
  deactivationSubmittedExample,
  flowLogDriftedExample,
  policyRunCompletedExample,
} from '../../../../events/golden-examples.ts';
import { CHAT_FORMATS, chatRequest } from '../../../../lib/webhooks/outbound/chat/chat-messages.ts';
import { noticeOf } from '../../../../lib/webhooks/outbound/chat/notice.ts';
import type { CloudEvent } from '../../../../lib/webhooks/outbound/messages.ts';
import { CHATS, hmacSha256 } from '../../../support/fakes/chat-receivers.ts';

const PAGE = 'https://console.example.com/';
const AT = 1_599_360_473_123;
const FLOW_LOG = 'fl-2d6m9xk4q8zy85oxruvg1';

const DEACTIVATED = deactivationCompletedExample.data.flowLogId;

const eventOf = (example: object, data: object = {}): CloudEvent => {
  const given = { ...example } as CloudEvent & { data: object };
  return { ...given, data: { ...given.data, ...data } };
};
const bodyOf = (...parameters: Parameters<typeof chatRequest>) => JSON.parse(chatRequest(...parameters).body);

describe('a notice', () => {
  test.each<[object, string]>([
    [activationSubmittedExample, `Flow log ${FLOW_LOG}: activation submitted`],
    [activationCompletedExample, `Flow log ${FLOW_LOG} is Active`],
    [activationFailedExample, `Flow log ${FLOW_LOG} was not activated: frozen`],
    [flowLogDriftedExample, `Flow log ${FLOW_LOG} is no longer Active: frozen`],
    [batchCompletedExample, 'Flow log batch b-0123456789abcdef0123456789abcdef has ended'],
    [deactivationSubmittedExample, `Flow log ${DEACTIVATED}: deactivation submitted`],
    [deactivationCompletedExample, `Flow log ${DEACTIVATED} is Inactive`],
    [
      deactivationFailedExample,
      `Flow log ${DEACTIVATED} was not deactivated: ${deactivationFailedExample.data.reason}`,
    ],
    [policyRunCompletedExample, 'Flow log policy keep-active: 2 gaps'],
    [batchPlannedExample, 'Flow log schedule flow-log-activator-dev-scheduled-batch: plan'],
    [
      { ...activationFailedExample, type: 'flow-log-later.kind.v1' },
      `Flow log activator, flow-log-later.kind.v1: ${FLOW_LOG}`,
    ],
  ])('says what has happened to what', (example, title) => {
    expect(noticeOf(eventOf(example)).title).toBe(title);
  });

  test('of a failure names flow log, account, region, reason and last error, and says what now', () => {
    const { facts, whatNow, link } = noticeOf(eventOf(activationFailedExample), PAGE);
    expect(Object.fromEntries(facts)).toEqual({
      'flow log': FLOW_LOG,
      account: 'default',
      region: 'cn-beijing',
      reason: 'frozen',
      'last error': 'InvalidFlowLog.InvalidStatus: The flow log is in freeze status.',
      calls: '1',
    });
    expect(whatNow).toBe(
      'Pay the overdue bill of the Volcengine account, or have it unlocked. Then redrive.',
    );
    const id = 'default.cn-beijing.fl-2d6m9xk4q8zy85oxruvg1.b-0123456789abcdef0123456789abcdef';
    expect(link).toBe(`${PAGE}#/activations/${id}`);
  });

  test('of a batch names counts and reasons, and links to it', () => {
    const { facts, link } = noticeOf(eventOf(batchCompletedExample), PAGE);
    expect(Object.fromEntries(facts)).toMatchObject({
      'flow logs': '12',
      counts: 'completed 9, failed 3',
      reasons: 'frozen 2, not-found 1',
    });
    expect(link).toBe(`${PAGE}#/batches/b-0123456789abcdef0123456789abcdef`);
  });

  test('of a policy says what is not as it wants, and what nobody could read', () => {
    expect(Object.fromEntries(noticeOf(eventOf(policyRunCompletedExample)).facts)).toEqual({
      'accounts and regions not read': '1',
      counts: 'compliant 2963, gap 2, excluded 3, repaired 31',
      kinds: 'frozen 1, inactive 1',
    });
    const well = eventOf(policyRunCompletedExample, { counts: { gap: 0 }, kinds: {}, unreadTotal: 0 });
    expect(noticeOf(well)).toMatchObject({ title: 'Flow log policy keep-active: no gaps', facts: [] });
  });

  test.each(Object.keys(EVENT_SCHEMAS))('of %s has a title of its own', (type) => {
    const { title } = noticeOf({ specversion: '1.0', id: 'i', type, subject: 'x' });
    expect(title).toMatch(/^Flow log (?!activator,)/);
  });

  test('has no link where no page is configured, and takes a reason of a later version for unexpected', () => {
    const notice = noticeOf(eventOf(activationFailedExample, { reason: 'toString' }));
    expect(notice.link).toBeUndefined();
    expect(notice.whatNow).toBe('Look at the last error. When its cause is gone, redrive.');
  });

  test('is of short lines, whatever the event has', () => {
    const message = `\u202e one\r\ntwo\u0000${'x'.repeat(5_000)}`;
    const { facts } = noticeOf(eventOf(activationFailedExample, { lastError: { code: 'C', message } }));
    expect(Object.fromEntries(facts)['last error']).toMatch(/^C: one two x{100,200}…$/);
    expect(noticeOf({ specversion: '1.0', id: 'i', type: 't', data: 7 } as CloudEvent)).toEqual({
      title: 'Flow log activator, t: ',
      facts: [],
    });
  });
});

const INJECTION =
  '<at user_id="all">x</at> <at id=all></at> <@all> @all <!channel> <https://evil.test|click> [click](https://evil.test) ![x](https://evil.test) **bold** `code` # head & &lt;';
const injected = (example: object) =>
  eventOf(example, { lastError: { code: 'C', message: INJECTION }, reason: INJECTION });

describe('a message', () => {
  const examples = [
    activationFailedExample,
    flowLogDriftedExample,
    batchCompletedExample,
    batchPlannedExample,
  ];

  test.each(CHAT_FORMATS)(
    'in the format %s is as its documentation says, also with the longest texts',
    (format) => {
      const long = (character: string) =>
        eventOf(activationFailedExample, {
          flowLogId: character.repeat(9_999),
          reason: character.repeat(9_999),
        });
      const events = [
        ...examples.map((example) => eventOf(example)),
        long('W'),
        long('汉'),
        long('😀'),
        injected(activationFailedExample),
      ];
      for (const event of events) {
        const { body, headers } = chatRequest(format, noticeOf(event, PAGE), AT);
        expect(headers['content-type']).toContain('application/json');
        const query = new URLSearchParams({ access_token: 'token', key: 'token' });
        const request = { query, bytes: Buffer.byteLength(body), body: JSON.parse(body) };
        const said = CHATS[format](request, undefined, AT).body;
        expect(said).toMatch(/^ok$|"code":0|"errcode":0/);
        expect(body.isWellFormed()).toBe(true);
      }
    },
  );

  test.each(CHAT_FORMATS)('in the format %s is one for any event at all', (format) => {
    const odd = fc.record({
      type: fc.string({ minLength: 1, unit: 'binary' }),
      subject: fc.anything(),
      data: fc.anything(),
    });
    fc.assert(
      fc.property(odd, (given) => {
        const notice = noticeOf({ specversion: '1.0', id: 'i', ...given }, PAGE);
        expect(notice.title).toMatch(/^Flow log/);
        const { body } = chatRequest(format, notice, AT);
        const query = new URLSearchParams({ access_token: 'token', key: 'token' });
        const request = { query, bytes: Buffer.byteLength(body), body: JSON.parse(body) };
        expect(CHATS[format](request, undefined, AT).body).toMatch(/^ok$|"code":0|"errcode":0/);
      }),
      { numRuns: 50 },
    );
  });

  test('in WeCom has no mark of its own in a text from outside', () => {
    const { content } = bodyOf('wecom', noticeOf(injected(activationFailedExample)), AT).markdown;
    const [title = '', ...lines] = content.split('\n');
    expect(title).toMatch(/^\*\*[^<>[\]()*`#@!]+\*\*$/);
    for (const line of lines.filter((text: string) => text.startsWith('>'))) {
      expect(line).toMatch(/^>[^<>[\]()*`#@!]+$/);
    }
  });

  test('in Slack has texts from outside in plain_text alone, and escaped for notifications', () => {
    const { text, blocks } = bodyOf('slack', noticeOf(injected(activationFailedExample)), AT);
    expect(text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
    expect(JSON.stringify(blocks)).not.toContain('mrkdwn');
  });

  test('in Feishu and Lark has texts from outside in text elements alone, in DingTalk in a plain text that mentions nobody', () => {
    for (const format of ['feishu', 'lark'] as const) {
      const { post } = bodyOf(format, noticeOf(injected(activationFailedExample), PAGE), AT).content;
      const [{ content }] = Object.values<{ content: { tag: string }[][] }>(post) as [
        { content: { tag: string }[][] },
      ];
      expect(new Set(content.flat().map(({ tag }) => tag))).toEqual(new Set(['text', 'a']));
    }
    expect(bodyOf('dingtalk', noticeOf(injected(activationFailedExample)), AT)).toMatchObject({
      msgtype: 'text',
      at: { isAtAll: false },
    });
  });
});

describe('a signature', () => {
  const notice = noticeOf(eventOf(activationCompletedExample));

  test('the judge of it knows HMAC: RFC 4231, test case 2', () => {
    expect(hmacSha256('Jefe', 'what do ya want for nothing?').toString('hex')).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  // The values are from Python's hmac, by the samples on the pages of both.
  test.each(['feishu', 'lark'] as const)('in %s is in the body, by seconds', (format) => {
    expect(bodyOf(format, notice, AT, 'SECdocumentation')).toMatchObject({
      timestamp: '1599360473',
      sign: 'kU+VY9VHM7sf2C+BkI7u6SvYn2fEvmBF9xgoZlPxcEw=',
    });
    expect(bodyOf(format, notice, AT)).not.toHaveProperty('sign');
  });

  test('in DingTalk is in the query, by milliseconds', () => {
    const { query } = chatRequest('dingtalk', notice, AT, 'this is secret');
    expect(query).toEqual({
      timestamp: '1599360473123',
      sign: decodeURIComponent('0eVlIU0GooHVuIBX6FZ86JNxxfy4qwhOlP5JU2uHmq4%3D'),
    });
    expect(chatRequest('dingtalk', notice, AT).query).toBeUndefined();
  });
});

import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { activationFailedExample, flowLogDriftedExample } from '../../events/golden-examples.ts';
import { createEndpoints, webhookEndpointSettings } from '../../functions/wiring/webhook-endpoints.ts';
import { readSettings } from '../../lib/config/settings.ts';
import { CHAT_FORMATS } from '../../lib/webhooks/outbound/chat/chat-messages.ts';
import { deliverWebhook } from '../../lib/webhooks/outbound/deliver-webhook.ts';
import { type ChatAnswer, startChat } from '../support/fakes/chat-receivers.ts';
import { RecordingLog } from '../support/fakes/ports.ts';
import { RecordingDeliveryMetrics, RecordingWebhookQueue } from '../support/fakes/webhook-queue.ts';

const event = { ...activationFailedExample, specversion: '1.0' as const };
const SIGNED = ['feishu', 'lark', 'dingtalk'] as const;
const SECRET = 'SEC0123456789abcdef';

/** Endpoints as the function has them, and one delivery to `chat`. */
function senderTo(options: object, secrets: Record<string, string> = {}, skewMs = 0) {
  const printed: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    const spy = vi.spyOn(stream, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
    onTestFinished(() => spy.mockRestore());
  }
  const settings = readSettings(webhookEndpointSettings, {
    WEBHOOK_ENDPOINTS: JSON.stringify({ chat: options }),
    WEBHOOK_EGRESS: 'unrestricted',
  });
  const fetchSecret = async (secretId: string) => secrets[secretId];
  const endpoints = createEndpoints(settings, { fetchSecret });
  const queue = new RecordingWebhookQueue();
  const log = new RecordingLog();
  const now = () => Date.now() + skewMs;
  const metrics = new RecordingDeliveryMetrics();
  const deps = { endpoints, queue, metrics, log, now, random: () => 0.5, retryBaseMs: 2_000 };
  const deliver = (told: typeof event | typeof flowLogDriftedExample = event) =>
    deliverWebhook(
      deps,
      { endpoint: 'chat', attempt: 1, firstAt: now(), event: { ...told, specversion: '1.0' } },
      now() + 60_000,
    );
  return { deliver, queue, log, printed: () => JSON.stringify([printed, log.lines, queue]) };
}

test.each(CHAT_FORMATS)('%s takes what is sent without a signature', async (format) => {
  const chat = await startChat(format);
  const { deliver } = senderTo({ format, url: chat.url, console: 'https://console.example.com/' });
  expect(await deliver()).toBe('delivered');
  expect(await deliver(flowLogDriftedExample)).toBe('delivered');
  const [said] = chat.received;
  const { flowLogId, account, region, reason } = event.data;
  for (const told of [flowLogId, account, region, reason, 'Pay the overdue bill', '#/activations/']) {
    expect(JSON.stringify(said?.body)).toContain(told);
  }
});

describe.each(SIGNED)('the bot of %s that asks for a signature', (format) => {
  test('takes it, and is tried again with a wrong secret or clock', async () => {
    const chat = await startChat(format, { secret: SECRET });
    const to = (secrets: unknown, skewMs?: number) =>
      senderTo({ format, url: chat.url, secrets }, {}, skewMs);
    expect(await to([SECRET]).deliver()).toBe('delivered');
    const wrong = to(['SECwrong']);
    expect(await wrong.deliver()).toBe('retry');
    expect(wrong.log.lines).toMatchObject([{ fields: { code: format === 'dingtalk' ? '310000' : '19021' } }]);
    expect(await to([SECRET], 3_700_000).deliver()).toBe('retry');
    expect(await to(undefined).deliver()).toBe('retry');
  });

  test('has its secret and its URL in secrets, which nothing prints', async () => {
    const chat = await startChat(format, { secret: SECRET });
    const secrets: Record<string, string> = { url: `${chat.url}\n`, key: SECRET };
    const options = { format, url: { secretId: 'url' }, secrets: [{ secretId: 'key' }] };
    const { deliver, printed } = senderTo(options, secrets);
    expect(await deliver()).toBe('delivered');
    expect(await deliver()).toBe('delivered');
    expect(chat.received).toHaveLength(2);
    expect(printed()).not.toContain(SECRET);
    expect(printed()).not.toContain(new URL(chat.url).host);
  });
});

describe('a URL in a secret', () => {
  test.each([
    ['there is none', undefined],
    ['is no URL', 'hunter2'],
    ['has a user name', 'https://hunter2:pass@chat.example.com/'],
  ])('%s: the attempt fails, is tried again, and the log does not repeat it', async (_what, stored) => {
    const { deliver, queue, printed } = senderTo(
      { format: 'slack', url: { secretId: 'url' } },
      stored === undefined ? {} : { url: stored },
    );
    expect(await deliver()).toBe('retry');
    expect(queue.sent).toMatchObject([{ delivery: { lastFailure: { code: 'SecretUnavailable' } } }]);
    expect(printed()).not.toContain('hunter2');
  });
});

type Told = ChatAnswer & { result: string };

describe('the answer of the chat decides:', () => {
  test.each<[(typeof CHAT_FORMATS)[number], string, Told]>([
    ['feishu', 'too many', { body: '{"code":11232,"msg":"frequency limited"}', result: 'retry' }],
    ['feishu', 'no bot', { body: '{"code":19001,"msg":"param invalid"}', result: 'dead-lettered' }],
    ['dingtalk', 'too many', { body: '{"errcode":130101,"errmsg":"send too fast"}', result: 'retry' }],
    [
      'dingtalk',
      'no bot',
      { body: '{"errcode":300005,"errmsg":"token is not exist"}', result: 'dead-lettered' },
    ],
    ['wecom', 'too many', { body: '{"errcode":45009,"errmsg":"api freq out of limit"}', result: 'retry' }],
    [
      'wecom',
      'no bot',
      { body: '{"errcode":93000,"errmsg":"invalid webhook url"}', result: 'dead-lettered' },
    ],
    [
      'slack',
      'too many',
      { status: 429, body: 'rate_limited', headers: { 'retry-after': '77' }, result: 'retry' },
    ],
    ['slack', 'no bot', { status: 403, body: 'invalid_token', result: 'dead-lettered' }],
  ])('%s, %s', async (format, what, { result, ...answer }) => {
    const chat = await startChat(format, { answers: [answer] });
    const { deliver, queue } = senderTo({ format, url: chat.url });
    expect(await deliver()).toBe(result);
    if (what === 'no bot') {
      expect(queue.deadLetters).toMatchObject([{ endpoint: 'chat', reason: 'refused' }]);
      expect(await deliver()).toBe('delivered');
      return;
    }
    const waitMs = { feishu: 60_000, lark: 60_000, dingtalk: 600_000, wecom: 60_000, slack: 77_000 }[format];
    expect(queue.sent[0]?.delayMs).toBeGreaterThanOrEqual(waitMs);
    // Nothing more is sent to it meanwhile.
    expect(await deliver()).toBe('deferred');
    expect(queue.sent[1]?.delayMs).toBeGreaterThan(waitMs - 10_000);
    expect(chat.received).toHaveLength(1);
  });

  test('a message with the URL of the bot in it is not repeated', async () => {
    const chat = await startChat('slack', { answers: [] });
    chat.answers.push({ status: 500, body: `no ${chat.url} here` });
    const { deliver, printed } = senderTo({ format: 'slack', url: chat.url });
    expect(await deliver()).toBe('retry');
    expect(printed()).not.toContain('secret-token');
  });
});

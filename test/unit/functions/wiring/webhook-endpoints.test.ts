import { describe, expect, test } from 'vitest';
import { createEndpoints, webhookEndpointSettings } from '../../../../functions/wiring/webhook-endpoints.ts';
import { readSettings } from '../../../../lib/config/settings.ts';

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const siem = { url: 'https://siem.example.com/in', secrets: [SECRET] };

const endpointsOf = (endpoints: unknown, environment: Record<string, string> = {}) =>
  createEndpoints(
    readSettings(webhookEndpointSettings, { WEBHOOK_ENDPOINTS: JSON.stringify(endpoints), ...environment }),
  );

test('without the variable there are no endpoints', () => {
  expect(createEndpoints(readSettings(webhookEndpointSettings, {})).size).toBe(0);
  expect(endpointsOf({}).size).toBe(0);
});

test('each endpoint has its name, its types and a key for each secret', async () => {
  const endpoints = endpointsOf({
    siem,
    chat: { ...siem, secrets: [SECRET, SECRET], types: ['flow-log-batch'] },
    kept: { ...siem, secrets: [{ secretId: 'flow-log-activator/dev/webhook-endpoints/kept' }] },
  });
  expect([...endpoints.keys()]).toEqual(['siem', 'chat', 'kept']);
  expect(endpoints.get('siem')?.types).toBeUndefined();
  expect(endpoints.get('chat')?.types).toEqual(['flow-log-batch']);
  expect(await endpoints.get('chat')?.signingKeys()).toHaveLength(2);
});

describe('is refused, naming the place and never a secret:', () => {
  const refuses = (endpoints: unknown, message: string) => {
    expect(() => endpointsOf(endpoints)).toThrow(message);
    expect(() => endpointsOf(endpoints)).not.toThrow(/whsec_visible|u:visible|7/);
  };

  test.each([
    ['a list', [siem], 'WEBHOOK_ENDPOINTS must be a JSON object'],
    ['an odd name', { 'a b': siem }, 'entry 1 must have a name of 1 to 64 letters, digits, - or _'],
    ['no object', { siem: 'visible' }, 'siem must be an object'],
  ])('%s', (_name, endpoints, message) => refuses(endpoints, message));

  test.each<[string, object, string]>([
    ['no url', { url: undefined }, 'siem.url is missing'],
    ['no URL', { url: 'siem' }, 'siem.url must be a URL'],
    ['plain HTTP', { url: 'http://siem.example.com/' }, 'siem.url must be an https URL'],
    ['a private address', { url: 'https://10.0.0.1/' }, 'siem.url must not have an address'],
    ['another scheme', { url: 'ftp://h/' }, 'siem.url must be an https URL, or an http URL where'],
    ['half of a URL', { url: 'https:h' }, 'siem.url must be a URL'],
    ['a blank before it', { url: ' https://h/' }, 'siem.url must be a URL'],
    ['the port 0', { url: 'https://h:0/' }, 'siem.url must not have the port 0'],
    ['credentials', { url: 'https://u:visible@h/' }, 'siem.url must not have a user name'],
    ['no secrets', { secrets: [] }, 'siem.secrets must have at least one secret'],
    ['one secret', { secrets: SECRET }, 'siem.secrets must be a list'],
    ['a short secret', { secrets: ['whsec_visible'] }, 'siem.secrets.0 must be whsec_'],
    ['another secret', { secrets: [7] }, 'siem.secrets.0 must be text or {"secretId": "…"}'],
    ['no types', { types: [] }, 'siem.types must have at least one event type'],
    ['odd types', { types: ['a.*'] }, 'siem.types.0 must be an event type'],
    ['an unknown key', { visible: 1 }, 'siem.visible is not an option'],
    ['an unknown key beside secretId', { secrets: [{ secretId: 's', visible: 1 }] }, 'siem.secrets.0'],
  ])('%s', (_name, change, message) => refuses({ siem: { ...siem, ...change } }, message));

  test.each<[string, object, string]>([
    ['an unknown format', { format: 'visible' }, 'chat.format must be one of standard, feishu, lark'],
    ['no url', { url: undefined }, 'chat.url is missing'],
    ['a URL of plain HTTP', { url: 'http://open.feishu.cn/' }, 'chat.url must be an https URL'],
    ['a url that is no secret', { url: { secret: 'visible' } }, 'chat.url.secret'],
    ['two secrets', { secrets: ['a', 'b'] }, 'chat.secrets must have one secret in this format'],
    ['a secret of two lines', { secrets: ['visible\n'] }, 'chat.secrets.0 must be 1 to 256 visible'],
    ['a page that is no URL', { console: 'visible' }, 'chat.console must be a URL'],
    [
      'a secret where none is signed with',
      { format: 'slack', secrets: ['visible'] },
      'chat.secrets is not an option',
    ],
    ['a secret in WeCom', { format: 'wecom', secrets: ['visible'] }, 'chat.secrets is not an option'],
  ])('a chat with %s', (_name, change, message) =>
    refuses({ chat: { format: 'feishu', url: 'https://open.feishu.cn/visible', ...change } }, message),
  );

  test('a page, or a URL in a secret, of an endpoint that is no chat', () => {
    refuses({ siem: { ...siem, console: 'https://visible/' } }, 'siem.console is not an option');
    refuses({ siem: { ...siem, url: { secretId: 'visible' } } }, 'siem.url must be');
  });

  test('text that is not JSON', () => {
    expect(() => readSettings(webhookEndpointSettings, { WEBHOOK_ENDPOINTS: SECRET })).toThrow(
      /^the environment is not usable: WEBHOOK_ENDPOINTS must be a JSON object$/,
    );
  });

  test('all problems at once', () => {
    const wrong = { a: { ...siem, url: 'http://x/' }, b: { ...siem, url: 'https://[::1]/' }, c: siem };
    expect(() => endpointsOf(wrong)).toThrow(
      /a\.url must be an https URL; .*b\.url must not have an address/,
    );
  });
});

test('a chat is one by its format, with its URL in a secret or not', () => {
  const url = { secretId: 'flow-log-activator/dev/webhook-endpoints/chat-url' };
  const endpoints = endpointsOf({
    siem: { ...siem, format: 'standard' },
    feishu: {
      format: 'feishu',
      url,
      secrets: [{ secretId: 'flow-log-activator/dev/webhook-endpoints/chat' }],
    },
    slack: { format: 'slack', url: 'https://hooks.slack.com/services/T0', types: ['flow-log.drifted'] },
  });
  expect([...endpoints].map(([name, { chat, types }]) => [name, chat !== undefined, types])).toEqual([
    ['siem', false, undefined],
    ['feishu', true, undefined],
    ['slack', true, ['flow-log.drifted']],
  ]);
});

test('unrestricted accepts a receiver on this machine', () => {
  const local = { local: { ...siem, url: 'http://127.0.0.1:4000/' } };
  expect(endpointsOf(local, { WEBHOOK_EGRESS: 'unrestricted' }).size).toBe(1);
  expect(() => endpointsOf(local, { WEBHOOK_EGRESS: 'anything' })).toThrow('must be one of public-https');
});

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { onTestFinished } from 'vitest';
import { closeServer, listenOnLoopback } from '../../../local/loopback-server.ts';

/*
 * The chats' side of a bot, as their documentation has it. Nothing here is shared with the code that sends: HMAC is
 * RFC 2104 over the hash function alone.
 */

const BLOCK_BYTES = 64;

export function hmacSha256(key: string, message: string): Buffer {
  const sha256 = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  const given = Buffer.from(key);
  const padded = Buffer.alloc(BLOCK_BYTES);
  (given.length > BLOCK_BYTES ? sha256(given) : given).copy(padded);
  const inner = sha256(Buffer.from(padded.map((byte) => byte ^ 0x36)), Buffer.from(message));
  return sha256(Buffer.from(padded.map((byte) => byte ^ 0x5c)), inner);
}

export type ChatRequest = { query: URLSearchParams; bytes: number; body: unknown };
export type ChatAnswer = { status?: number; body: string; headers?: Record<string, string> };
type Chat = (request: ChatRequest, secret: string | undefined, now: number) => ChatAnswer;

const HOUR_MS = 3_600_000;
const json = (body: object, status = 200): ChatAnswer => ({ status, body: JSON.stringify(body) });

const FeishuPost = v.strictObject({
  timestamp: v.optional(v.pipe(v.string(), v.digits())),
  sign: v.optional(v.string()),
  msg_type: v.literal('post'),
  content: v.strictObject({
    post: v.record(
      v.picklist(['zh_cn', 'en_us']),
      v.strictObject({
        title: v.string(),
        content: v.array(
          v.array(
            v.variant('tag', [
              v.strictObject({ tag: v.literal('text'), text: v.string() }),
              v.strictObject({ tag: v.literal('a'), text: v.string(), href: v.pipe(v.string(), v.url()) }),
            ]),
          ),
        ),
      }),
    ),
  }),
});

const feishu: Chat = ({ body, bytes }, secret, now) => {
  if (bytes > 20_000 || !v.is(FeishuPost, body))
    return json({ code: 9499, msg: 'Bad Request', data: {} }, 400);
  const { timestamp = '0', sign = '' } = body;
  const isNow = Math.abs(now - Number(timestamp) * 1_000) <= HOUR_MS;
  const expected = secret && hmacSha256(`${timestamp}\n${secret}`, '').toString('base64');
  if (secret && !(isNow && sign === expected)) {
    return json({
      code: 19021,
      msg: 'sign match fail or timestamp is not within one hour from current time',
    });
  }
  return json({ StatusCode: 0, StatusMessage: 'success', code: 0, data: {}, msg: 'success' });
};

const DingTalkText = v.strictObject({
  msgtype: v.literal('text'),
  text: v.strictObject({ content: v.pipe(v.string(), v.minLength(1)) }),
  at: v.strictObject({ isAtAll: v.literal(false) }),
});

const dingtalk: Chat = ({ body, query, bytes }, secret, now) => {
  if (query.get('access_token') !== 'token') return json({ errcode: 300005, errmsg: 'token is not exist' });
  if (bytes > 20_000 || !v.is(DingTalkText, body))
    return json({ errcode: 40035, errmsg: 'missing parameter' });
  const timestamp = query.get('timestamp') ?? '';
  const isNow = /^\d{13}$/.test(timestamp) && Math.abs(now - Number(timestamp)) <= HOUR_MS;
  if (secret && !isNow) return json({ errcode: 310000, errmsg: 'description:timestamp 无效' });
  if (secret && query.get('sign') !== hmacSha256(secret, `${timestamp}\n${secret}`).toString('base64')) {
    return json({ errcode: 310000, errmsg: 'description:机器人发送签名不匹配' });
  }
  return json({ errcode: 0, errmsg: 'ok' });
};

const WeComMarkdown = v.strictObject({
  msgtype: v.literal('markdown'),
  markdown: v.strictObject({
    content: v.pipe(
      v.string(),
      v.check((content) => Buffer.byteLength(content) <= 4_096),
    ),
  }),
});

const wecom: Chat = ({ body, query }) => {
  if (query.get('key') !== 'token') return json({ errcode: 93000, errmsg: 'invalid webhook url' });
  if (!v.is(WeComMarkdown, body)) return json({ errcode: 40008, errmsg: 'invalid message type' });
  return json({ errcode: 0, errmsg: 'ok' });
};

const plain = (max: number) =>
  v.strictObject({
    type: v.literal('plain_text'),
    text: v.pipe(v.string(), v.minLength(1), v.maxLength(max)),
    emoji: v.literal(false),
  });
const SlackMessage = v.strictObject({
  text: v.pipe(v.string(), v.minLength(1)),
  unfurl_links: v.literal(false),
  unfurl_media: v.literal(false),
  blocks: v.array(
    v.union([
      v.strictObject({ type: v.literal('header'), text: plain(150) }),
      v.strictObject({
        type: v.literal('section'),
        fields: v.pipe(v.array(plain(2_000)), v.minLength(1), v.maxLength(10)),
      }),
      v.strictObject({ type: v.literal('section'), text: plain(3_000) }),
      v.strictObject({
        type: v.literal('section'),
        text: v.strictObject({
          type: v.literal('mrkdwn'),
          text: v.pipe(v.string(), v.regex(/^<https?:[^<>|]+\|Open>$/)),
        }),
      }),
    ]),
  ),
});

const slack: Chat = ({ body }) =>
  v.is(SlackMessage, body) ? { body: 'ok' } : { status: 400, body: 'invalid_payload' };

export const CHATS = { feishu, lark: feishu, dingtalk, wecom, slack } satisfies Record<string, Chat>;

/** Starts a bot, until the test is over. `answers`: what it says first, whatever comes; then it judges. */
export async function startChat(
  name: keyof typeof CHATS,
  options: { secret?: string; now?: () => number; answers?: ChatAnswer[] } = {},
) {
  const { secret, now = Date.now, answers = [] } = options;
  const received: ChatRequest[] = [];
  const server = createServer(async (message, response) => {
    const request = await read(message);
    received.push(request);
    const { status = 200, body, headers = {} } = answers.shift() ?? CHATS[name](request, secret, now());
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  });
  const port = await listenOnLoopback(server, 0);
  onTestFinished(() => closeServer(server));
  const token = {
    feishu: '/hook/secret-token',
    lark: '/hook/secret-token',
    slack: '/services/T0/B0/secret-token',
  };
  const paths = { ...token, dingtalk: '/robot/send?access_token=token', wecom: '/webhook/send?key=token' };
  return { url: `http://127.0.0.1:${port}${paths[name]}`, received, answers };
}

async function read(message: IncomingMessage): Promise<ChatRequest> {
  const body = await text(message);
  const { searchParams } = new URL(message.url ?? '/', 'http://localhost');
  const isJson = message.method === 'POST' && message.headers['content-type']?.startsWith('application/json');
  return { query: searchParams, bytes: Buffer.byteLength(body), body: isJson ? JSON.parse(body) : undefined };
}
